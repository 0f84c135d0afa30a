"""HTTP requests and replies as the routes of the model see them."""

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus

import httpx
import orjson

from emulators.trading_grid.problems import TITLES, Problem
from soak.lean_http import LeanResponse
from soak.trading_grid.records import compact_json

MAX_BODY_BYTES = 1024 * 1024


class Reply(NamedTuple):
    """A reply to a call. ``headers`` are those besides the content type."""

    status: int
    body: bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = {}


class Call(NamedTuple):
    """A call of the product: its path in segments, its query, its body."""

    method: str
    base_url: str
    path: str
    segments: tuple[str, ...]
    query: str
    headers: Mapping[str, str]
    body: bytes

    def parameters(self) -> dict[str, list[str]]:
        """The values of the query string by name, in order."""
        found: dict[str, list[str]] = {}
        for pair in self.query.split("&") if self.query else ():
            name, _, value = pair.partition("=")
            if "%" in value or "+" in value:
                value = unquote_plus(value)
            found.setdefault(name, []).append(value)
        return found

    def json_object(self) -> Any:
        """Return the parsed JSON body.

        Raises:
            Problem: It is no JSON, or too long.
        """
        if self.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise Problem("media-type", "The body is to be JSON.")
        if len(self.body) > MAX_BODY_BYTES:
            raise Problem("payload-too-large", "The body is larger than 1 MiB.")
        try:
            return orjson.loads(self.body)
        except ValueError:
            raise Problem("malformed", "The body is not JSON.") from None


def path_segments(path: str) -> tuple[str, ...]:
    """Return the segments of a path, decoded.

    >>> path_segments("/community/v1/cases/a%2Fb")
    ('community', 'v1', 'cases', 'a/b')
    """
    segments = path.strip("/").split("/")
    return tuple(map(unquote, segments) if "%" in path else segments)


def json_reply(document: Any, status: int = 200) -> Reply:
    """Return a reply with a JSON body."""
    return Reply(status, compact_json(document))


def record_reply(body: bytes, version: int, status: int = 200) -> Reply:
    """Return a reply with a record, and its version as ETag."""
    return Reply(status, body, headers={"etag": f'"v{version}"'})


def content_reply(version: Mapping[str, Any], content: bytes) -> Reply:
    """Return a reply with the bytes of a document's version, and their digest (RFC 9530)."""
    digest = base64.b64encode(bytes.fromhex(version["sha256"])).decode()
    headers = {"content-digest": f"sha-256=:{digest}:", "etag": f'"{version["sha256"]}"'}
    return Reply(200, content, version["mediaType"], headers)


def problem_reply(problem: Problem, request_id: str, instance: str) -> Reply:
    """Return the reply of a problem (RFC 9457)."""
    status, title = TITLES[problem.code]
    body = {
        "type": f"https://errors.example.net/tg/{problem.code}",
        "title": title,
        "status": status,
        "detail": problem.detail,
        "instance": instance,
        "code": problem.code,
        "requestId": request_id,
        **problem.more,
    }
    return Reply(status, compact_json(body), "application/problem+json")


def legacy_reply(status: int, message: str, code: str) -> Reply:
    """Return an error reply in the format of OpenText's own paths."""
    return json_reply({"status": str(status), "message": message, "error-code": code}, status)


def http_response(reply: Reply) -> httpx.Response:
    """Return a reply as httpx gets it from a server: its body is not read yet."""
    headers = {
        "content-type": reply.media_type,
        "content-length": str(len(reply.body)),
        **reply.headers,
    }
    return LeanResponse(reply.status, headers, reply.body)
