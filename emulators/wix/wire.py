"""JSON over HTTP: responses, request bodies, and the two ways to send an object with GET."""

import base64
import binascii
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from emulators.common.faults import break_connection

type Data = dict[str, Any]


class Json(Response):
    """A JSON response."""

    media_type = "application/json"

    def __init__(self, content: Any, status_code: int = 200) -> None:
        super().__init__(content, status_code)

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


class BrokenConnection(Response):
    """A response that breaks the connection instead of being sent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await break_connection(send)


class TooLarge(Exception):
    """Raised if a request's body exceeds the limit."""


async def read_body(request: Request, most: int) -> bytes:
    """Return a request's body. Raises TooLarge as soon as it exceeds ``most`` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge
    return bytes(body)


def decode_object(text: bytes) -> Data:
    """Return the JSON object in a text. An empty text is an empty object.

    Raises ValueError or TypeError for any other text.
    """
    value = orjson.loads(text) if text.strip() else {}
    if not isinstance(value, dict):
        raise TypeError("not a JSON object")
    return value


def decode_query(pairs: list[tuple[str, str]]) -> Data:
    """Return the object that a GET request has in its query string.

    Each parameter is one member, with a dotted name for a nested member. The parameter ``.r`` holds
    the whole object in base64url. Raises ValueError or TypeError for parameters that contradict
    each other, or for an invalid ``.r``.

    >>> decode_query([("paging.limit", "5"), ("ids", "a"), ("ids", "b")])
    {'paging': {'limit': '5'}, 'ids': ['a', 'b']}
    """
    found: Data = {}
    for name, value in pairs:
        if name == ".r":
            found.update(decode_object(decode_base64url(value)))
            continue
        *parents, leaf = name.split(".")
        target = found
        for parent in parents:
            target = target.setdefault(parent, {})
            if not isinstance(target, dict):
                raise TypeError(f"{name} contradicts another parameter")
        target[leaf] = [*_as_list(target[leaf]), value] if leaf in target else value
    return found


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def encode_base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """Decode base64url with or without padding. Raises ValueError for anything else."""
    try:
        return base64.b64decode(
            text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
