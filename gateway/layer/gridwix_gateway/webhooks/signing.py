"""Builds webhook requests from events of the feed, signed as Standard Webhooks specifies."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from gridwix_gateway.documents import Document
from gridwix_gateway.store.items import dump_json


def webhook_request(
    event: Document, secrets: Sequence[str], now: float
) -> tuple[Mapping[str, str], bytes]:
    """Return the HTTP headers and body of a webhook, signed with each secret of the endpoint.

    Args:
        event: The CloudEvent. Its id is the webhook's id in every attempt, so receivers can
            deduplicate.
        secrets: Signing secrets. A receiver needs only one of them, so secrets can be rotated
            without a gap.
        now: Time of the attempt, in Unix seconds.
    """
    body = dump_json(event)
    moment = datetime.fromtimestamp(int(now), UTC)
    signatures = (Webhook(secret).sign(event["id"], moment, body) for secret in secrets)
    headers = {
        "content-type": "application/json",
        "user-agent": "gridwix-gateway",
        "webhook-id": event["id"],
        "webhook-timestamp": str(int(now)),
        "webhook-signature": " ".join(signatures),
    }
    return headers, body.encode()
