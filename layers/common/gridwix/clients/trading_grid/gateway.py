"""JSON calls to one host of Trading Grid, each with its own request id."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

import httpx

from gridwix.clients.http import Sender
from gridwix.clients.http_messages import Call, HttpResponse
from gridwix.clients.json_stream import JsonStream
from gridwix.clients.json_values import parse_json
from gridwix.clients.vendor_errors import TRADING_GRID_ERRORS, trading_grid_error
from gridwix.errors import CursorExpired, FileRefused, NotFound, UpstreamError
from gridwix.models.files import FileFault

PIECE = 256 * 1024
"""Number of bytes of a file that are in memory at once."""


_DONE = (httpx.codes.OK, httpx.codes.CREATED)
TEMPORARY_REDIRECT = httpx.codes.TEMPORARY_REDIRECT.value

type StreamContent = Callable[[str], AbstractContextManager[Iterator[bytes]]]
"""Streams the bytes at an address, in pieces."""


class JsonResponse(NamedTuple):
    """The JSON document of a response, and the id of its request."""

    document: Any
    request_id: str


class Gateway:
    """Exchanges JSON with one base URL. All methods raise UpstreamError.

    Args:
        http: The client that all vendors share.
        auth: Authentication with this host.
        base_url: Precedes each path.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
        new_id: Makes the ``X-Request-ID`` that Trading Grid's support asks for. Errors carry it.
        moved_content: Streams content from another address, without credentials. Without it, a
            gateway that keeps content elsewhere is refused.
    """

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        *,
        base_url: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
        moved_content: StreamContent | None = None,
    ) -> None:
        self._sender = Sender(
            http, auth, system=TRADING_GRID_ERRORS.system, clock=clock, sleep=sleep
        )
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._new_id = new_id
        self._moved_content = moved_content

    def get_json(
        self,
        operation: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        gone: type[UpstreamError] = CursorExpired,
    ) -> JsonResponse:
        """Send a GET. ``gone`` is the error for a 410 without a code."""
        return self._exchange_json(operation, "GET", path, params=params, safe=True, gone=gone)

    def read_json[Read](
        self,
        operation: str,
        path: str,
        params: Sequence[tuple[str, str]],
        read: Callable[[JsonStream], Read],
        *,
        gone: type[UpstreamError] = CursorExpired,
    ) -> tuple[Read, str]:
        """Send a GET and read its JSON document while it arrives, as :meth:`get_json` as a whole.

        Args:
            operation: The operation's name in errors.
            path: Path below the base URL.
            params: The query.
            read: Reads the document, up to its end. It runs anew in each attempt.
            gone: The error for a 410 without a code.

        Returns:
            What ``read`` returned, and the id of the request.
        """
        found: list[Read] = []

        def read_body(status: int, pieces: Iterator[bytes]) -> bytes:
            if status not in _DONE:
                return b"".join(pieces)
            try:
                stream = JsonStream(pieces)
                result = read(stream)
                stream.end()
            except (ValueError, RecursionError):
                # Reported below, once the body is known to be complete.
                return b""
            found.append(result)
            return b""

        sent_id = self._new_id()
        call = Call(
            operation,
            "GET",
            self._base_url + path,
            params=params,
            headers={"X-Request-ID": sent_id},
            safe=True,
        )
        response = self._sender.send(call, read_body=read_body)
        if response.status not in _DONE:
            raise trading_grid_error(operation, response, sent_id, self._clock(), gone=gone)
        if not found:
            raise _no_json_error(operation, sent_id)
        return found[0], sent_id

    def search_json(self, operation: str, path: str, body: Mapping[str, Any]) -> JsonResponse:
        """Send a POST that changes nothing, so it may be retried."""
        return self._exchange_json(
            operation, "POST", path, body=body, safe=True, gone=CursorExpired
        )

    def write_json(
        self,
        operation: str,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        version: int | None = None,
    ) -> JsonResponse:
        """Send a call that changes something.

        Args:
            operation: The operation's name in errors.
            method: HTTP method.
            path: Path below the base URL.
            body: The JSON body.
            idempotency_key: Deduplicates the call (a UUID).
            version: The call fails unless the record has this version (``If-Match``).

        Raises:
            UpstreamError: The call failed. An Unavailable may be ``ambiguous``.
        """
        return self._exchange_json(
            operation,
            method,
            path,
            body=body,
            idempotency_key=idempotency_key,
            version=version,
            safe=False,
            gone=NotFound,
        )

    @contextmanager
    def stream_content(self, operation: str, path: str) -> Iterator[Iterator[bytes]]:
        """Stream the bytes of a response, in pieces. Raises UpstreamError, also between pieces.

        One redirect (307) is followed: a gateway can keep large content elsewhere. The token stays
        here, and the address is not trusted: FileRefused is raised if the policy forbids it.
        """
        sent_id = self._new_id()
        headers = {"X-Request-ID": sent_id, "Accept": "*/*", "Accept-Encoding": "identity"}
        with self._sender.stream(
            Call(operation, "GET", self._base_url + path, headers=headers, safe=True), PIECE
        ) as response:
            if not isinstance(response, HttpResponse):
                yield response
                return
            moved_to = response.headers.get("Location")
            if response.status != TEMPORARY_REDIRECT or not moved_to or not self._moved_content:
                raise trading_grid_error(operation, response, sent_id, self._clock(), gone=NotFound)
        try:
            with self._moved_content(moved_to) as pieces:
                yield pieces
        except FileRefused as refused:
            if refused.fault is not FileFault.GONE:
                raise
            # The next attempt gets another address.
            raise TRADING_GRID_ERRORS.malformed_response(
                operation, "the content is not where the gateway says", request_id=sent_id
            ) from None

    def _exchange_json(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        version: int | None = None,
        safe: bool,
        gone: type[UpstreamError],
    ) -> JsonResponse:
        sent_id = self._new_id()
        headers = {"X-Request-ID": sent_id}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        if version is not None:
            headers["If-Match"] = f'"v{version}"'
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        response = self._sender.send(
            Call(
                operation,
                method,
                self._base_url + path,
                params=params,
                headers=headers,
                content=content,
                safe=safe,
            )
        )
        if response.status not in _DONE:
            raise trading_grid_error(operation, response, sent_id, self._clock(), gone=gone)
        document = parse_json(response.body)
        # null is JSON, and as bad as any other record that is none: it is the record's fault, and
        # not the gateway's.
        if document is None and response.body.strip() != b"null":
            raise _no_json_error(operation, sent_id)
        return JsonResponse(document, sent_id)


def _no_json_error(operation: str, request_id: str) -> UpstreamError:
    return TRADING_GRID_ERRORS.malformed_response(
        operation, "the answer is not JSON", request_id=request_id
    )
