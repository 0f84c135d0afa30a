"""One host of Trading Grid as the place that calls go to, each under a request id of its own."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx

from gridwix.clients.http import Answer, Call, Sender, parse_json
from gridwix.clients.trading_grid.auth import SYSTEM
from gridwix.clients.trading_grid.faults import trading_grid_error, unusable
from gridwix.errors import CursorExpired, NotFound, UpstreamError

PIECE = 256 * 1024
"""Bytes of a file that are in memory at once."""


class Read(NamedTuple):
    """What was read, and under which request id."""

    document: Any
    request_id: str


class Gateway:
    """Exchanges JSON with one base URL. ``new_id`` makes the ``X-Request-ID`` that Trading Grid's support asks for; errors carry it."""

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        *,
        base_url: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._sender = Sender(http, auth, system=SYSTEM, clock=clock, sleep=sleep)
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._new_id = new_id

    def get(self, operation: str, path: str, params: Sequence[tuple[str, str]] = (), *, gone: type[UpstreamError] = CursorExpired) -> Read:
        """The JSON of an answer. Raises UpstreamError; ``gone`` is the kind for a 410 without a code."""
        return self._call(operation, "GET", path, params=params, safe=True, gone=gone)

    def search(self, operation: str, path: str, body: Mapping[str, Any]) -> Read:
        """The JSON of the answer to a POST that changes nothing. Raises UpstreamError."""
        return self._call(operation, "POST", path, body=body, safe=True, gone=CursorExpired)

    def write(self, operation: str, method: str, path: str, body: Mapping[str, Any], *, idempotency_key: str | None = None, version: int | None = None) -> Read:
        """The JSON of the answer to a call that changes something, if the record is still of that version.

        Raises UpstreamError; an ``Unavailable`` may be ``ambiguous``.
        """
        return self._call(operation, method, path, body=body, idempotency_key=idempotency_key, version=version, safe=False, gone=NotFound)

    @contextmanager
    def open(self, operation: str, path: str) -> Iterator[Iterator[bytes]]:
        """The bytes of an answer, piece by piece. Raises UpstreamError, also between two pieces."""
        sent_id = self._new_id()
        call = Call(operation, "GET", self._base_url + path, headers={"X-Request-ID": sent_id, "Accept": "*/*", "Accept-Encoding": "identity"}, safe=True)
        with self._sender.open(call, PIECE) as answer:
            if isinstance(answer, Answer):
                raise trading_grid_error(operation, answer, sent_id, self._clock(), gone=NotFound)
            yield answer

    def _call(
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
    ) -> Read:
        sent_id = self._new_id()
        headers = {"X-Request-ID": sent_id}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        if version is not None:
            headers["If-Match"] = f'"v{version}"'
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        answer = self._sender.send(Call(operation, method, self._base_url + path, params=params, headers=headers, content=content, safe=safe))
        if answer.status not in (httpx.codes.OK, httpx.codes.CREATED):
            raise trading_grid_error(operation, answer, sent_id, self._clock(), gone=gone)
        document = parse_json(answer.body)
        # null is JSON, and as bad as any other record that is none: it is the record's fault, and not the gateway's.
        if document is None and answer.body.strip() != b"null":
            raise unusable(operation, "the answer is not JSON", sent_id)
        return Read(document, sent_id)
