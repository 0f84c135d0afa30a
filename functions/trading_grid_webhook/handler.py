"""Receives Trading Grid's webhooks: verify the raw bytes, put the change on the bus, respond.

Triggered by ``POST /webhooks/trading-grid``.
"""

from typing import Any

from gridwix.edge.api_gateway import body_of, headers_of
from gridwix.edge.responses import respond
from gridwix.runtime.observability import metrics
from gridwix.trading_grid_webhook.endpoint import webhook_receiver


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Respond 202 once the change is on the bus."""
    return respond(
        202, lambda: {"accepted": webhook_receiver().receive(headers_of(event), body_of(event))}
    )
