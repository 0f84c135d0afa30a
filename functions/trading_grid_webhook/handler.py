"""Takes Trading Grid's webhooks: verify the raw bytes, put the change on the bus, answer. Triggered by ``POST /webhooks/trading-grid``."""

import base64
import binascii
import json
from typing import Any

from gridwix.errors import GridwixError, WebhookRejected
from gridwix.runtime.edge import webhook_receiver
from gridwix.runtime.observability import about, count, count_by_reason, logger, metrics
from gridwix.services.webhook import problem, rejection


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """202 for a webhook that is on the bus; a problem that says why for one that is not and never will be; 503 where a retry may help."""
    try:
        accepted = webhook_receiver().receive(_headers(event), _body(event))
    except WebhookRejected as rejected:
        count_by_reason("WebhooksRejected", rejected.reason)
        count("WebhooksRejected")
        logger.warning("webhook rejected", extra={"reason": rejected.reason})
        return _answer(rejected.status, problem(rejected), "application/problem+json")
    except GridwixError as error:
        count("WebhooksFailed")
        logger.error("webhook failed", extra=about(error))
        body = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "code": "unavailable", "detail": "Try again later."}
        return _answer(503, body, "application/problem+json")
    count("WebhooksAccepted")
    return _answer(202, {"accepted": accepted}, "application/json")


def _headers(event: dict[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in (event.get("headers") or {}).items() if isinstance(value, str)}


def _body(event: dict[str, Any]) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(text).encode()
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise rejection("malformed-body") from None


def _answer(status: int, body: dict[str, Any], content_type: str) -> dict[str, Any]:
    return {"statusCode": int(status), "headers": {"content-type": content_type, "cache-control": "no-store"}, "body": json.dumps(body)}
