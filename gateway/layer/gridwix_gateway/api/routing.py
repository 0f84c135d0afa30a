"""Routes of the API: declares them, and finds the route of a request by method and path."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from gridwix_gateway.api.messages import Request, Response
from gridwix_gateway.api.services import Services
from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.store.commits import Draft

BASE = "/community/v1"
"""Path prefix of the profile's routes."""

COMMUNITY = "community"
"""Scope that a consumer key needs for the profile's routes."""

DESK = "desk"
"""Scope that a consumer key needs for ``/desk/v1``, the routes for the hub's employees."""

MAX_PARAMETER = 200
"""Maximum characters of a path parameter. The profile's own limits are not higher."""


@dataclass(frozen=True, slots=True)
class Call:
    """Input of a route's handler: the request, its path parameters and its validated body.

    Args:
        request: The request.
        parameters: Path parameters by name.
        body: The JSON object, validated by the route's schema; empty if the route has no schema.
        services: The table, the bucket, and other dependencies of the handler.
    """

    request: Request
    parameters: dict[str, str]
    body: dict[str, Any]
    services: Services

    @property
    def id(self) -> str:
        """The path parameter ``id``."""
        return self.parameters["id"]


class ReadHandler(Protocol):
    """Function that handles a request for a route that only reads, without a commit."""

    def __call__(self, call: Call, /) -> Response: ...


class WriteHandler(Protocol):
    """Function that handles a request for a route that writes, within a commit.

    It writes only to the draft, which collects the writes of the commit. It runs again if another
    commit came first, so it must have no other effects.
    """

    def __call__(self, call: Call, draft: Draft, /) -> Response: ...


@dataclass(frozen=True, slots=True)
class Route:
    """A route: method, path pattern, required scope, and one handler.

    Args:
        method: HTTP method.
        pattern: Path with parameters, such as ``/cases/{id}``. A last parameter ``{name+}`` takes
            the rest of the path.
        scope: Scope that the caller's consumer key must have.
        schema: Name of the OpenAPI schema of the body; None if the body is not validated here.
        read: The handler of a route that only reads; None if the route writes.
        write: The handler of a route that writes; None if the route only reads.
    """

    method: str
    pattern: str
    scope: str
    schema: str | None = None
    read: ReadHandler | None = None
    write: WriteHandler | None = None


class Router:
    """Collects the routes of one capability, under a common path and scope.

    Args:
        base: Path that precedes each pattern.
        scope: Scope of each route.
    """

    def __init__(self, base: str = BASE, scope: str = COMMUNITY) -> None:
        self._base = base
        self._scope = scope
        self.routes: list[Route] = []

    def read(self, method: str, pattern: str) -> Callable[[ReadHandler], ReadHandler]:
        """Return a decorator that declares a function as the handler of a route that only reads."""

        def register(handler: ReadHandler) -> ReadHandler:
            path = self._base + pattern
            self.routes.append(Route(method, path, self._scope, read=handler))
            return handler

        return register

    def write(
        self, method: str, pattern: str, schema: str | None = None
    ) -> Callable[[WriteHandler], WriteHandler]:
        """Return a decorator that declares a function as the handler of a route that writes.

        The handler runs within a commit.

        Args:
            method: HTTP method. A POST takes an ``Idempotency-Key``.
            pattern: Path, such as ``/cases/{id}/comments``.
            schema: Name of the OpenAPI schema of the body; None if the body is not validated here.
        """

        def register(handler: WriteHandler) -> WriteHandler:
            path = self._base + pattern
            self.routes.append(Route(method, path, self._scope, schema, write=handler))
            return handler

        return register


class RouteTable:
    """Finds the route of a request among the routes of all routers."""

    def __init__(self, routers: Iterable[Router]) -> None:
        self._routes = [
            (route, route.pattern.removeprefix("/").split("/"))
            for router in routers
            for route in router.routes
        ]

    def match_request(self, request: Request) -> tuple[Route, dict[str, str]]:
        """Return the route of a request, and its path parameters.

        Raises:
            Problem: ``not-found``: there is no such route, or a parameter is empty or too long.
                ``validation``: the parameter ``{name+}``, the rest of the path, is empty or
                    too long.
        """
        for route, pattern in self._routes:
            if route.method == request.method:
                parameters = _path_parameters(pattern, request.segments)
                if parameters is not None:
                    return route, parameters
        raise Problem("not-found", "There is no such operation.")


def _path_parameters(pattern: list[str], segments: tuple[str, ...]) -> dict[str, str] | None:
    """Return the parameters of a path that fits a route's pattern, or None if it does not fit.

    Raises Problem ``validation`` if ``{name+}``, the rest of the path, is empty or too long.
    """
    if pattern[-1].endswith("+}") and len(segments) > len(pattern):
        rest = len(pattern) - 1
        segments = (*segments[:rest], "/".join(segments[rest:]))
    if len(pattern) != len(segments):
        return None
    parameters: dict[str, str] = {}
    for part, segment in zip(pattern, segments, strict=True):
        if part.startswith("{"):
            name = part.strip("{+}")
            if not 0 < len(segment) <= MAX_PARAMETER:
                # Without a record of this id nothing is found. The rest of a path is a value.
                if part.endswith("+}"):
                    raise _parameter_problem(name)
                return None
            parameters[name] = segment
        elif part != segment:
            return None
    return parameters


def _parameter_problem(name: str) -> Problem:
    limits = FieldError(name, "length", f"1 to {MAX_PARAMETER} characters")
    return Problem("validation", f"The path parameter {name} is not valid.", [limits])
