"""Builds the URLs of requests to REST targets, and classifies the responses."""

import json
import re
from collections.abc import Mapping
from typing import Any

from gridwix_gateway.targets.ports import DeliveryResult, Postponed, Rejected
from gridwix_gateway.targets.rest.authenticators import RequestAuthenticator
from gridwix_gateway.targets.rest.bounded_http import HttpAnswer
from gridwix_gateway.targets.templates import Template, TemplateFault

_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,1000}")
_LEAVING = frozenset({".", "..", "%2e", "%2e%2e", ".%2e", "%2e."})
_JSON = re.compile(r"application/([\w.+-]+\+)?json\s*(;|$)", re.IGNORECASE)


def request_url(base_url: str, path: Template, variables: Mapping[str, Any]) -> str:
    """Return the URL of a request: the base URL and the evaluated path.

    Raises TemplateFault if the path leads outside ``base_url``.
    """
    text = path.render(variables)
    if not isinstance(text, str) or _PATH.fullmatch(text) is None:
        raise TemplateFault("the path does not begin with /, or has characters to be encoded")
    if any(segment.lower() in _LEAVING for segment in text.split("/")):
        raise TemplateFault("the path leaves its folder")
    return base_url + text


def request_parameters(query: Template, variables: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the query parameters of a request, evaluated. Values other than texts become JSON."""
    rendered = query.render(variables)
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in rendered.items()
    }


def answer_failure(
    answer: HttpAnswer, authenticator: RequestAuthenticator
) -> Postponed | Rejected | None:
    """Classify a response: None for success, else Postponed (retry) or Rejected (dead letter).

    Args:
        answer: The response.
        authenticator: Forgets its cached credentials if the target has refused them.
    """
    status = answer.status
    if 200 <= status < 300:
        return None
    wait = answer.retry_after
    if status == 401:
        authenticator.forget()
        return Postponed("unauthorised", is_general=True)
    if status == 429:
        return Postponed("throttled", wait, is_general=True)
    if status >= 500 or status in {408, 425}:
        return Postponed("server-error", wait, is_general=wait is not None)
    if status < 400:
        return Postponed("redirected")
    # 403 is mended by a permission, and after 409 the lookup may find what is there already.
    return Postponed("refused") if status in {403, 409} else Rejected("refused")


def lookup_failure(
    answer: HttpAnswer, authenticator: RequestAuthenticator
) -> DeliveryResult | None:
    """Classify a lookup's response: None for success, else a failure after which it is retried.

    Only a request that creates something can be rejected permanently.
    """
    failure = answer_failure(answer, authenticator)
    return Postponed("lookup-refused") if isinstance(failure, Rejected) else failure


def read_json(answer: HttpAnswer) -> Any:
    """Return a response's JSON value; None for an empty body. Raises ValueError for no JSON."""
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
