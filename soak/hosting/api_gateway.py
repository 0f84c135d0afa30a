"""Builds requests as an HTTP API of API Gateway passes them to a function: payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

FAILED: dict[str, Any] = {
    "statusCode": 500,
    "headers": {"content-type": "application/json"},
    "body": '{"message":"Internal Server Error"}',
}
"""API Gateway's response to a request if the function failed."""

_PATHS = {"trading_grid_webhook": "/webhooks/trading-grid", "wix_webhook": "/webhooks/wix"}
_TEXT = ("text/", "application/json", "application/javascript", "application/xml")


def webhook_event(
    function: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    form: str | None = None,
    query: Mapping[str, str],
) -> dict[str, Any]:
    """Return the API Gateway event of a webhook request.

    Args:
        function: ``trading_grid_webhook`` or ``wix_webhook``.
        headers: The request's headers.
        body: Its body.
        form: The form of ``POST /webhooks/wix/forms/{form}``.
        query: The query parameters.
    """
    path = _PATHS[function]
    route = f"POST {path}" if form is None else f"POST {path}/forms/{{form}}"
    lowered = {name.lower(): value for name, value in headers.items()}
    is_text = lowered.get("content-type", "application/json").startswith(_TEXT)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": f"/live{path}" if form is None else f"/live{path}/forms/{form}",
        "rawQueryString": urlencode(query),
        "headers": lowered,
        "requestContext": {"routeKey": route, "stage": "live", "http": {"method": "POST"}},
        "body": body.decode() if is_text else base64.b64encode(body).decode(),
        "isBase64Encoded": not is_text,
    }
    if query:
        event["queryStringParameters"] = dict(query)
    if form is not None:
        event["pathParameters"] = {"form": form}
    return event
