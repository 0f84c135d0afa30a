"""A stand-in for ``SignedCaller.call``: the calls to AWS that the functions of the webhooks make.

Put it in the place of the method::

    SignedCaller.call = signed_call(dynamodb, bus, secrets, edges)

It makes one attempt, and a second one only where the real one does: after a reset of a connection
that was idle. It raises what the real one raises.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import orjson
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
)

from gridwix.clients.aws.edge import DYNAMODB, EVENTBRIDGE, SECRETS_MANAGER
from gridwix.clients.aws.error_codes import aws_error, no_response_error
from gridwix.clients.aws.signed import MAX_IDLE, AwsResponse, SignedCaller
from soak.cloud import bus as events
from soak.cloud import secret_values
from soak.cloud.boto_calls import Response
from soak.cloud.bus import Bus
from soak.cloud.secret_values import SecretValues
from soak.kernel.edges import Edges, Fault

TIMEOUT = 2.0
"""Seconds that the caller waits for a response, as ``SignedCaller`` does."""

type Members = Mapping[str, Any]
type Attempt = Callable[[str, Members], Response]


class OneAttempt(Protocol):
    """A DynamoDB model, or a client of it, that makes calls without retries."""

    def call_once(self, operation: str, request: Members, /) -> Response:
        """Make one attempt of a call over the edge. Raises botocore's errors."""


class SignedCall(Protocol):
    """The signature of the method :meth:`gridwix.clients.aws.signed.SignedCaller.call`."""

    def __call__(
        self,
        caller: SignedCaller,
        service: Any,
        operation: str,
        payload: Members,
        *,
        expected_code: str = "",
    ) -> AwsResponse:
        """Make a call to an AWS service."""


def signed_call(dynamodb: OneAttempt, bus: Bus, secrets: SecretValues, edges: Edges) -> SignedCall:
    """Return the stand-in of ``SignedCaller.call`` that leads to these models.

    Args:
        dynamodb: Makes one attempt of a call to DynamoDB, with its latency and its faults.
        bus: The bus.
        secrets: The secrets.
        edges: The edges of the world.
    """
    impatient = edges.with_timeout(TIMEOUT)

    def put_events(operation: str, payload: Members) -> Response:
        return impatient.cross(
            events.EVENTS.edge,
            operation,
            lambda fault: bus.accept(payload["Entries"], fault),
            lambda fault: events.EVENTS.fail(operation, fault),
            own=frozenset({Fault.PARTIAL}),
            refusals=ClientError,
        )

    def get_secret_value(operation: str, payload: Members) -> Response:
        return impatient.cross(
            secret_values.SECRETS.edge,
            operation,
            lambda fault: secrets.read(payload["SecretId"], fault),
            lambda fault: secret_values.SECRETS.fail(operation, fault),
            own=frozenset({Fault.STALE}),
            refusals=ClientError,
        )

    attempts: Mapping[tuple[str, str], Attempt] = {
        (DYNAMODB.name, "PutItem"): dynamodb.call_once,
        (DYNAMODB.name, "UpdateItem"): dynamodb.call_once,
        (EVENTBRIDGE.name, "PutEvents"): put_events,
        (SECRETS_MANAGER.name, "GetSecretValue"): get_secret_value,
    }
    connections: WeakKeyDictionary[SignedCaller, dict[str, float]] = WeakKeyDictionary()

    def call(
        caller: SignedCaller,
        service: Any,
        operation: str,
        payload: Members,
        *,
        expected_code: str = "",
    ) -> AwsResponse:
        attempt = attempts[service.name, operation]
        # The payload has to be JSON, and the model may keep it.
        request = orjson.loads(orjson.dumps(payload))
        idle = connections.setdefault(caller, {})
        idle_since = idle.pop(service.name, float("-inf"))
        reused = edges.scheduler.now - idle_since < MAX_IDLE
        try:
            response = _exchange(attempt, operation, request, repeats=reused)
        except ClientError as error:
            idle[service.name] = edges.scheduler.now
            return _error_response(operation, error, expected_code)
        idle[service.name] = edges.scheduler.now
        response.pop("ResponseMetadata", None)
        return AwsResponse("", response)

    return call


def _exchange(attempt: Attempt, operation: str, request: Members, *, repeats: bool) -> Response:
    """Make an attempt of a call; with ``repeats``, another one if the connection was closed."""
    try:
        try:
            return attempt(operation, request)
        except ConnectionClosedError:
            if not repeats:
                raise
            return attempt(operation, request)
    except ConnectionClosedError as error:
        raise no_response_error(operation, "ConnectionResetError", ambiguous=True) from error
    except EndpointConnectionError as error:
        reason = "no connection, ConnectionRefusedError"
        raise no_response_error(operation, reason, ambiguous=False) from error
    except HTTPClientError as error:
        raise no_response_error(operation, "TimeoutError", ambiguous=True) from error


def _error_response(operation: str, error: ClientError, expected_code: str) -> AwsResponse:
    members: dict[str, Any] = dict(error.response)
    code, metadata = members.pop("Error")["Code"], members.pop("ResponseMetadata", {})
    if code == expected_code:
        return AwsResponse(code, members)
    raise aws_error(
        operation,
        code,
        status=metadata.get("HTTPStatusCode", 400),
        request_id=metadata.get("RequestId", ""),
    ) from error
