"""Delivers to a system with a REST API: exactly one object per item, although responses get lost.

Every attempt carries the same reference, the delivery's id. Before an attempt creates an object, it
searches the target for the reference, or it sends an idempotency key made of the reference. The
bytes of a document are a second request, with a lookup or an idempotency key of its own.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridwix_gateway.community.counterparts import Counterpart
from gridwix_gateway.targets.declarations import (
    ANSWER_VARIABLES,
    CONTEXT_VARIABLES,
    ENTRY_VARIABLES,
    Lookup,
    RestDelivery,
    RestTarget,
    ResultExpressions,
    Send,
)
from gridwix_gateway.targets.partner_items import OPENING_KINDS, ItemKind
from gridwix_gateway.targets.ports import (
    SEND_SECONDS,
    ContentFault,
    ContentReader,
    Delivered,
    DeliveryContext,
    DeliveryResult,
    Postponed,
    Rejected,
    TargetChannel,
)
from gridwix_gateway.targets.rest.answers import (
    answer_failure,
    lookup_failure,
    read_json,
    request_parameters,
    request_url,
)
from gridwix_gateway.targets.rest.authenticators import MissingSecret, RequestAuthenticator
from gridwix_gateway.targets.rest.bounded_http import CALL_SECONDS, BoundedHttp, NoAnswer
from gridwix_gateway.targets.rest.content import UPLOAD_SECONDS, ContentExchange, ContentSender
from gridwix_gateway.targets.templates import Template, TemplateFault, TemplateValue

MAX_BODY_BYTES = 256_000

KEY_NAMESPACE = uuid.UUID("6a4f5c0e-3a0b-4f0e-9d5e-2f6d1b7c8a90")
"""Namespace of idempotency keys, which are UUIDs (version 5) because many systems require that."""


class RestChannel(TargetChannel):
    """Delivers items from partners, such as comments, to a target with a REST API.

    Args:
        target: Declaration of the target.
        authenticator: Adds credentials to the requests.
        http: Sends the requests.
        contents: Reads the bytes of documents.
    """

    def __init__(
        self,
        target: RestTarget,
        authenticator: RequestAuthenticator,
        http: BoundedHttp,
        contents: ContentReader,
    ) -> None:
        self._base_url = target.base_url
        self._authenticator = authenticator
        self._http = http
        self._content = ContentSender(target.base_url, authenticator, http, contents)
        self._exchanges = {
            kind: _Exchange(delivery, is_opening=kind in OPENING_KINDS)
            for kind, delivery in target.deliveries.items()
        }

    @property
    def is_repeatable(self) -> bool:
        return True

    def seconds_needed(self, kind: ItemKind) -> float:
        has_content = self._exchanges[kind].content is not None
        # A token, a lookup and the facts; then another lookup, and the bytes.
        return SEND_SECONDS + (CALL_SECONDS + UPLOAD_SECONDS if has_content else 0.0)

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        exchange = self._exchanges[context.kind]
        if exchange.needs_reference and not context.variables["reference"]:
            return Rejected("no-reference")
        attached: bool | None = None
        if context.content is not None:
            decided = exchange.content is not None and exchange.content.decide(context)
            if isinstance(decided, Rejected):
                return decided
            attached = decided
        variables = {**context.variables, "attached": attached}
        context = DeliveryContext(context.delivery_id, context.kind, variables, context.content)
        try:
            if attached and context.content is not None:
                self._content.check(context.content)
            return self._deliver(exchange, context, is_attached=bool(attached))
        except ContentFault as fault:
            return fault.result
        except NoAnswer as error:
            # Without a connection, or a token, nobody's delivery gets through.
            is_general = error.reason in {"unreachable", "unauthorised"}
            return Postponed(error.reason, is_general=is_general)
        except MissingSecret:
            return Postponed("secret-missing", is_general=True)

    def _deliver(
        self, exchange: "_Exchange", context: DeliveryContext, *, is_attached: bool
    ) -> DeliveryResult:
        """Send an item's data, and then the bytes if the item is a document. Return the result.

        What an earlier attempt has sent already is not sent again.
        """
        made: _Made | DeliveryResult = _Made(Delivered(), None)
        if exchange.facts is not None:
            made = self._deliver_facts(exchange.facts, exchange, context)
        if not isinstance(made, _Made):
            return made
        if is_attached and exchange.content is not None:
            key = uuid.uuid5(KEY_NAMESPACE, f"{context.delivery_id}/content")
            failure = self._content.send(exchange.content, context, made.entry, key)
            if failure is not None:
                return failure
        return made.result

    def _deliver_facts(
        self, facts: "_Facts", exchange: "_Exchange", context: DeliveryContext
    ) -> "_Made | DeliveryResult":
        if exchange.lookup is not None:
            found = self._look_up(exchange.lookup, exchange, context)
            if found is not None:
                return found
        return self._send(facts, exchange, context)

    def _look_up(
        self, search: "_Search", exchange: "_Exchange", context: DeliveryContext
    ) -> "_Made | DeliveryResult | None":
        """Search the target for the object that an earlier attempt has created.

        Returns the result with the object; None if there is no object, so that it must be created;
        or a failure if the search failed, so that nothing may be created now.
        """
        answer = self._http.send(
            "GET",
            request_url(self._base_url, search.path, context.variables),
            headers=self._authenticator.headers(),
            params=request_parameters(search.query, context.variables),
        )
        if answer.status in search.absent:
            return None
        if (failure := lookup_failure(answer, self._authenticator)) is not None:
            return failure
        try:
            document = read_json(answer)
            if search.found.render({"answer": document}) is not True:
                return None
            return exchange.made(search.entry, document)
        except (TypeError, ValueError, TemplateFault):
            return Postponed("unreadable-answer")

    def _send(
        self, facts: "_Facts", exchange: "_Exchange", context: DeliveryContext
    ) -> "_Made | DeliveryResult":
        send = facts.send
        headers = {
            **send.headers,
            "Content-Type": "application/json",
            **self._authenticator.headers(),
        }
        if send.idempotency_header is not None:
            headers[send.idempotency_header] = str(uuid.uuid5(KEY_NAMESPACE, context.delivery_id))
        body = json.dumps(facts.body.render(context.variables), ensure_ascii=False).encode()
        if len(body) > MAX_BODY_BYTES:
            return Rejected("too-large")
        answer = self._http.send(
            send.method,
            request_url(self._base_url, facts.path, context.variables),
            headers=headers,
            params=request_parameters(facts.query, context.variables),
            content=body,
        )
        if (failure := answer_failure(answer, self._authenticator)) is not None:
            return failure
        try:
            return exchange.made(facts.entry, read_json(answer))
        except (TypeError, ValueError, TemplateFault):
            # A page for people, with 200: nobody knows what it means, so it is looked up.
            return Postponed("unreadable-answer")


@dataclass(frozen=True, slots=True)
class _Made:
    """Successful result of the request with an item's data.

    Attributes:
        result: The result of the delivery.
        entry: The object in the target's response that stands for the item. The declared
            expressions for the upload of a document's bytes can use it as ``entry``. None if no
            such request was sent, or if the declaration reads nothing from the response.
    """

    result: Delivered
    entry: Any


class _Search:
    """Compiled expressions of the lookup, a search for the object that a delivery has created.

    The lookup asks the external system (target) before a retry, so that a retry after a lost
    response creates no duplicate.
    """

    def __init__(self, lookup: Lookup) -> None:
        self.path = Template(lookup.path, CONTEXT_VARIABLES)
        self.query = Template(dict(lookup.query), CONTEXT_VARIABLES)
        self.found = Template(lookup.found, ANSWER_VARIABLES)
        self.entry = Template(lookup.entry, ANSWER_VARIABLES)
        self.absent = frozenset(lookup.absent)


class _Facts:
    """Compiled expressions of the request that sends an item's data to the target."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.path = Template(send.path, CONTEXT_VARIABLES)
        self.query = Template(dict(send.query), CONTEXT_VARIABLES)
        self.body = Template(send.body, CONTEXT_VARIABLES)
        self.entry = Template(send.entry, ANSWER_VARIABLES)

    @property
    def variables(self) -> frozenset[str]:
        """Names of the variables that the expressions for path, query and body use."""
        return self.path.variables | self.query.variables | self.body.variables


class _Exchange:
    """All requests that deliver one kind of item, with their expressions compiled.

    The requests are a lookup, the request with the item's data, and the upload of a document's
    bytes, as far as the target's declaration has them.
    """

    def __init__(self, delivery: RestDelivery, *, is_opening: bool) -> None:
        self.lookup = None if delivery.lookup is None else _Search(delivery.lookup)
        self.facts = None if delivery.send is None else _Facts(delivery.send)
        self.content = (
            None
            if delivery.content is None
            else ContentExchange(delivery.content, can_do_without=delivery.send is not None)
        )
        self._result = None if delivery.result is None else _Result(delivery.result)
        parts = [one for one in (self.facts, self.content) if one is not None]
        self.needs_reference = not is_opening and any("reference" in one.variables for one in parts)

    def made(self, entry: Template, document: Any) -> _Made:
        """Read the result of an item's delivery from the response of the external system (target).

        The result has the id, number and status of the object that the target has created for the
        item, as far as the declaration has expressions for them.

        Args:
            entry: Expression that selects this object in the response.
            document: The response's JSON.

        Raises:
            TemplateFault: ``entry``, or an expression of the declared result, has no value for this
                response.
            TypeError: A value is neither a text nor a number.
            ValueError: The object has no id, or a value is too long.
        """
        if self._result is None and self.content is None:
            return _Made(Delivered(), None)
        found = entry.render({"answer": document})
        if self._result is None:
            return _Made(Delivered(), found)
        return _Made(Delivered(self._result.counterpart(found)), found)


class _Result:
    """Compiled expressions that read a created object's id, number and status from a response."""

    def __init__(self, result: ResultExpressions) -> None:
        self._reference = Template(result.reference, ENTRY_VARIABLES)
        self._number = _optional_template(result.number)
        self._status = _optional_template(result.status)
        self._url = _optional_template(result.url)
        self._statuses = result.statuses

    def counterpart(self, entry: Any) -> Counterpart:
        """Return id, number, status and web page of the object that the target has created.

        They are read from ``entry``, the object in the target's response. Raises ValueError without
        an id.
        """
        variables = {"entry": entry}
        reference = _short_text(self._reference.render(variables), 200)
        if not reference:
            raise ValueError("there is no reference")
        return Counterpart(
            reference,
            _optional_text(self._number, variables, 100),
            self._statuses.get(_optional_text(self._status, variables, 100), ""),
            _page_url(_optional_text(self._url, variables, 1_000)),
        )


def _optional_template(source: TemplateValue) -> Template | None:
    return None if source is None else Template(source, ENTRY_VARIABLES)


def _optional_text(template: Template | None, variables: Mapping[str, Any], limit: int) -> str:
    return "" if template is None else _short_text(template.render(variables), limit)


def _short_text(value: Any, limit: int) -> str:
    """Return a text or whole number as text; "" for None.

    Raises TypeError for anything else, ValueError for a text that is too long or has control
    characters.
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError("it is neither a text nor a number")
    text = str(value)
    if len(text) > limit or not text.isprintable():
        raise ValueError("it is too long, or has control characters")
    return text


def _page_url(text: str) -> str:
    return text if text.startswith("https://") else ""
