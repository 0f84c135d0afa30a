"""Declarations of targets: systems of the hub to which partners' items are delivered. Pure.

The models describe the files in ``config/gateway/targets/``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    field_validator,
    model_validator,
)

from gridwix_gateway.targets.partner_items import OPENING_KINDS, ItemKind
from gridwix_gateway.targets.templates import (
    ExpressionText,
    Template,
    TemplateFault,
    TemplateValue,
)

CONTEXT_VARIABLES = frozenset(
    {
        "accepted",
        "attached",
        "comment",
        "delivery",
        "event",
        "partner",
        "record",
        "reference",
        "step",
        "version",
    }
)
"""Names of the variables that expressions of a target may use.

``event`` is the CloudEvent, ``record`` the record as it is now, ``partner`` its partner (empty if
there is none), ``reference`` the record's id in the target's system (empty if there is none),
``delivery`` the delivery's own ``id`` and ``kind``. ``comment``, ``step``, ``version`` and
``accepted`` belong to the kinds comment, submission, document and resolution. ``attached`` tells of
a document whether its bytes are sent too.
"""

ANSWER_VARIABLES = frozenset({"answer"})
ENTRY_VARIABLES = frozenset({"entry"})

CONTENT_VARIABLES = CONTEXT_VARIABLES | ENTRY_VARIABLES
"""Variables in the request for a document's bytes: ``entry`` is the result of the first request."""

FOUND_VARIABLES = CONTENT_VARIABLES | ANSWER_VARIABLES
"""Variables of the expression that decides whether a document's bytes are there: ``answer`` too."""

DEFAULT_CONTENT_BYTES = 25_000_000
MAX_CONTENT_BYTES = 250_000_000
"""Maximum bytes of a document that a REST target can accept: the request's time is bounded, too."""

DEFAULT_ATTACHMENT_BYTES = 7_000_000
"""Default maximum of an attachment, in bytes: many mailboxes refuse messages of 10 MB, and Base64
adds a third.
"""

MAX_ATTACHMENT_BYTES = 28_000_000
"""Maximum bytes of an attachment. Amazon SES limits a message to 40 MB, in Base64."""

type Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
type MailAddress = Annotated[
    str, StringConstraints(pattern=r"^[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{3,190}$")
]
type FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
type HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,59}$")]
OWN_HEADERS = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "transfer-encoding",
    }
)
"""Headers that the gateway sets itself, so a declaration must not."""

type HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,500}$")]
type ScopeText = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e ]{1,300}$")]
type Method = Literal["POST", "PUT", "PATCH"]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PREFIX = re.compile(r"([A-Za-z0-9._=-]+/)*")


class Declaration(BaseModel):
    """Base of all models of targets: unknown fields are refused, and instances are immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BasicAuthentication(Declaration):
    """HTTP Basic authentication at a target, an external system that the gateway delivers to.

    The secret has ``username`` and ``password``.
    """

    type: Literal["basic"]
    secret: Name


class BearerAuthentication(Declaration):
    """Authentication at an external system (target) by a fixed token. The secret has ``token``."""

    type: Literal["bearer"]
    secret: Name


class ApiKeyAuthentication(Declaration):
    """Authentication at an external system (target) by an API key in a header.

    The secret has ``key``.
    """

    type: Literal["api_key"]
    header: HeaderName
    secret: Name


class OAuthAuthentication(Declaration):
    """Authentication at an external system (target) by OAuth 2.0 client credentials.

    The secret has ``client_id`` and ``client_secret``.
    """

    type: Literal["oauth"]
    token_url: str
    scope: ScopeText | None = None
    secret: Name

    @field_validator("token_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        return _checked_url(url)


type Authentication = Annotated[
    BasicAuthentication | BearerAuthentication | ApiKeyAuthentication | OAuthAuthentication,
    Field(discriminator="type"),
]


class Lookup(Declaration):
    """A search for the object that an earlier attempt has created (a retry creates no duplicate).

    Attributes:
        path: Expression of the path, behind ``base_url``.
        query: Expressions of the query parameters.
        absent: HTTP statuses that mean that nothing was created, such as 404.
        found: Expression over ``answer``, the response's JSON: true if something was created.
        entry: Expression over ``answer`` that selects the created object in the response. In the
            expressions of the delivery's ``result``, the variable ``entry`` is this object.
    """

    path: ExpressionText
    query: Mapping[str, ExpressionText] = Field(default_factory=dict)
    absent: tuple[Literal[404, 410], ...] = ()
    found: ExpressionText
    entry: ExpressionText


class Send(Declaration):
    """The request that creates or updates an object in the target's system.

    Attributes:
        method: HTTP method.
        path: Expression of the path, behind ``base_url``.
        query: Expressions of the query parameters.
        headers: Fixed headers.
        idempotency_header: Header for an idempotency key, the same in every attempt.
        body: Template of the JSON body.
        entry: Expression over ``answer``, the response's JSON (null if the body is empty), that
            selects the object in the response. In the expressions of the delivery's ``result``, the
            variable ``entry`` is this object.
    """

    method: Method = "POST"
    path: ExpressionText
    query: Mapping[str, ExpressionText] = Field(default_factory=dict)
    headers: Mapping[HeaderName, HeaderValue] = Field(default_factory=dict)
    idempotency_header: HeaderName | None = None
    body: TemplateValue
    entry: ExpressionText = "answer"

    @model_validator(mode="after")
    def _check_headers(self) -> Self:
        _check_headers(self.headers, self.idempotency_header)
        return self


class ContentLookup(Declaration):
    """A search for a document's bytes that an earlier attempt has sent (no duplicate uploads).

    Attributes:
        path: Expression of the path, behind ``base_url``.
        query: Expressions of the query parameters.
        absent: HTTP statuses that mean that the bytes were not sent, such as 404.
        found: Expression that is true if the bytes were sent. Its variables are ``answer``, the
            JSON of the response to the search; ``entry``, the object in the response to the request
            with the document's metadata (null without such a request); and those of the delivery.
    """

    path: ExpressionText
    query: Mapping[str, ExpressionText] = Field(default_factory=dict)
    absent: tuple[Literal[404, 410], ...] = ()
    found: ExpressionText


class ContentSend(Declaration):
    """The request that sends the bytes of a document.

    Attributes:
        method: HTTP method.
        path: Expression of the path, behind ``base_url``.
        query: Expressions of the query parameters.
        headers: Fixed headers.
        idempotency_header: Header for an idempotency key, the same in every attempt.
        format: ``raw``: the bytes are the body. ``multipart``: the bytes are a part of a form.
        field: Name of the form's part with the bytes.
        fields: Expressions of the form's other parts, which precede the bytes.
        file_name: Expression of the file name in the part with the bytes.
    """

    method: Method = "POST"
    path: ExpressionText
    query: Mapping[str, ExpressionText] = Field(default_factory=dict)
    headers: Mapping[HeaderName, HeaderValue] = Field(default_factory=dict)
    idempotency_header: HeaderName | None = None
    format: Literal["raw", "multipart"]
    field: FieldName = "file"
    fields: Annotated[Mapping[FieldName, ExpressionText], Field(max_length=20)] = Field(
        default_factory=dict
    )
    file_name: ExpressionText = "version.fileName"

    @model_validator(mode="after")
    def _check_members(self) -> Self:
        _check_headers(self.headers, self.idempotency_header)
        of_parts = ("field", "fields", "file_name")
        # A declaration that was written out by a program has its defaults, too.
        changed = [one for one in of_parts if getattr(self, one) != _default(ContentSend, one)]
        if self.format == "raw" and changed:
            raise ValueError(f"remove {changed[0]}: only a multipart body has parts")
        return self


class ContentDelivery(Declaration):
    """Delivery of a document's bytes, in a request after the one with its metadata.

    Attributes:
        lookup: Finds bytes that an earlier attempt has sent.
        send: Sends the bytes.
        max_bytes: Maximum size up to which the bytes are sent.
        above: Treatment of a larger document: ``dead-letter``, or ``facts``: only its metadata is
            sent, by expressions in which the variable ``attached`` is false.
    """

    lookup: ContentLookup | None = None
    send: ContentSend
    max_bytes: Annotated[int, Field(ge=1, le=MAX_CONTENT_BYTES)] = DEFAULT_CONTENT_BYTES
    above: Literal["dead-letter", "facts"] = "dead-letter"

    @model_validator(mode="after")
    def _check_once(self) -> Self:
        _require_once(self.lookup, self.send.idempotency_header)
        return self


class ResultExpressions(Declaration):
    """Expressions over ``entry``, the object in a response of the target's system.

    Attributes:
        reference: Id of the created object in the target's system.
        number: Number that people quote. It becomes the record's ``number``.
        status: State of the object in the target's system.
        statuses: The status that the gateway's record gets, by state in the target's system. A
            state without an entry, or a status that the record cannot move to, changes nothing.
        url: Web page of the object, for the hub's employees.
    """

    reference: ExpressionText
    number: ExpressionText | None = None
    status: ExpressionText | None = None
    statuses: Mapping[str, str] = Field(default_factory=dict)
    url: ExpressionText | None = None


class RestDelivery(Declaration):
    """Delivery of one kind of item to a REST API, each request with a lookup or idempotency key.

    Attributes:
        lookup: Finds the object that an earlier attempt has created.
        send: Sends the item's data. For a document it may be left out.
        result: Reads the object's id, number and state from the response.
        content: Sends the bytes of a document.
    """

    lookup: Lookup | None = None
    send: Send | None = None
    result: ResultExpressions | None = None
    content: ContentDelivery | None = None

    @model_validator(mode="after")
    def _check_once(self) -> Self:
        if self.send is not None:
            _require_once(self.lookup, self.send.idempotency_header)
        elif self.content is None:
            raise ValueError("add send: the request that delivers")
        elif self.lookup is not None or self.result is not None:
            raise ValueError("remove lookup and result, or add send: they belong to it")
        elif self.content.above == "facts":
            raise ValueError("add send: without it there are no facts to be sent")
        return self


class TargetDeclaration(Declaration):
    """Fields that the declarations of all kinds of targets have.

    Attributes:
        when: Expression; only items for which it is true are delivered. None delivers all.
    """

    when: ExpressionText | None = None


class RestTarget(TargetDeclaration):
    """Declaration of a target that is a system with a REST API.

    Attributes:
        system: Name of the system in ``externalRefs``.
        base_url: URL of the API, to which paths are appended.
        authentication: Authentication of requests.
        deliveries: How each kind of item is delivered. Kinds without an entry are not delivered.
    """

    target: Literal["rest"]
    system: Name
    base_url: str
    authentication: Authentication
    deliveries: Annotated[Mapping[ItemKind, RestDelivery], Field(min_length=1)]

    @field_validator("base_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        return _checked_url(url)

    @model_validator(mode="after")
    def _check_results(self) -> Self:
        for kind in self.deliveries.keys() & OPENING_KINDS:
            if self.deliveries[kind].result is None:
                raise ValueError(f"deliveries.{kind} needs result: later comments refer to it")
        for kind, delivery in self.deliveries.items():
            if delivery.content is not None and kind != "document":
                raise ValueError(f"remove deliveries.{kind}.content: only a document has content")
        return self

    @property
    def kinds(self) -> frozenset[ItemKind]:
        """Kinds of items from partners, such as ``comment``, that are sent to this REST API."""
        return frozenset(self.deliveries)


class MailMessage(Declaration):
    """Text of a mail about an item. Plain text: nothing that a partner wrote becomes HTML.

    Attributes:
        subject: Expression of the subject.
        lines: Expressions of the text's lines. A list gives several lines, null gives none.
    """

    subject: ExpressionText
    lines: Annotated[tuple[ExpressionText, ...], Field(min_length=1, max_length=100)]


class MailTarget(TargetDeclaration):
    """Declaration of a target that is a mailbox.

    Attributes:
        sender: Address of the sender, verified in SES.
        to: Addresses of the recipients.
        messages: Text for each kind of item. Kinds without an entry are not delivered.
        max_attachment_bytes: Maximum size of an attached document. For a larger document, the mail
            says how to fetch it.
    """

    target: Literal["mail"]
    sender: MailAddress
    to: Annotated[tuple[MailAddress, ...], Field(min_length=1, max_length=20)]
    messages: Annotated[Mapping[ItemKind, MailMessage], Field(min_length=1)]
    max_attachment_bytes: Annotated[int, Field(ge=0, le=MAX_ATTACHMENT_BYTES)] = (
        DEFAULT_ATTACHMENT_BYTES
    )

    @property
    def kinds(self) -> frozenset[ItemKind]:
        """Kinds of items from partners, such as ``comment``, that are mailed to this mailbox."""
        return frozenset(self.messages)


class FilesTarget(TargetDeclaration):
    """Declaration of a target that is a folder of a bucket: a JSON file per item, and documents.

    Attributes:
        prefix: The folder: key prefix such as ``erp/``.
        delivers: Kinds of items that are delivered.
    """

    target: Literal["files"]
    prefix: Annotated[str, StringConstraints(max_length=200)]
    delivers: Annotated[tuple[ItemKind, ...], Field(min_length=1)]

    @field_validator("prefix")
    @classmethod
    def _check_prefix(cls, prefix: str) -> str:
        if _PREFIX.fullmatch(prefix) is None or ".." in prefix:
            raise ValueError('write names of folders with a slash at the end, such as "erp/in/"')
        return prefix

    @property
    def kinds(self) -> frozenset[ItemKind]:
        """Kinds of items from partners, such as ``comment``, that are written to this folder."""
        return frozenset(self.delivers)


type AnyTarget = RestTarget | MailTarget | FilesTarget

TARGET: TypeAdapter[AnyTarget] = TypeAdapter(
    Annotated[RestTarget | MailTarget | FilesTarget, Field(discriminator="target")]
)
"""Validator of a target's declaration, of any kind."""


def template_faults(target: AnyTarget) -> Iterator[TemplateFault]:
    """Yield the faults of a target's expressions, each with its path in the declaration."""
    for path, value, variables in _templates(target):
        try:
            Template(value, variables, path)
        except TemplateFault as fault:
            yield fault


def _templates(
    target: AnyTarget,
) -> Iterator[tuple[tuple[str, ...], TemplateValue, frozenset[str]]]:
    if target.when is not None:
        yield ("when",), target.when, CONTEXT_VARIABLES
    match target:
        case RestTarget():
            for kind, delivery in target.deliveries.items():
                yield from _rest_templates(("deliveries", kind), delivery)
        case MailTarget():
            for kind, message in target.messages.items():
                path = ("messages", kind)
                yield (*path, "subject"), message.subject, CONTEXT_VARIABLES
                yield (*path, "lines"), list(message.lines), CONTEXT_VARIABLES


def _rest_templates(
    path: tuple[str, ...], delivery: RestDelivery
) -> Iterator[tuple[tuple[str, ...], TemplateValue, frozenset[str]]]:
    if (lookup := delivery.lookup) is not None:
        yield (*path, "lookup", "path"), lookup.path, CONTEXT_VARIABLES
        yield (*path, "lookup", "query"), dict(lookup.query), CONTEXT_VARIABLES
        yield (*path, "lookup", "found"), lookup.found, ANSWER_VARIABLES
        yield (*path, "lookup", "entry"), lookup.entry, ANSWER_VARIABLES
    if (send := delivery.send) is not None:
        yield (*path, "send", "path"), send.path, CONTEXT_VARIABLES
        yield (*path, "send", "query"), dict(send.query), CONTEXT_VARIABLES
        yield (*path, "send", "body"), send.body, CONTEXT_VARIABLES
        yield (*path, "send", "entry"), send.entry, ANSWER_VARIABLES
    if delivery.content is not None:
        yield from _content_templates((*path, "content"), delivery.content)
    if (result := delivery.result) is not None:
        for name in ("reference", "number", "status", "url"):
            if (source := getattr(result, name)) is not None:
                yield (*path, "result", name), source, ENTRY_VARIABLES


def _content_templates(
    path: tuple[str, ...], content: ContentDelivery
) -> Iterator[tuple[tuple[str, ...], TemplateValue, frozenset[str]]]:
    if (lookup := content.lookup) is not None:
        yield (*path, "lookup", "path"), lookup.path, CONTENT_VARIABLES
        yield (*path, "lookup", "query"), dict(lookup.query), CONTENT_VARIABLES
        yield (*path, "lookup", "found"), lookup.found, FOUND_VARIABLES
    send = content.send
    yield (*path, "send", "path"), send.path, CONTENT_VARIABLES
    yield (*path, "send", "query"), dict(send.query), CONTENT_VARIABLES
    yield (*path, "send", "fields"), dict(send.fields), CONTENT_VARIABLES
    yield (*path, "send", "file_name"), send.file_name, CONTENT_VARIABLES


def _require_once(lookup: Declaration | None, idempotency_header: str | None) -> None:
    if lookup is None and idempotency_header is None:
        message = "declare lookup, or idempotency_header: without, a lost answer delivers twice"
        raise ValueError(message)


def _default(model: type[Declaration], member: str) -> Any:
    return model.model_fields[member].get_default(call_default_factory=True)


def _check_headers(headers: Mapping[str, str], idempotency_header: str | None) -> None:
    names = [*headers, *([idempotency_header] if idempotency_header else [])]
    lowered = [name.lower() for name in names]
    if len(set(lowered)) < len(lowered):
        raise ValueError("remove the header that is there twice")
    if taken := OWN_HEADERS & set(lowered):
        raise ValueError(f"remove the header {min(taken)}: the gateway sets it")


def _checked_url(url: str) -> str:
    """Return a URL without its last slash. Raises ValueError.

    It must use HTTPS, or HTTP to this machine, and have no credentials, query or fragment.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("this is no URL: write https://host/path") from None
    is_local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or (parts.scheme != "https" and not is_local):
        raise ValueError("write a URL that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("leave the credentials out of the URL: they belong into the secret")
    if parts.query or parts.fragment:
        raise ValueError("leave out what follows ? or #: parameters belong into query")
    return url.rstrip("/")
