"""Receives Trading Grid's webhooks: verifies the raw bytes, and puts the change on the bus.

Triggered by ``POST /webhooks/trading-grid``.
"""

from typing import Any

from gridwix.edge.api_gateway import body_of, headers_of
from gridwix.edge.responses import respond
from gridwix.runtime.observability import count, metrics
from gridwix.trading_grid_webhook.endpoint import webhook_receiver
from gridwix.trading_grid_webhook.service import WebhookReceiver


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Respond with 202 once the change in the webhook is on the bus.

    A webhook that needs no event on the bus, such as a repeated one, gets 202 at once.
    """
    return respond(202, lambda: _receive(webhook_receiver(), event))


def _receive(receiver: WebhookReceiver, event: dict[str, Any]) -> dict[str, Any]:
    receipt = receiver.receive(headers_of(event), body_of(event))
    if receipt.duplicate:
        count("WebhooksRepeated")
    if receipt.ignored:
        count("EventsOfUnknownType")
    return receipt.response_body()
