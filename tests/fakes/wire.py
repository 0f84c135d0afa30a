"""The other end of an HTTP connection in memory, with a clock, a sleeper and a call budget.

It records each request and responds as a test says.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from gridwix.clients.http import new_client
from gridwix.errors import Unavailable

type Handler = Callable[[httpx.Request], httpx.Response]

SECRET = "s3cr3t-do-not-show"


@dataclass
class Wire:
    """Responses to requests: ``answers`` for the next ones, one each, then ``handler``.

    An exception in ``answers`` is raised.
    """

    handler: Handler = lambda _: httpx.Response(200, json={})
    answers: list[httpx.Response | httpx.RequestError] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if not self.answers:
            return self.handler(request)
        answer = self.answers.pop(0)
        if isinstance(answer, httpx.RequestError):
            raise answer
        return answer

    def client(self) -> httpx.Client:
        return new_client(transport=httpx.MockTransport(self))

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]

    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests if request.content]


@dataclass
class ManualClock:
    now: float = 1_773_324_331.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Sleeper:
    """Advances the clock instead of sleeping."""

    clock: ManualClock
    slept: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.now += seconds


@dataclass
class CountingBudget:
    """Grants ``left`` calls. ``broken`` fails like a table that cannot be reached."""

    left: int = 1_000_000
    taken: int = 0
    exhausted: list[float] = field(default_factory=list)
    broken: bool = False

    def take(self, calls: int = 1) -> float:
        if self.left < calls:
            return 7.5
        self.left -= calls
        self.taken += calls
        return 0.0

    def exhaust(self, seconds: float) -> None:
        if self.broken:
            raise Unavailable(system="aws")
        self.exhausted.append(seconds)


def open_auth() -> httpx.Auth:
    """No credentials."""
    return httpx.Auth()


def wix_fault(status: int, code: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    details = {
        "applicationError": {
            "code": code,
            "description": f"about {SECRET}",
            "data": {"value": SECRET},
        }
    }
    return httpx.Response(status, json={"message": SECRET, "details": details}, headers=headers)


def chain(error: BaseException) -> list[BaseException]:
    """Return an error and all errors that a traceback would show with it."""
    found: list[BaseException] = []
    rest: list[BaseException | None] = [error]
    while rest:
        current = rest.pop()
        if current is not None and current not in found:
            found.append(current)
            rest += [current.__cause__, current.__context__]
    return found


def shown(error: BaseException) -> str:
    """Return everything of an error that a log could show, down the chain.

    Text, representation, arguments and attributes.
    """
    return " ".join(f"{link!s} {link!r} {link.args!r} {vars(link)!r}" for link in chain(error))
