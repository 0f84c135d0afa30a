"""Answers API requests: authentication, routing, idempotency, commits, and error responses."""

import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NotRequired, TypedDict

from gridwix_gateway.api.authentication import TOKEN_SEGMENTS, Authenticator, Consumer
from gridwix_gateway.api.bodies import read_body
from gridwix_gateway.api.idempotency import idempotency_key, keep_response, replayed_response
from gridwix_gateway.api.messages import (
    MalformedRequest,
    Request,
    Response,
    proxy_response,
    read_request,
)
from gridwix_gateway.api.routing import BASE, DESK, Call, Route, Router, RouteTable
from gridwix_gateway.api.services import Services
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import TITLES, Problem
from gridwix_gateway.store.commits import CLIENT, Draft
from gridwix_gateway.store.table import Throttled

RETRY_AFTER = "1"
"""``Retry-After`` of responses 429 and 503, in seconds."""


class RequestEntry(TypedDict):
    """The log entry of a request: route, status and duration, and no other data of the request."""

    method: str
    route: str
    request_id: str
    status: int
    milliseconds: int
    code: NotRequired[str]
    error: NotRequired[str]
    stack: NotRequired[list[str]]
    announcement_error: NotRequired[str]


class Application:
    """The gateway's HTTP API: authenticates and routes requests, and commits each write once.

    Args:
        services: Table, commits, event feed and bucket for the routes.
        authenticator: Issues and checks access tokens.
        routers: The routes, one router per capability.
        log: Receives one log entry per request.
    """

    def __init__(
        self,
        services: Services,
        authenticator: Authenticator,
        routers: Iterable[Router],
        log: Callable[[RequestEntry], None],
    ) -> None:
        self._services = services
        self._authenticator = authenticator
        self._routes = RouteTable(routers)
        self._log = log

    def handle_event(self, event: Mapping[str, Any]) -> Document:
        """Answer a proxy event of API Gateway with a proxy response."""
        try:
            request = read_request(event)
        except MalformedRequest as problem:
            return proxy_response(problem_response(problem, problem.request))
        return proxy_response(self.answer_request(request))

    def answer_request(self, request: Request) -> Response:
        """Answer a request. Each error becomes a problem (RFC 9457) with the request's id."""
        begun = time.monotonic()
        entry: RequestEntry = {
            "method": request.method,
            "route": "-",
            "request_id": request.request_id,
            "status": 0,
            "milliseconds": 0,
        }
        try:
            response = self._serve_request(request, entry)
        except Problem as problem:
            entry["code"] = problem.code
            response = problem_response(problem, request)
        except Throttled:
            entry["code"] = "unavailable"
            throttled = Problem("unavailable", "Too many requests at once. Try again later.")
            response = problem_response(throttled, request)
        except Exception as error:
            # Not its message: it can hold values of the request or of a record.
            entry["code"] = "unavailable"
            entry["error"], entry["stack"] = type(error).__name__, _stack(error)
            failure = Problem("unavailable", "The gateway failed. Try again later.")
            response = problem_response(failure, request, status=500)
        entry["status"] = response.status
        entry["milliseconds"] = round((time.monotonic() - begun) * 1000)
        self._log(entry)
        return replace(response, headers={**response.headers, "x-request-id": request.request_id})

    def _serve_request(self, request: Request, entry: RequestEntry) -> Response:
        if request.segments == TOKEN_SEGMENTS:
            entry["route"] = "/" + "/".join(TOKEN_SEGMENTS)
            return self._authenticator.create_token(request)
        # Without a token nobody learns which routes there are.
        consumer = self._authenticator.read_consumer(request)
        route, parameters = self._routes.match_request(request)
        entry["route"] = route.pattern
        if route.scope not in consumer.scopes:
            raise Problem("forbidden", f"The consumer key does not have the scope {route.scope}.")
        body = {} if route.schema is None else read_body(request, route.schema)
        call = Call(request, parameters, body, self._services)
        if route.read is not None:
            return route.read(call)
        return self._commit_write(route, call, entry, consumer)

    def _commit_write(
        self, route: Route, call: Call, entry: RequestEntry, consumer: Consumer
    ) -> Response:
        assert route.write is not None
        handler, key = route.write, idempotency_key(call.request, consumer.key)
        # gridwix acts for partners; whoever has the desk's scope acts for the hub.
        origin = DESK if DESK in consumer.scopes else CLIENT

        def write(draft: Draft) -> tuple[Response, bool]:
            draft.origin = origin
            replayed = None if key is None else replayed_response(draft, key, call.request)
            if replayed is not None:
                return replayed, False
            response = handler(call, draft)
            if key is not None:
                keep_response(draft, key, call.request, response)
            # Of an accepted request (202), the rest is done by whoever hears of it.
            return response, draft.next_number > draft.sequence + 1 or response.status == 202

        response, is_announced = self._services.commits.run(write)
        if is_announced:
            self._announce_commit(entry)
        return response

    def _announce_commit(self, entry: RequestEntry) -> None:
        """Wake the functions that send what a commit has changed. Never fails the request.

        The functions send webhooks, and deliveries to external systems (targets). The write is
        already committed, so the client gets its response even if a wake message cannot be sent.
        Then a schedule wakes the functions later.
        """
        try:
            self._services.announce_commit()
        except Exception as error:
            entry["announcement_error"] = type(error).__name__


def problem_response(problem: Problem, request: Request, status: int | None = None) -> Response:
    """Return the HTTP response of a problem (RFC 9457).

    Args:
        problem: The problem.
        request: The request.
        status: HTTP status of the response; None for the problem's own status.
    """
    _, title = TITLES[problem.code]
    status = status or problem.status
    path = "/" + "/".join(request.segments)
    document: Document = {
        "type": f"urn:gridwix:problem:{problem.code}",
        "title": title,
        "status": status,
        "detail": problem.detail,
        "instance": path.removeprefix(BASE),
        "code": problem.code,
        "requestId": request.request_id,
    }
    if problem.errors:
        document["errors"] = [error._asdict() for error in problem.errors]
    if problem.current_version is not None:
        document["currentVersion"] = problem.current_version
    headers = {"content-type": "application/problem+json"}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if status in (429, 503):
        headers["retry-after"] = RETRY_AFTER
    return Response(status, document, headers)


def _stack(error: Exception) -> list[str]:
    """Return the last ten stack frames of an error (file, line, function), without any value."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-10:]
    ]
