"""API Gateway's proxy events in, and its answers out. Imports little, for it runs at the edge."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from gridwix.errors import WebhookRejected


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """The headers, by lower-case names."""
    return {name.lower(): value for name, value in (event.get("headers") or {}).items() if isinstance(value, str)}


def body_of(event: Mapping[str, Any]) -> bytes:
    """The bytes of the body as they were sent. Raises WebhookRejected for base64 that is none."""
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        # A lone surrogate cannot have been sent; it becomes bytes that are no UTF-8.
        return str(text).encode(errors="surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise WebhookRejected("malformed-body", status=400) from None


def json_response(status: int, body: Mapping[str, Any], content_type: str = "application/json") -> dict[str, Any]:
    """An answer that nobody keeps."""
    return {"statusCode": int(status), "headers": {"content-type": content_type, "cache-control": "no-store"}, "body": json.dumps(body)}


def unavailable_response() -> dict[str, Any]:
    """The answer where a retry may help."""
    body = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "code": "unavailable", "detail": "Try again later."}
    return json_response(503, body, "application/problem+json")
