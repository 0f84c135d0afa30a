"""Injected faults: a test says what fails, how often, and for which requests.

A fault is one JSON object, posted to ``/__emulator/faults``::

    {"kind": "status", "path": "/wix-data/v2/bulk/*", "method": "POST", "skip": 0, "times": 3,
     "status": 429, "headers": {}, "body": {}}

``kind`` is one of:

``status``
    Respond with this status, without doing the work.
``slow``
    Wait ``seconds`` first.
``drop``
    Close the connection before any work.
``drop_after``
    Do the work, then close the connection.

Any other kind belongs to one emulator, which asks for it with :meth:`FaultPlan.take_match`.
"""

import asyncio
import fnmatch
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(slots=True)
class Fault:
    """One injected fault: ``skip`` matching requests pass, then ``times`` of them fail.

    ``path`` is a shell pattern; ``seconds`` is the delay of a slow response.
    """

    kind: str
    path: str = "*"
    method: str = "*"
    skip: int = 0
    times: int = 1
    status: int = 500
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    id: int = 0


class FaultPlan:
    """The injected faults that are still active, in the order in which they were added.

    There is no lock, because only one event loop uses the object.
    """

    TRANSPORT_KINDS = ("status", "slow", "drop", "drop_after")

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, order: dict[str, Any]) -> Fault:
        """Activate the fault that the JSON object ``order`` describes, and return the fault.

        Raises TypeError if ``order`` has a member that is no field of :class:`Fault`.
        """
        fault = Fault(**{**order, "id": next(self._ids)})
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def pending(self) -> list[Fault]:
        return list(self._faults)

    def take_match(self, *kinds: str, path: str = "", method: str = "*") -> Fault | None:
        """Return the first active fault that matches a request, and count it as used once.

        A fault matches if its kind is one of ``kinds``, and if it fits the request's ``path`` and
        ``method``. Returns None if no fault matches.
        """
        for fault in self._faults:
            if (
                fault.kind not in kinds
                or not fnmatch.fnmatch(path, fault.path)
                or fault.method not in ("*", method)
            ):
                continue
            # Only matching requests count, so a test can let the first ones of a kind succeed.
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)
            return fault
        return None


class FaultMiddleware:
    """ASGI middleware that applies injected transport faults to requests.

    These are the kinds ``status``, ``slow``, ``drop`` and ``drop_after``. Requests to
    ``/__emulator`` never fail.
    """

    def __init__(self, app: ASGIApp, plan: FaultPlan) -> None:
        self.app = app
        self.plan = plan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/__emulator"):
            await self.app(scope, receive, send)
            return
        fault = self.plan.take_match(
            *FaultPlan.TRANSPORT_KINDS, path=scope["path"], method=scope["method"]
        )
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind == "status":
            await _read_all(receive)
            await _send_response(send, fault)
        elif fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            await self.app(scope, receive, send)
        elif fault.kind == "drop":
            await _read_all(receive)
            await break_connection(send)
        else:
            # The work is done and only the response is lost: the caller cannot tell it from a
            # failure.
            await self.app(scope, receive, _discard)
            await break_connection(send)


async def _read_all(receive: Receive) -> None:
    more = True
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)


async def _send_response(send: Send, fault: Fault) -> None:
    body = b"" if fault.body is None else json.dumps(fault.body).encode()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        **fault.headers,
    }
    start: Message = {
        "type": "http.response.start",
        "status": fault.status,
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def break_connection(send: Send) -> None:
    """Break the connection within a response: announce more bytes than are sent.

    The client sees an incomplete response, because the server then closes the connection.
    """
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]}
    )
    await send({"type": "http.response.body", "body": b""})


async def _discard(message: Message) -> None:
    del message
