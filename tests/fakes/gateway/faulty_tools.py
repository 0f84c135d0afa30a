"""Parts that planted faults are made of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.fakes.gateway.faulty import Answer, Document, Fault, Forward, Request, problem_answer

type Match = Callable[[Request], bool]


def match(method: str, *patterns: str) -> Match:
    """Return whether a request has the method and one of the paths; ``*`` stands for a segment."""

    def matches(request: Request) -> bool:
        return request.method == method and any(
            len(parts) == len(request.parts)
            and all(one in ("*", other) for one, other in zip(parts, request.parts, strict=True))
            for parts in (pattern.strip("/").split("/") for pattern in patterns)
        )

    return matches


def spoil_request(matches: Match, spoil: Callable[[Request], Request]) -> Fault:
    """Return a fault that changes matching requests before the gateway gets them."""

    async def fault(request: Request, forward: Forward) -> Answer:
        return await forward(spoil(request) if matches(request) else request)

    return fault


def spoil_answer(matches: Match, spoil: Callable[[Request, Answer], Answer]) -> Fault:
    """Return a fault that changes the answers to matching requests."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        return spoil(request, answer) if matches(request) else answer

    return fault


def spoil_success(matches: Match, spoil: Callable[[Document], Document]) -> Fault:
    """Return a fault that changes the JSON body of successes."""

    def change(_: Request, answer: Answer) -> Answer:
        good = answer.status < 300 and answer.is_json
        return answer.with_document(spoil(answer.document)) if good else answer

    return spoil_answer(matches, change)


def spoil_items(matches: Match, spoil: Callable[[Document], Document]) -> Fault:
    """Return a fault that changes each item of a list."""
    return spoil_success(
        matches, lambda page: {**page, "items": [spoil(item) for item in page["items"]]}
    )


def spoil_problem(spoil: Callable[[Document], Document]) -> Fault:
    """Return a fault that changes the body of each problem."""

    def change(_: Request, answer: Answer) -> Answer:
        bad = answer.status >= 400 and answer.is_json
        return answer.with_document(spoil(answer.document)) if bad else answer

    return spoil_answer(lambda _: True, change)


def drop_query(*names: str, paths: tuple[str, ...] = ("/*",)) -> Fault:
    """Return a fault that ignores query parameters."""
    return spoil_request(
        match("GET", *paths), lambda request: request.with_query(**dict.fromkeys(names))
    )


def drop_header(name: str, matches: Match) -> Fault:
    """Return a fault that ignores a header of requests."""
    return spoil_request(matches, lambda request: request.with_header(name, None))


def refuse_never(
    matches: Match, status: int, answer: Callable[[Request, Document], Document]
) -> Fault:
    """Return a fault that answers 200 where the gateway refuses with ``status``.

    ``answer`` gets the request and the record, and returns the body.
    """

    async def fault(request: Request, forward: Forward) -> Answer:
        found = await forward(request)
        if not matches(request) or found.status != status:
            return found
        record = await forward(read_request(request))
        return replace(record, body=record.with_document(answer(request, record.document)).body)

    return fault


def fail_once(matches: Match, number: int) -> Fault:
    """Return a fault that answers one matching request with 503, the one of this number."""
    count = 0

    async def fault(request: Request, forward: Forward) -> Answer:
        nonlocal count
        count += matches(request)
        if matches(request) and count == number:
            return problem_answer(503, "unavailable")
        return await forward(request)

    return fault


def read_request(request: Request) -> Request:
    """Return the read of the record that a write is about."""
    headers = {"authorization": request.headers["authorization"]}
    path = "/" + "/".join(request.parts[:2])
    return Request("GET", path, (), headers, b"")


def changed(document: Document, **members: Any) -> Document:
    """Return the document with other members."""
    return {**document, **members}


def without(document: Document, *names: str) -> Document:
    """Return the document without members."""
    return {name: value for name, value in document.items() if name not in names}
