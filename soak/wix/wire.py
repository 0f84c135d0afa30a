"""HTTP of the site: arguments of requests, and responses that break off."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import orjson

from soak.kernel.edges import Fault
from soak.wix.refusals import InvalidRequest, WixRefusal
from soak.wix.store import Row


class _BrokenStream(httpx.SyncByteStream):
    """Half of a body, and then the connection breaks."""

    def __init__(self, content: bytes, request: httpx.Request) -> None:
        self._content = content
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        yield self._content[: len(self._content) // 2]
        raise httpx.ReadError("the connection broke", request=self._request)


def broken_off(response: httpx.Response, request: httpx.Request) -> httpx.Response:
    """The first half of a response, after which the connection breaks."""
    return httpx.Response(
        200, headers=response.headers, stream=_BrokenStream(response.content, request)
    )


def streamed(response: httpx.Response) -> httpx.Response:
    """The same response, whose body a caller may read in raw pieces."""
    if isinstance(response.stream, _BrokenStream):
        return response
    return httpx.Response(
        response.status_code,
        headers=response.headers,
        stream=httpx.ByteStream(response.content),
    )


def or_refusal(
    answer: Callable[[Fault | None], httpx.Response], fault: Fault | None
) -> httpx.Response:
    """The answer, or the response of its refusal."""
    try:
        return answer(fault)
    except WixRefusal as refusal:
        return refusal.response()


def read_arguments(request: httpx.Request, body: bytes) -> Row:
    """The members of a request's body and of its query string. Raises InvalidRequest."""
    found: Row = {}
    if body:
        try:
            found = orjson.loads(body)
        except ValueError:
            raise InvalidRequest("body", "must be a JSON object") from None
        if not isinstance(found, dict):
            raise InvalidRequest("body", "must be a JSON object")
    if request.url.query:
        for name, value in request.url.params.multi_items():
            target: Any = found
            *parents, leaf = name.split(".")
            for parent in parents:
                target = target.setdefault(parent, {})
            target[leaf] = value
    return found


def is_consistent(request: httpx.Request, body: bytes) -> bool:
    """True for a read that must see all writes."""
    consistent = b'"consistentRead":true' in body
    return consistent or b"consistentRead=true" in request.url.query


def short_path(path: str) -> str:
    """The path of a transfer without its token or name."""
    return "/".join(path.split("/")[:3])
