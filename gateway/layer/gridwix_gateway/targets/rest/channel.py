"""Delivers to a system with a REST API.

Delivered once, although answers get lost: every attempt carries the same reference. Before it
creates, it looks the reference up, or it sends the reference as the system's idempotency key.
"""

import json
import re
import uuid
from collections.abc import Mapping
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
from gridwix_gateway.targets.partner_items import OPENING_KINDS
from gridwix_gateway.targets.ports import (
    Delivered,
    DeliveryContext,
    DeliveryResult,
    Postponed,
    Rejected,
    TargetChannel,
)
from gridwix_gateway.targets.rest.authenticators import MissingSecret, RequestAuthenticator
from gridwix_gateway.targets.rest.bounded_http import BoundedHttp, HttpAnswer, NoAnswer
from gridwix_gateway.targets.templates import Template, TemplateFault, TemplateValue

MAX_BODY_BYTES = 256_000

KEY_NAMESPACE = uuid.UUID("6a4f5c0e-3a0b-4f0e-9d5e-2f6d1b7c8a90")
"""Namespace of idempotency keys, which many systems want as UUIDs."""

_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,1000}")
_JSON = re.compile(r"application/([\w.+-]+\+)?json\s*(;|$)", re.IGNORECASE)


class RestChannel(TargetChannel):
    """A channel to a system with a REST API.

    Args:
        target: The declaration.
        authenticator: Authenticates the requests.
        http: Sends them.
    """

    def __init__(
        self, target: RestTarget, authenticator: RequestAuthenticator, http: BoundedHttp
    ) -> None:
        self._base_url = target.base_url
        self._authenticator = authenticator
        self._http = http
        self._exchanges = {
            kind: _Exchange(delivery, is_opening=kind in OPENING_KINDS)
            for kind, delivery in target.deliveries.items()
        }

    @property
    def is_repeatable(self) -> bool:
        return True

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        exchange = self._exchanges[context.kind]
        if exchange.needs_reference and not context.variables["reference"]:
            return Rejected("no-reference")
        try:
            if (search := exchange.lookup) is not None:
                found = self._look_up(search, exchange, context)
                if found is not None:
                    return found
            return self._send(exchange, context)
        except NoAnswer as error:
            # Without a connection, or a token, nobody's delivery gets through.
            is_general = error.reason in {"unreachable", "unauthorised"}
            return Postponed(error.reason, is_general=is_general)
        except MissingSecret:
            return Postponed("secret-missing", is_general=True)

    def _look_up(
        self, search: "_Search", exchange: "_Exchange", context: DeliveryContext
    ) -> DeliveryResult | None:
        """Return the result if an earlier attempt has delivered, or none can be made now."""
        answer = self._http.send(
            "GET",
            self._url(search.path, context),
            headers=self._authenticator.headers(),
            params=_parameters(search.query, context),
        )
        if answer.status in search.absent:
            return None
        if (failure := self._failure(answer)) is not None:
            # Only the request that creates can be refused for good.
            return Postponed("lookup-refused") if isinstance(failure, Rejected) else failure
        try:
            document = _read_json(answer)
            if search.found.render({"answer": document}) is not True:
                return None
            return exchange.delivered(search.entry, document)
        except (TypeError, ValueError, TemplateFault):
            return Postponed("unreadable-answer")

    def _send(self, exchange: "_Exchange", context: DeliveryContext) -> DeliveryResult:
        send = exchange.send
        headers = {
            **send.headers,
            "Content-Type": "application/json",
            **self._authenticator.headers(),
        }
        if send.idempotency_header is not None:
            headers[send.idempotency_header] = str(uuid.uuid5(KEY_NAMESPACE, context.delivery_id))
        body = json.dumps(exchange.body.render(context.variables), ensure_ascii=False).encode()
        if len(body) > MAX_BODY_BYTES:
            return Rejected("too-large")
        answer = self._http.send(
            send.method,
            self._url(exchange.path, context),
            headers=headers,
            params=_parameters(exchange.query, context),
            content=body,
        )
        if (failure := self._failure(answer)) is not None:
            return failure
        try:
            return exchange.delivered(exchange.entry, _read_json(answer))
        except (TypeError, ValueError, TemplateFault):
            # A page for people, with 200: nobody knows what it means, so it is looked up.
            return Postponed("unreadable-answer")

    def _failure(self, answer: HttpAnswer) -> DeliveryResult | None:
        """Return the result of an answer that is no success."""
        status = answer.status
        if 200 <= status < 300:
            return None
        wait = answer.retry_after
        if status == 401:
            self._authenticator.forget()
            return Postponed("unauthorised", is_general=True)
        if status == 429:
            return Postponed("throttled", wait, is_general=True)
        if status >= 500 or status in {408, 425}:
            return Postponed("server-error", wait, is_general=wait is not None)
        if status < 400:
            return Postponed("redirected")
        # 403 is mended by a permission, and after 409 the lookup may find what is there already.
        return Postponed("refused") if status in {403, 409} else Rejected("refused")

    def _url(self, path: Template, context: DeliveryContext) -> str:
        text = path.render(context.variables)
        if not isinstance(text, str) or _PATH.fullmatch(text) is None:
            raise TemplateFault("the path does not begin with /, or has characters to be encoded")
        if any(
            segment.lower() in {".", "..", "%2e", "%2e%2e", ".%2e", "%2e."}
            for segment in text.split("/")
        ):
            raise TemplateFault("the path leaves its folder")
        return self._base_url + text


class _Search:
    """A compiled lookup."""

    def __init__(self, lookup: Lookup) -> None:
        self.path = Template(lookup.path, CONTEXT_VARIABLES)
        self.query = Template(dict(lookup.query), CONTEXT_VARIABLES)
        self.found = Template(lookup.found, ANSWER_VARIABLES)
        self.entry = Template(lookup.entry, ANSWER_VARIABLES)
        self.absent = frozenset(lookup.absent)


class _Exchange:
    """The compiled declaration of one kind."""

    def __init__(self, delivery: RestDelivery, *, is_opening: bool) -> None:
        send: Send = delivery.send
        self.send = send
        self.lookup = None if delivery.lookup is None else _Search(delivery.lookup)
        self.path = Template(send.path, CONTEXT_VARIABLES)
        self.query = Template(dict(send.query), CONTEXT_VARIABLES)
        self.body = Template(send.body, CONTEXT_VARIABLES)
        self.entry = Template(send.entry, ANSWER_VARIABLES)
        self._result = None if delivery.result is None else _Result(delivery.result)
        used = self.path.variables | self.query.variables | self.body.variables
        self.needs_reference = "reference" in used and not is_opening

    def delivered(self, entry: Template, document: Any) -> Delivered:
        """Return the result of an answer. Raises TemplateFault and ValueError."""
        if self._result is None:
            return Delivered()
        return Delivered(self._result.counterpart(entry.render({"answer": document})))


class _Result:
    """The compiled expressions of an answer."""

    def __init__(self, result: ResultExpressions) -> None:
        self._reference = Template(result.reference, ENTRY_VARIABLES)
        self._number = _optional_template(result.number)
        self._status = _optional_template(result.status)
        self._url = _optional_template(result.url)
        self._statuses = result.statuses

    def counterpart(self, entry: Any) -> Counterpart:
        """Return what an answer says. Raises ValueError if it has no usable reference."""
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
    """Return a text or whole number as text. Raises TypeError for anything else, ValueError for
    a long one.
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


def _parameters(query: Template, context: DeliveryContext) -> Mapping[str, str]:
    rendered = query.render(context.variables)
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in rendered.items()
    }


def _read_json(answer: HttpAnswer) -> Any:
    """Return the JSON of an answer; None if it is empty. Raises ValueError for anything else."""
    if not answer.body:
        return None
    if _JSON.match(answer.headers.get("content-type", "")) is None:
        raise ValueError("it is no JSON")
    try:
        return json.loads(answer.body, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
