"""HTTP helpers of the site's model: arguments of requests, and responses that break off."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import orjson

from soak.kernel.edges import Fault
from soak.wix.refusals import InvalidRequest, WixRefusal
from soak.wix.store import Row


class _BrokenStream(httpx.SyncByteStream):
    """A response body of which only the first half arrives: then the connection breaks."""

    def __init__(self, content: bytes, request: httpx.Request) -> None:
        self._content = content
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        yield self._content[: len(self._content) // 2]
        raise httpx.ReadError("the connection broke", request=self._request)


def broken_off(response: httpx.Response, request: httpx.Request) -> httpx.Response:
    """Return a response with the first half of its body, after which the connection breaks."""
    return httpx.Response(
        200, headers=response.headers, stream=_BrokenStream(response.content, request)
    )


def streamed(response: httpx.Response) -> httpx.Response:
    """Return the same response with a body that a caller may read in raw pieces."""
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
    """Return the answer of a handler, or the error response if it raises WixRefusal."""
    try:
        return answer(fault)
    except WixRefusal as refusal:
        return refusal.response()


def read_arguments(request: httpx.Request, body: bytes) -> Row:
    """Return the members of a request's body and of its query string. Raises InvalidRequest."""
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
    """Return True for a read that asks for consistency, so that it sees all writes."""
    consistent = b'"consistentRead":true' in body
    return consistent or b"consistentRead=true" in request.url.query


def short_path(path: str) -> str:
    """Return the path of a transfer without its token or name, for the counts."""
    return "/".join(path.split("/")[:3])
