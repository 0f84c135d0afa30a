"""One host of Trading Grid as the place that reads go to, each under a request id of its own."""

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import httpx

from gridwix.clients.http import Call, Sender, parse_json
from gridwix.clients.trading_grid.auth import SYSTEM
from gridwix.clients.trading_grid.faults import trading_grid_error, unusable
from gridwix.errors import CursorExpired, UpstreamError


class Read(NamedTuple):
    """What was read, and under which request id."""

    document: Any
    request_id: str


class Gateway:
    """Reads JSON from one base URL. ``new_id`` makes the ``X-Request-ID`` that Trading Grid's support asks for; errors carry it."""

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
        sent_id = self._new_id()
        answer = self._sender.send(Call(operation, "GET", self._base_url + path, params=params, headers={"X-Request-ID": sent_id}, safe=True))
        if answer.status != httpx.codes.OK:
            raise trading_grid_error(operation, answer, sent_id, self._clock(), gone=gone)
        document = parse_json(answer.body)
        if document is None:
            raise unusable(operation, "the answer is not JSON", sent_id)
        return Read(document, sent_id)
