"""What the two webhooks have in common. Imports neither boto3 nor pydantic nor httpx: somebody waits for the answer, cold start included."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol, Self

from gridwix.edge.api_gateway import json_response, unavailable_response
from gridwix.edge.rejections import problem_details
from gridwix.errors import ConfigurationError, GridwixError, WebhookRejected
from gridwix.runtime.observability import count, count_by_reason, log_fields, logger


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """Environment variables as strings: members are read from the variables of the same name in upper case."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises ConfigurationError naming every variable that is missing."""
        names = [field.name for field in fields(cls)]
        missing = [name.upper() for name in names if not environment.get(name.upper())]
        if missing:
            raise ConfigurationError(f"{', '.join(missing)}: missing")
        return cls(**{name: environment[name.upper()] for name in names})


class Secrets(Protocol):
    def __call__(self, *, refresh: bool = False) -> list[str]:
        """Secrets or keys that may have signed, fetched anew with ``refresh`` (at most twice a minute)."""


def verify_with_rotation[T](verify: Callable[[list[str]], T], secrets: Secrets) -> T:
    """What ``verify`` makes of the secrets; if no signature fits, the secret may have been rotated since it was fetched, and it is tried with new ones."""
    try:
        return verify(secrets())
    except WebhookRejected as rejected:
        if rejected.reason != "invalid-signature":
            raise
        return verify(secrets(refresh=True))


def respond(status: int, receive: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """``status`` with what ``receive`` returns; a problem that says why for what is rejected and always will be; 503 where a retry may help."""
    try:
        body = receive()
    except WebhookRejected as rejected:
        count_by_reason("WebhooksRejected", rejected.reason)
        count("WebhooksRejected")
        logger.warning("webhook rejected", extra={"reason": rejected.reason})
        return json_response(rejected.status, problem_details(rejected), "application/problem+json")
    except GridwixError as error:
        count("WebhooksFailed")
        logger.error("webhook failed", extra=log_fields(error))
        return unavailable_response()
    count("WebhooksAccepted")
    return json_response(status, body)
