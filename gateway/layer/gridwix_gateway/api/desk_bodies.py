"""Models of the request bodies of ``/desk/v1``, the routes for the hub's employees."""

import html
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from gridwix_gateway.api.bodies import MAX_BODY_BYTES, parse_body
from gridwix_gateway.api.messages import Request
from gridwix_gateway.documents import Document, timestamp
from gridwix_gateway.problems import FieldError, Problem

type ShortText = Annotated[str, Field(min_length=1, max_length=300)]
type LongText = Annotated[str, Field(min_length=1, max_length=10_000)]
type Key = Annotated[str, Field(min_length=1, max_length=60)]
type Identifier = Annotated[str, Field(min_length=1, max_length=100)]
type Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC)),
]
"""A time with its offset, in the range of years that the profile's timestamps can hold."""


class DeskBody(BaseModel):
    """Base of the body models: unknown members are refused, and values are not converted."""

    # Deferred: a cold start of the profile's routes builds none of these.
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, defer_build=True
    )

    def members(self) -> Document:
        """Return the members that the client sent, in camel case, with times in RFC 3339.

        Members that the client did not send are left out; their default values are not used.
        """
        found = self.model_dump(by_alias=True, exclude_unset=True)
        return {
            name: timestamp(value) if isinstance(value, datetime) else value
            for name, value in found.items()
        }


class RequestAssignment(DeskBody):
    """Body of an assignment of a collaboration request to a team or a partner."""

    team_key: Key = ""
    partner_id: Identifier = ""
    priority: Literal["low", "normal", "high", "critical"] = "normal"
    due_at: Moment | None = None
    next_step: Annotated[str, Field(max_length=1_000)] | None = None

    @model_validator(mode="after")
    def _require_one(self) -> "RequestAssignment":
        if not self.model_fields_set:
            raise ValueError("at least one member is needed")
        return self


class NoticeAudience(DeskBody):
    """Audience of a service notice: all partners, or the partners that fit one of the three lists.

    The lists name partners by id, by role and by region.
    """

    all: bool = False
    partner_ids: Annotated[list[Identifier], Field(max_length=1_000)] = Field(default_factory=list)
    roles: Annotated[list[Key], Field(max_length=50)] = Field(default_factory=list)
    regions: Annotated[list[Key], Field(max_length=50)] = Field(default_factory=list)


class AffectedComponent(DeskBody):
    """A part of the service that a service notice is about, and its state."""

    key: Key
    name: ShortText
    state: Key


class AffectedTransactionType(DeskBody):
    """A type of EDI document that a service notice is about."""

    code: Key
    standard: Key
    direction: Key = ""


class _NoticeMembers(DeskBody):
    impact: Literal["none", "minor", "major", "critical"] = "none"
    starts_at: Moment = datetime.min.replace(tzinfo=UTC)
    ends_at: Moment | None = None
    scheduled_for: Moment | None = None
    scheduled_until: Moment | None = None
    workaround: LongText | None = None
    text: LongText | None = None
    affected_components: Annotated[list[AffectedComponent], Field(max_length=100)] = Field(
        default_factory=list
    )
    affected_transaction_types: Annotated[list[AffectedTransactionType], Field(max_length=100)] = (
        Field(default_factory=list)
    )


class NewNotice(_NoticeMembers):
    """Body of a new service notice. Its plain ``text`` becomes the notice's first update."""

    kind: Literal["incident", "maintenance", "advisory"]
    title: ShortText
    audience: NoticeAudience = NoticeAudience(all=True)
    supersedes_id: Identifier | None = None


class NoticeChange(_NoticeMembers):
    """Body of an update of a service notice: new status, text of the update, changed members.

    ``to`` is the new status, ``text`` is plain text. All members are optional.
    """

    to: Key | None = None
    title: ShortText = ""
    audience: NoticeAudience = NoticeAudience(all=True)


def read_desk_body[B: DeskBody](request: Request, model: type[B]) -> B:
    """Return a request's body, parsed and validated by a pydantic model.

    Args:
        request: The request.
        model: The model of the body.

    Raises:
        Problem: ``media-type``, ``payload-too-large``, ``malformed`` or ``validation``. Errors
            repeat no value of the body.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem("media-type", "The body must be JSON.")
    if len(request.body) > MAX_BODY_BYTES:
        raise Problem("payload-too-large", "The body is larger than 1 MiB.")
    document: Any = parse_body(request.body)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)[:20]
        raise Problem(
            "validation",
            "The request is not valid.",
            [
                FieldError(
                    "".join(f"/{part}" for part in fault["loc"]), fault["type"], fault["msg"][:200]
                )
                for fault in faults
            ],
        ) from None


def text_html(text: str) -> str:
    r"""Return plain text as HTML, with a ``<p>`` for each paragraph. Markup in the text is escaped.

    >>> text_html("We found <it>.\nSoon more.\n\nBye")
    '<p>We found &lt;it&gt;.<br>Soon more.</p><p>Bye</p>'
    """
    paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n")]
    return "".join(
        f"<p>{'<br>'.join(html.escape(part).split(chr(10)))}</p>" for part in paragraphs if part
    )
