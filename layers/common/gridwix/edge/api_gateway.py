"""Requests and responses of an API Gateway HTTP API, in payload format 2.0.

Imports little, for a fast cold start.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from gridwix.errors import WebhookRejected


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a request, by lower-case name.

    A header that was sent more than once has all its values, joined by commas.

    >>> headers_of({"headers": {"Webhook-Id": "evt_1"}})
    {'webhook-id': 'evt_1'}
    """
    return {
        name.lower(): value
        for name, value in (event.get("headers") or {}).items()
        if isinstance(value, str)
    }


def body_of(event: Mapping[str, Any]) -> bytes:
    """Return the raw bytes of a request's body, as they were sent.

    Raises WebhookRejected for invalid base64. API Gateway passes a body as text if its content type
    is text or one of a few others, such as ``application/json``. It encodes any other body in
    base64, such as ``application/cloudevents+json``.

    >>> body_of({"body": "eyJ9", "isBase64Encoded": True})
    b'{"}'
    """
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        # No sender can send a lone surrogate. It becomes invalid UTF-8, which is rejected.
        return str(text).encode(errors="surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise WebhookRejected("malformed-body", status=400) from None


def json_response(
    status: int, body: Mapping[str, Any], content_type: str = "application/json"
) -> dict[str, Any]:
    """Return a JSON response for API Gateway (proxy integration), marked as not cacheable."""
    return {
        "statusCode": int(status),
        "headers": {"content-type": content_type, "cache-control": "no-store"},
        "body": json.dumps(body),
    }


def unavailable_response() -> dict[str, Any]:
    """Return an HTTP response 503, for errors after which a retry may help."""
    body = {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "code": "unavailable",
        "detail": "Try again later.",
    }
    return json_response(503, body, "application/problem+json")
