"""A model of DynamoDB behind the interface of boto's client, with the client's own retries.

boto repeats a request after a throttle, a 5xx or a lost answer before its caller hears of an error,
so a request may run twice: the condition that the first run met refuses the second one. Each
attempt crosses the edge ``dynamodb`` by itself, with its own latency and fault.
"""

from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from functools import lru_cache, partial
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any, NoReturn

from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.paginate import Paginator

from soak.cloud.attribute_values import Plain, Refusal, plain_value
from soak.cloud.boto import Retries, exceptions, pagination, service_model
from soak.cloud.requests import Request, Requests, Response
from soak.cloud.tables import Table, TableSchema
from soak.kernel.edges import Edges, Fault

EDGE = "dynamodb"
URL = "https://dynamodb.soak"

LAG = 2.0
"""Seconds by which a stale read is behind the last write. Replicas are usually up to date within
one second.
"""

_NONE: frozenset[Fault] = frozenset()
_UNKEPT: Request = {}
_STALE = frozenset({Fault.STALE})
_PARTIAL = frozenset({Fault.PARTIAL})
_CONFLICT = frozenset({Fault.CONFLICT})


BEFORE_CALL, AFTER_CALL = "before-call.dynamodb", "after-call.dynamodb"
"""Names of botocore's events before the first attempt of a call, and after its last response."""


class ClientEvents:
    """The events of a botocore client that the product listens to."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[Callable[..., None]]] = {BEFORE_CALL: [], AFTER_CALL: []}

    def register(self, event_name: str, handler: Callable[..., None]) -> None:
        """Register a handler that is called at each event of a name."""
        self._handlers[event_name].append(handler)

    def emit(self, event_name: str, **named: Any) -> None:
        """Call the registered handlers of an event."""
        for handler in self._handlers[event_name]:
            handler(**named)


class DynamoDB:
    """The tables of a stack, and a client of them.

    Errors are botocore's: ClientError with the response of AWS, and its errors of connections.

    Args:
        tables: The schema of each table by its name.
        edges: Latency and faults.
        random: The seeded source of chance: waits before retries, and parts of batches.
        lag: Seconds by which a stale read is behind.
    """

    def __init__(
        self,
        tables: Mapping[str, TableSchema],
        edges: Edges,
        random: Random | None = None,
        lag: float = LAG,
    ) -> None:
        def clock() -> float:
            return edges.scheduler.now

        self.tables = {name: Table(schema, clock, lag) for name, schema in tables.items()}
        self.exceptions = exceptions()
        self.meta = SimpleNamespace(events=ClientEvents())
        self._edges = edges
        self._random = random or Random(0)
        self._requests = Requests(self.tables, clock, self._random)
        self._numbers = count(1)
        self._retries = Retries(self._random)

    def new_client(self) -> "DynamoDB":
        """Return another client of the same tables, as each execution environment has its own.

        A client stops retrying once too many of its requests have failed (retry quota).
        """
        client = DynamoDB({}, self._edges, self._random)
        client.tables, client._requests = self.tables, self._requests
        client._numbers = self._numbers
        return client

    def items(self, table: str) -> Iterator[dict[str, Plain]]:
        """Yield the items of a table, with plain values."""
        for item in self.tables[table].all_items():
            yield {name: plain_value(value) for name, value in item.items()}

    def expire(self, now: float) -> int:
        """Delete all items with an expired time to live. Returns their number."""
        return sum(table.expire(now) for table in self.tables.values())

    def get_item(self, **request: Any) -> Response:
        own = _NONE if request.get("ConsistentRead") else _STALE
        return self._call("GetItem", request, own)

    def batch_get_item(self, **request: Any) -> Response:
        consistent = all(part.get("ConsistentRead") for part in request["RequestItems"].values())
        return self._call("BatchGetItem", request, _PARTIAL if consistent else _PARTIAL | _STALE)

    def put_item(self, **request: Any) -> Response:
        return self._call("PutItem", request, _CONFLICT)

    def update_item(self, **request: Any) -> Response:
        return self._call("UpdateItem", request, _CONFLICT)

    def delete_item(self, **request: Any) -> Response:
        return self._call("DeleteItem", request, _CONFLICT)

    def query(self, **request: Any) -> Response:
        return self._call("Query", request, _NONE if request.get("ConsistentRead") else _STALE)

    def scan(self, **request: Any) -> Response:
        return self._call("Scan", request, _NONE if request.get("ConsistentRead") else _STALE)

    def batch_write_item(self, **request: Any) -> Response:
        return self._call("BatchWriteItem", request, _PARTIAL)

    def write_unkept_batch(self) -> None:
        """Make a batch write that stores nothing: a call with its latency, faults and retries."""
        self._call("BatchWriteItem", _UNKEPT, _NONE)

    def transact_write_items(self, **request: Any) -> Response:
        # boto makes up a token for all attempts of a call, so that AWS runs it once.
        request.setdefault("ClientRequestToken", f"token-{next(self._numbers)}")
        return self._call("TransactWriteItems", request, _CONFLICT)

    def get_paginator(self, operation_name: str) -> "Paginator[Any]":
        """Return botocore's paginator for ``query`` or ``scan``."""
        methods: Mapping[str, Any] = {"query": self.query, "scan": self.scan}
        operation = operation_name.capitalize()
        model = service_model().operation_model(operation)
        return Paginator(methods[operation_name], pagination()[operation], model)

    def call_once(self, operation: str, request: Request) -> Response:
        """Make one attempt of a call, for callers that do not retry as boto does.

        Args:
            operation: Name of the operation, such as ``PutItem``.
            request: Its parameters.

        Raises:
            ClientError: The response of AWS is an error.
            HTTPClientError, ConnectionError: botocore's; there is no response.
        """
        writes = operation in {"PutItem", "UpdateItem", "DeleteItem"}
        try:
            response = self._attempt(operation, request, _CONFLICT if writes else _NONE)
        except Refusal as refusal:
            self._raise_refusal(operation, self._error_response(refusal), 0)
        return self._with_metadata(response, 0)

    def _call(self, operation: str, request: Request, own: frozenset[Fault]) -> Response:
        """Make a call, with boto's retries."""
        context: dict[str, Any] = {}
        self.meta.events.emit(BEFORE_CALL, context=context)
        attempt = 0
        while True:
            attempt += 1
            http: Any = None
            parsed: dict[str, Any] | None = None
            caught: Exception | None = None
            try:
                response = self._attempt(operation, request, own)
            except Refusal as refusal:
                http = SimpleNamespace(status_code=refusal.status, headers={})
                parsed = self._error_response(refusal)
            except (HTTPClientError, NoConnectionError) as error:
                caught = error
            else:
                self._retries.succeeded(context)
                answer = self._with_metadata(response, attempt - 1)
                self.meta.events.emit(AFTER_CALL, parsed=answer, context=context)
                return answer
            delay = self._retries.wait(operation, attempt, http, parsed, caught, context)
            if delay is None:
                if caught is not None:
                    raise caught
                self.meta.events.emit(AFTER_CALL, parsed=parsed, context=context)
                self._raise_refusal(operation, parsed or {}, attempt - 1)
            self._edges.scheduler.sleep(delay)

    def _attempt(self, operation: str, request: Request, own: frozenset[Fault]) -> Response:
        return self._edges.cross(
            EDGE,
            operation,
            partial(self._requests.carry_out, operation, request)
            if request is not _UNKEPT
            else _do_nothing,
            self._fail,
            own=own,
            refusals=Refusal,
        )

    def _fail(self, fault: Fault) -> Response:
        match fault:
            case Fault.THROTTLED:
                codes = ("ProvisionedThroughputExceededException", "ThrottlingException")
                raise Refusal(self._random.choice(codes), "Throughput exceeds the current capacity")
            case Fault.SERVER_ERROR:
                raise Refusal("InternalServerError", "Internal server error", 500)
            case Fault.NOT_CONNECTED:
                raise EndpointConnectionError(endpoint_url=URL)
            case Fault.RESET_BEFORE | Fault.RESET_AFTER:
                raise ConnectionClosedError(endpoint_url=URL)
            case _:
                raise ReadTimeoutError(endpoint_url=URL)

    def _error_response(self, refusal: Refusal) -> dict[str, Any]:
        """Return a refusal as the response that botocore parses."""
        lower_case = "Message" not in refusal.members
        return {
            **({"message": refusal.message} if lower_case else {}),
            **refusal.members,
            "Error": {"Message": refusal.message, "Code": refusal.code},
            "ResponseMetadata": self._metadata(refusal.status),
        }

    def _raise_refusal(self, operation: str, parsed: dict[str, Any], retries: int) -> NoReturn:
        parsed["ResponseMetadata"]["RetryAttempts"] = retries
        raise self.exceptions.from_code(parsed["Error"]["Code"])(parsed, operation)

    def _with_metadata(self, response: Response, retries: int) -> Response:
        response["ResponseMetadata"] = metadata = self._metadata(200)
        metadata["RetryAttempts"] = retries
        return response

    def _metadata(self, status: int) -> dict[str, Any]:
        return {
            "RequestId": f"soak-{next(self._numbers)}",
            "HTTPStatusCode": status,
            "HTTPHeaders": {"date": _date(int(self._edges.scheduler.now))},
        }


@lru_cache
def _date(second: int) -> str:
    """Return the header ``Date`` of a response, which has whole seconds."""
    return formatdate(second, usegmt=True)


def _do_nothing(_: Fault | None) -> Response:
    return {}
