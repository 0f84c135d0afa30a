"""The other end of an HTTP connection, in memory: it keeps every request and answers as a test says. With a clock, a sleeper and a budget that count."""

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
    """``answers`` are used up by the next requests, one each, an exception being raised; then ``handler`` answers."""

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
    """Moves the clock instead of sleeping."""

    clock: ManualClock
    slept: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.now += seconds


@dataclass
class CountingBudget:
    """Grants ``left`` calls. ``broken`` makes it fail as a table that cannot be reached does."""

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
    """No credentials at all."""
    return httpx.Auth()


def wix_fault(status: int, code: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    details = {"applicationError": {"code": code, "description": f"about {SECRET}", "data": {"value": SECRET}}}
    return httpx.Response(status, json={"message": SECRET, "details": details}, headers=headers)


def chain(error: BaseException) -> list[BaseException]:
    """An error and everything that a traceback could show beneath it."""
    found: list[BaseException] = []
    rest: list[BaseException | None] = [error]
    while rest:
        current = rest.pop()
        if current is not None and current not in found:
            found.append(current)
            rest += [current.__cause__, current.__context__]
    return found


def shown(error: BaseException) -> str:
    """Everything that a log could show of an error: text, representation, arguments and attributes, down the chain."""
    return " ".join(f"{link!s} {link!r} {link.args!r} {vars(link)!r}" for link in chain(error))
