"""HTTP requests and responses of the API, and their form in Lambda's proxy events.

Three AWS services send such events, and the form of the path differs
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html):

============  ==============  ============================
service       payload format  path
============  ==============  ============================
REST API      1.0             percent-encoded, as sent
HTTP API      2.0             percent-decoded
function URL  2.0             percent-encoded, as sent
============  ==============  ============================
"""

import base64
import binascii
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.items import dump_json

REQUEST_ID = re.compile(r"[!-~]{1,100}")
"""Form of a client's ``X-Request-ID`` that is accepted; for any other, a new id is made."""

MAX_QUERY_FIELDS = 200
"""Maximum number of query parameters. A list takes up to 50 partner ids and a few more."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, independent of the form of the Lambda event that brought it.

    Args:
        method: HTTP method.
        segments: Segments of the path, each percent-decoded once.
        query: Query parameters in their order.
        headers: Headers by lower-case name.
        body: The body's bytes.
        request_id: ``X-Request-ID``, or a new one.
    """

    method: str
    segments: tuple[str, ...]
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    request_id: str = ""

    def query_values(self, name: str) -> tuple[str, ...]:
        """Return all values of a query parameter that can be repeated; empty if it is missing."""
        return tuple(value for key, value in self.query if key == name)

    def query_value(self, name: str) -> str | None:
        """Return the first value of a query parameter, or None if the parameter is missing."""
        return next(iter(self.query_values(name)), None)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response, independent of the form of the Lambda event.

    Args:
        status: HTTP status.
        document: The JSON body, or None.
        headers: Headers by lower-case name.
        content: A body of bytes in place of ``document``.
    """

    status: int
    document: Document | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


def read_request(event: Mapping[str, Any]) -> Request:
    """Parse a proxy event of API Gateway or a function URL as a request.

    Raises:
        Problem: ``malformed``: the body is not valid base64, or the query has too many parameters.
    """
    headers = {
        name.lower(): str(value) for name, value in (event.get("headers") or {}).items() if value
    }
    given_id = headers.get("x-request-id", "")
    request_id = given_id if REQUEST_ID.fullmatch(given_id) else str(uuid.uuid4())
    method, segments = _read_target(event)
    request = Request(method, segments, headers=headers, request_id=request_id)
    try:
        query, body = _read_query(event), _read_body(event)
    except (ValueError, binascii.Error):
        raise MalformedRequest(request) from None
    return Request(method, segments, query, headers, body, request_id)


class MalformedRequest(Problem):
    """Raised for an HTTP request that cannot be parsed.

    ``request`` holds the parts of the request that could be parsed.
    """

    def __init__(self, request: Request) -> None:
        super().__init__("malformed", "The request cannot be read.")
        self.request = request


def proxy_response(response: Response) -> Document:
    """Return a response in the form of Lambda's proxy integrations.

    It gets the header ``cache-control: no-store``, unless it has its own.
    """
    headers = {"cache-control": "no-store", **response.headers}
    if response.content is not None:
        body = base64.b64encode(response.content).decode()
        return {
            "statusCode": response.status,
            "headers": headers,
            "body": body,
            "isBase64Encoded": True,
        }
    if response.document is None:
        return {"statusCode": response.status, "headers": headers, "body": ""}
    return {
        "statusCode": response.status,
        "headers": {"content-type": "application/json", **headers},
        "body": dump_json(response.document),
    }


def _read_target(event: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    context = event.get("requestContext") or {}
    if event.get("version") != "2.0":
        return str(event["httpMethod"]), _path_segments(str(event["path"]), encoded=True)
    encoded = ".lambda-url." in str(context.get("domainName", ""))
    path, stage = str(event["rawPath"]), str(context.get("stage", "$default"))
    if stage != "$default":
        path = path.removeprefix(f"/{stage}")
    return str(context["http"]["method"]), _path_segments(path, encoded=encoded)


def _path_segments(path: str, *, encoded: bool) -> tuple[str, ...]:
    """Split a path into its segments, each percent-decoded once if the path is encoded.

    >>> _path_segments("/cases/a%2Fb%2525", encoded=True)
    ('cases', 'a/b%25')
    """
    segments = path.removeprefix("/").split("/")
    return tuple(unquote(segment) for segment in segments) if encoded else tuple(segments)


def _read_query(event: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    if event.get("version") == "2.0":
        text = str(event.get("rawQueryString") or "")
        return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS))
    parameters = event.get("multiValueQueryStringParameters") or {}
    query = tuple((name, value) for name, values in parameters.items() for value in values)
    if len(query) > MAX_QUERY_FIELDS:
        raise ValueError("too many query parameters")
    return query


def _read_body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(text, validate=True)
    # No client can send a lone surrogate. It becomes invalid UTF-8, which is refused.
    return str(text).encode(errors="surrogatepass")
