"""Shared handling of API calls: checks credentials and quota, applies faults, returns errors.

Faults of :mod:`emulators.common.faults` that apply here, by ``kind``:

``refuse_items``
    Some items of one bulk call fail, as its 200 response reports. ``options``: ``{"ids": [...]}``
    or ``{"everyNth": n}`` (each nth item of the call), with ``code`` and ``description``. For rules
    that stay active, see :mod:`emulators.wix.refusals`.
``half_bulk``
    One bulk call is applied to the first half of its items, then responds with 504.
``ghost_write``
    One write gets no response: after ``seconds`` the connection breaks. The write is applied later:
    ``options.after`` seconds after the request, by the emulator's clock. Without ``after``, it
    waits until a test calls ``POST /__emulator/ghosts``.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.common.faults import Fault
from emulators.wix.arguments import read_text
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.quota import Quota
from emulators.wix.site import Site
from emulators.wix.wire import (
    BrokenConnection,
    Data,
    Json,
    TooLarge,
    decode_object,
    decode_query,
    read_body,
)

MAX_BODY_BYTES = 5_000_000

logger = logging.getLogger(__name__)


class Kind(StrEnum):
    """Kind of an API call. The kind decides which injected faults and which quota apply."""

    READ = "read"
    WRITE = "write"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Call:
    """One API call: arguments of body and query string, path parameters, caller and base URL.

    ``refuse`` is an injected fault that makes some items of a bulk call fail, or None.
    """

    arguments: Data
    path: dict[str, str]
    by: Data
    base: str
    refuse: Fault | None = None

    @property
    def collection(self) -> str:
        return read_text(self.arguments, "dataCollectionId")

    def check_item(self, index: int, identifier: str | None) -> None:
        """Raise WixError if the injected fault ``refuse`` applies to an item of a bulk call.

        The fault names items by id, or applies to each nth item. ``index`` is the item's place in
        the call.
        """
        if self.refuse is None:
            return
        options = self.refuse.options
        every = int(options.get("everyNth", 0))
        if identifier in options.get("ids", ()) or (every and (index + 1) % every == 0):
            raise WixError(
                str(options.get("code", "WDE0080")),
                str(options.get("description", "Validation failed")),
            )


type Handler = Callable[[Site, Call], Data]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of an API of the site, with its path and its handler.

    ``handler`` returns the body of a 200 response, or raises WixError or InvalidRequest.
    """

    method: str
    path: str
    handler: Handler
    kind: Kind = Kind.READ
    elements: str = ""
    """The member of a bulk call that lists its items."""


def routes(site: Site, operations: Sequence[Operation]) -> list[Route]:
    """Return the HTTP routes for these API operations."""
    return [
        Route(
            operation.path, partial(_serve_operation, site, operation), methods=[operation.method]
        )
        for operation in operations
    ]


def _is_data(operation: Operation) -> bool:
    return operation.path.startswith("/wix-data/")


def _quota_of(operation: Operation) -> Quota:
    """Return the quota that an API operation counts against. A bulk call counts as one write."""
    if not _is_data(operation):
        return Quota.REQUESTS
    return Quota.READS if operation.kind is Kind.READ else Quota.WRITES


async def _serve_operation(site: Site, operation: Operation, request: Request) -> Response:
    try:
        by = site.auth.authenticate(request.headers)
        quota = _quota_of(operation)
        site.quotas.count_request(quota, "WDE0014" if _is_data(operation) else "RESOURCE_EXHAUSTED")
        if _is_data(operation) and not site.cms_installed:
            raise WixError("WDE0110", "The CMS app is not installed on the site")
        arguments = await read_arguments(request)
        if quota is not Quota.REQUESTS:
            collection = arguments.get("dataCollectionId")
            site.quotas.note_collection(quota, collection if isinstance(collection, str) else "")
        site.ghosts.apply_due()
        return await _run_operation(
            site, operation, request, Call(arguments, request.path_params, by, base_url(request))
        )
    except (WixError, InvalidRequest) as error:
        return error.response()
    except orjson.JSONEncodeError:
        return WixError("WDE0169", "The request is nested too deep").response()
    except Exception:
        logger.exception("a call failed")
        return Json({}, 500)


async def _run_operation(
    site: Site, operation: Operation, request: Request, call: Call
) -> Response:
    take = partial(site.faults.take_match, path=request.url.path, method=request.method)
    if operation.kind is not Kind.READ and (ghost := take("ghost_write")):
        after = ghost.options.get("after")
        site.ghosts.add(
            partial(operation.handler, site, call), None if after is None else float(after)
        )
        await asyncio.sleep(ghost.seconds)
        return BrokenConnection()
    if operation.kind is Kind.BULK:
        if take("half_bulk"):
            elements = call.arguments.get(operation.elements)
            # The caller sees a timeout and cannot know which items were written.
            half = elements[: len(elements) // 2] if isinstance(elements, list) else elements
            operation.handler(
                site, replace(call, arguments={**call.arguments, operation.elements: half})
            )
            raise WixError("WDE0028", "The operation took too long")
        call = replace(call, refuse=take("refuse_items"))
    return Json(operation.handler(site, call))


def base_url(request: Request) -> str:
    """Return the URL under which the caller of a request reaches the emulator."""
    return str(request.base_url).rstrip("/")


async def read_arguments(request: Request) -> Data:
    """Read the arguments of a request, from its JSON body and its query string.

    Raises WixError for a body that is too large, InvalidRequest for one that is not an object.
    """
    try:
        body = await read_body(request, MAX_BODY_BYTES)
        return {**decode_query(request.query_params.multi_items()), **decode_object(body)}
    except TooLarge:
        raise WixError("WDE0109", f"The body has more than {MAX_BODY_BYTES} bytes") from None
    except (ValueError, TypeError):
        raise InvalidRequest("body", "must be a JSON object") from None


def refuse_unsupported(_: Site, __: Call) -> Data:
    """Raise WixError: Wix documents this operation, but the emulator does not support it."""
    raise WixError("WDE0119", "The operation is not supported")


def require_object(arguments: Data, name: str) -> Any:
    """Return an argument that must be a JSON object. Raises InvalidRequest for anything else."""
    value = arguments.get(name)
    if not isinstance(value, dict):
        raise InvalidRequest(name, "must be an object")
    return value
