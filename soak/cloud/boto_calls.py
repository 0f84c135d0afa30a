"""botocore's part of a request to AWS: its retries, and its exceptions.

As ``gridwix.runtime.aws.AWS`` has it: three attempts, in the mode "standard", and five seconds of
waiting for a response (the time-out of the edges). Each attempt crosses the edge on its own, so a
repeated request may have been carried out before. botocore's retry quota is left out: a client of
the product would exhaust it only while more than one in fifteen calls fails, and repeating more is
harder on the product, not easier.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from typing import Any, NoReturn

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectionError,  # noqa: A004  # botocore's own.
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from soak.kernel.edges import Edges, Fault

ATTEMPTS = 3
MAX_BACKOFF = 20.0
THROTTLING_SCALE = 1.0
"""Maximum seconds of the first backoff after a rate limit; it doubles with each attempt."""
OTHER_SCALE = 0.05

_TRANSIENT = frozenset({500, 502, 503, 504})
_THROTTLED = frozenset(
    {
        "ThrottlingException",
        "RequestThrottled",
        "SlowDown",
        "ProvisionedThroughputExceededException",
    }
)

type Response = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Service:
    """A model of an AWS service: the edge that leads to it, its URL, and the error responses of its
    faults.

    ``throttled`` and ``failed`` are error code and status.
    """

    edge: str
    url: str
    throttled: tuple[str, int]
    failed: tuple[str, int]

    def fail(self, operation: str, fault: Fault) -> NoReturn:
        """Raise what one attempt of botocore raises after a fault."""
        match fault:
            case Fault.THROTTLED:
                code, status = self.throttled
                raise client_error(operation, code, "Rate exceeded", status)
            case Fault.SERVER_ERROR:
                code, status = self.failed
                raise client_error(operation, code, "An internal error occurred", status)
            case Fault.NOT_CONNECTED:
                raise EndpointConnectionError(endpoint_url=self.url, error="refused")
            case Fault.RESET_BEFORE | Fault.RESET_AFTER:
                raise ConnectionClosedError(endpoint_url=self.url, error="reset", request=None)
            case _:
                raise ReadTimeoutError(endpoint_url=self.url, error="timed out")


class BotoCaller:
    """Makes the calls of botocore's clients.

    Args:
        edges: The edges of the world.
        random: The seeded source of pauses between attempts.
    """

    def __init__(self, edges: Edges, random: Random) -> None:
        self.edges = edges
        self._random = random
        self._requests = 0

    def call(
        self,
        service: Service,
        operation: str,
        carry_out: Callable[[Fault | None], Response],
        *,
        own: frozenset[Fault] = frozenset(),
    ) -> Response:
        """Send a request up to three times, and return its response.

        Args:
            service: The service.
            operation: The API call's name, such as ``SendMessage``.
            carry_out: Does the work and returns the members of the response, or raises a
                ClientError of :func:`client_error`. It runs once for each attempt that arrives.
            own: Which of STALE, PARTIAL and CONFLICT the call can have.

        Raises:
            ClientError: The last attempt's error response.
            HTTPClientError, ConnectionError: It had none.
        """
        attempt = 1
        while True:
            try:
                response = self.edges.cross(
                    service.edge,
                    operation,
                    carry_out,
                    lambda fault: service.fail(operation, fault),
                    own=own,
                    refusals=ClientError,
                )
            except ClientError as error:
                scale = _scale_of(error.response)
                self._complete(error.response, attempt)
                if scale is None or attempt == ATTEMPTS:
                    raise
            except (ConnectionError, HTTPClientError):
                scale = OTHER_SCALE
                if attempt == ATTEMPTS:
                    raise
            else:
                self._complete(response, attempt)
                return response
            pause = min(scale * 2 ** (attempt - 1), MAX_BACKOFF)
            self.edges.scheduler.sleep(self._random.random() * pause)
            attempt += 1

    def _complete(self, response: Any, attempt: int) -> None:
        self._requests += 1
        metadata = response.setdefault("ResponseMetadata", {"HTTPStatusCode": HTTPStatus.OK.value})
        metadata["RequestId"] = f"soak-{self._requests}"
        metadata["RetryAttempts"] = attempt - 1
        if attempt == ATTEMPTS:
            metadata["MaxAttemptsReached"] = True


def client_error(
    operation: str,
    code: str,
    message: str,
    status: int = 400,
    members: Mapping[str, Any] | None = None,
    kind: type[ClientError] = ClientError,
) -> ClientError:
    """Return AWS's error response as the exception that botocore raises.

    Args:
        operation: The API call's name.
        code: AWS's error code.
        message: Its text.
        status: HTTP status.
        members: More members of the response.
        kind: A modeled exception of the client.
    """
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **(members or {}),
    }
    return kind(response, operation)


def _scale_of(response: Any) -> float | None:
    """Return the scale of the backoff before the next attempt; None if there is no retry."""
    if response["Error"]["Code"] in _THROTTLED:
        return THROTTLING_SCALE
    if response["ResponseMetadata"]["HTTPStatusCode"] in _TRANSIENT:
        return OTHER_SCALE
    return None
