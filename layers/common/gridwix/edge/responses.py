"""Request handling of the webhooks of Trading Grid and Wix: settings, secret rotation, responses.

Does not import boto3, pydantic or httpx, for a fast cold start: the sender waits for the response.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol, Self

from gridwix.edge.api_gateway import json_response, unavailable_response
from gridwix.edge.rejections import UNTRUSTED, problem_details
from gridwix.errors import ConfigurationError, GridwixError, WebhookRejected
from gridwix.runtime.observability import count, count_by_reason, log_fields, logger


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """Base class of a webhook function's settings, which are read from environment variables.

    Each member is the text of the variable with its name in upper case.
    """

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings. Raises ConfigurationError naming every variable that is missing."""
        names = [field.name for field in fields(cls)]
        missing = [name.upper() for name in names if not environment.get(name.upper())]
        if missing:
            raise ConfigurationError(
                "is missing", setting=", ".join(missing), remedy="deploy the stack again"
            )
        return cls(**{name: environment[name.upper()] for name in names})


class Secrets(Protocol):
    """Provider of the secrets or keys that may have signed a request."""

    def __call__(self, *, refresh: bool = False) -> list[Any]:
        """Return the secrets or keys that may have signed a request, as JSON values.

        ``refresh`` fetches them again, at most twice a minute.
        """


def verify_with_rotation[T](verify: Callable[[list[Any]], T], secrets: Secrets, member: str) -> T:
    """Verify a request, with one retry after fetching the secrets again (secret rotation).

    The retry happens if no signature matches, or if no secret can be used: the secret may have been
    rotated, or corrected, since it was fetched. Returns the result of ``verify``.

    If the secret has several entries, a metric counts the position of the entry that has signed.
    From the metric, the operator of a rotation sees if the new entry works, and if an old one is
    still used.

    Args:
        verify: verifies a request with the given secrets. It has no side effects.
        secrets: the provider of the secrets.
        member: name of the member of the secret that holds the entries, for the metric.
    """
    given = secrets()
    try:
        verified = verify(given)
    except WebhookRejected as rejected:
        if rejected.reason != "invalid-signature":
            raise
        given = secrets(refresh=True)
        verified = verify(given)
    except ConfigurationError:
        given = secrets(refresh=True)
        verified = verify(given)
    if len(given) > 1:
        _count_used(verify, given, member)
    return verified


def _count_used(verify: Callable[[list[Any]], Any], given: list[Any], member: str) -> None:
    for place, entry in enumerate(given, 1):
        try:
            verify([entry])
        except (WebhookRejected, ConfigurationError):
            continue
        count_by_reason("SecretEntriesUsed", f"{member}.{place}")
        return


def respond(status: int, receive: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """Run ``receive`` and map its result or error to an HTTP response.

    The response is ``status`` with the body that ``receive`` returned, problem details (4xx) for a
    rejected webhook, or 503 for any other error, so that the sender retries.
    """
    try:
        body = receive()
    except WebhookRejected as rejected:
        count_by_reason("WebhooksRejected", rejected.reason)
        count("WebhooksRejected")
        # An alarm watches one metric, and it has to ring for any of these reasons.
        if rejected.reason in UNTRUSTED:
            count("WebhooksUntrusted")
        logger.warning("webhook_rejected", extra={"reason": rejected.reason})
        return json_response(rejected.status, problem_details(rejected), "application/problem+json")
    except GridwixError as error:
        count("WebhooksFailed")
        logger.error("webhook_failed", extra=log_fields(error))
        return unavailable_response()
    count("WebhooksAccepted")
    return json_response(status, body)
