"""Makes JSON calls to an API of Trading Grid or the community gateway, each with a request id."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import httpx

from gridwix.clients.http import Sender
from gridwix.clients.http_messages import (
    MAX_REDIRECTS,
    Call,
    HttpResponse,
    http_date,
    is_redirect,
    redirect_target,
    same_origin_redirect,
)
from gridwix.clients.json_stream import JsonStream
from gridwix.clients.json_values import parse_json
from gridwix.clients.vendor_errors import (
    TRADING_GRID_ERRORS,
    trading_grid_error,
    trading_grid_redirect_error,
)
from gridwix.errors import CursorExpired, FileRefused, NotFound, UpstreamError
from gridwix.models.files import FileFault

type StreamContent = Callable[[str], AbstractContextManager[Iterator[bytes]]]
"""Streams the bytes at an address, in pieces."""


class JsonResponse(NamedTuple):
    """A successful response of Trading Grid: its JSON document, and the id of its request.

    ``document`` is None if the response to a write has no JSON document. ``location`` is the value
    of the ``Location`` header, such as the address of a new record; None if there is no such
    header. ``answered_at`` is the time of the response by the server's clock (``Date``), in whole
    seconds; None if it is not stated.
    """

    document: Any
    request_id: str
    location: str | None = None
    answered_at: datetime | None = None


class Gateway:
    """Makes JSON calls to one API, of Trading Grid or of the community gateway.

    All methods raise UpstreamError if a call fails.

    Args:
        http: The httpx client that all vendors share.
        auth: Authentication with the API.
        base_url: Base URL of the API, which precedes each path.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
        new_id: Returns a new ``X-Request-ID``, for which Trading Grid's support asks. Errors
            contain it.
        moved_content: Streams content from another origin, without credentials. If it is None, a
            redirect of content to another origin raises Refused.

    A redirect that keeps the method (307, 308) is followed within the same origin, so that
    credentials go nowhere else. A redirect to another origin raises Refused, except in
    :meth:`stream_content` with ``moved_content``.
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
        parse: Callable[[bytes], Any] = parse_json,
    ) -> JsonResponse:
        """Send a GET request, and return the parsed JSON response.

        Args:
            operation: The operation's name in errors.
            path: Path below the base URL.
            params: The query.
            gone: Class of the error for a 410 without a known error code.
            parse: Parses a response body; returns None if the body is not JSON.
        """
        return self._exchange_json(
            operation, "GET", path, params=params, safe=True, gone=gone, parse=parse
        )

    def read_json[Read](
        self,
        operation: str,
        path: str,
        params: Sequence[tuple[str, str]],
        read: Callable[[JsonStream], Read],
        *,
        gone: type[UpstreamError] = CursorExpired,
    ) -> tuple[Read, str]:
        """Send a GET request, and parse the JSON document while it arrives (streaming).

        Args:
            operation: The operation's name in errors.
            path: Path below the base URL.
            params: The query.
            read: Reads the document, up to its end. It runs again in each attempt.
            gone: Class of the error for a 410 without a known error code.

        Returns:
            The result of ``read``, and the id of the request.
        """
        found: list[Read] = []

        def read_body(status: int, pieces: Iterator[bytes]) -> bytes:
            if not httpx.codes.is_success(status):
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
        response = self._follow_redirects(
            call, sent_id, lambda one: self._sender.send(one, read_body=read_body)
        )
        if not httpx.codes.is_success(response.status):
            raise trading_grid_error(operation, response, sent_id, self._clock(), gone=gone)
        if not found:
            raise _no_json_error(operation, sent_id, response.status)
        return found[0], sent_id

    def search_json(self, operation: str, path: str, body: Mapping[str, Any]) -> JsonResponse:
        """Send a POST request that changes nothing (a search), and return the parsed JSON response.

        The request may be retried.
        """
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
        """Send a request that changes something, and return the response.

        Args:
            operation: The operation's name in errors.
            method: HTTP method.
            path: Path below the base URL.
            body: The JSON body.
            idempotency_key: Deduplicates the call (a UUID).
            version: The call fails unless the record still has this version (``If-Match``).

        Returns:
            The response, of any successful status. Its document is None if the response has no
            content, or content that is not JSON: the write was carried out all the same.

        Raises:
            UpstreamError: The call failed. If an Unavailable error is ``ambiguous``, the write may
                have been carried out.
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

    def read_back(
        self, operation: str, response: JsonResponse, path: str | None = None
    ) -> JsonResponse:
        """Return the record that a call has written.

        It is in the response to the write, or else is read by a GET request.

        Args:
            operation: The operation's name in errors.
            response: The response to the write.
            path: Path of the written record, below the base URL. If it is None, ``response`` has to
                name the record's address.

        Raises:
            UpstreamError: The record cannot be read. The error is Unavailable if the record is not
                found, perhaps because it is not visible yet, or if its address is unknown. The
                write was carried out all the same, so the caller may retry the write, which is
                idempotent.
        """
        if response.document is not None:
            return response
        written = httpx.URL(self._base_url + path) if path is not None else None
        if written is None and response.location:
            written = same_origin_redirect(self._base_url, response.location)
        reason = "it is done, but the answer has no record and names no address of it"
        if written is not None:
            try:
                return self._get_url(operation, str(written))
            except NotFound:
                reason = "it is done, but what was written is not there"
        raise TRADING_GRID_ERRORS.malformed_response(
            operation, reason, request_id=response.request_id
        )

    @contextmanager
    def stream_content(self, operation: str, path: str) -> Iterator[Iterator[bytes]]:
        """Send a GET request, and yield the response body as an iterator of pieces.

        Raises UpstreamError if the call fails, perhaps between two pieces. A redirect to another
        origin is followed once, without the access token, because a gateway may store large content
        elsewhere. FileRefused is raised if the SSRF policy forbids the redirect's address.
        """
        sent_id = self._new_id()
        headers = {"X-Request-ID": sent_id, "Accept": "*/*", "Accept-Encoding": "identity"}
        call = Call(operation, "GET", self._base_url + path, headers=headers, safe=True)
        left = MAX_REDIRECTS
        while True:
            with self._sender.stream(call) as response:
                if not isinstance(response, HttpResponse):
                    yield response
                    return
            if not is_redirect(response):
                raise trading_grid_error(operation, response, sent_id, self._clock(), gone=NotFound)
            target = redirect_target(call.url, response)
            if target is None or not left:
                break
            left -= 1
            call = replace(call, url=target)
        moved_to = response.headers.get("Location")
        if target is not None or not moved_to or not self._moved_content:
            raise trading_grid_redirect_error(operation, response, sent_id)
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
        parse: Callable[[bytes], Any] = parse_json,
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
        call = Call(
            operation,
            method,
            self._base_url + path,
            params=params,
            headers=headers,
            content=content,
            safe=safe,
        )
        return self._send_json(call, sent_id, gone, parse)

    def _get_url(self, operation: str, url: str) -> JsonResponse:
        sent_id = self._new_id()
        call = Call(operation, "GET", url, headers={"X-Request-ID": sent_id}, safe=True)
        return self._send_json(call, sent_id, NotFound)

    def _send_json(
        self,
        call: Call,
        sent_id: str,
        gone: type[UpstreamError],
        parse: Callable[[bytes], Any] = parse_json,
    ) -> JsonResponse:
        response = self._follow_redirects(call, sent_id, self._sender.send)
        if not httpx.codes.is_success(response.status):
            raise trading_grid_error(call.operation, response, sent_id, self._clock(), gone=gone)
        document = parse(response.body)
        # null is JSON, and as bad as any other record that is none: it is the record's fault, and
        # not the gateway's.
        if document is None and call.safe and response.body.strip() != b"null":
            raise _no_json_error(call.operation, sent_id, response.status)
        headers = response.headers
        return JsonResponse(
            document, sent_id, headers.get("Location"), http_date(headers.get("Date"))
        )

    def _follow_redirects(
        self, call: Call, sent_id: str, send: Callable[[Call], HttpResponse]
    ) -> HttpResponse:
        for _ in range(MAX_REDIRECTS + 1):
            response = send(call)
            if not is_redirect(response):
                return response
            target = redirect_target(call.url, response)
            if target is None:
                break
            # The address is the whole one, with its query.
            call = replace(call, url=target, params=())
        raise trading_grid_redirect_error(call.operation, response, sent_id)


def _no_json_error(operation: str, request_id: str, status: int) -> UpstreamError:
    return TRADING_GRID_ERRORS.malformed_response(
        operation, "the answer is not JSON", status=status, request_id=request_id
    )
