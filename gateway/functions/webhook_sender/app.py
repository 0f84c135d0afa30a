"""Sends webhooks. Triggered by SQS: messages after commits, and one a minute from a schedule."""

from typing import Any

from gridwix_gateway.runtime.metrics import observe_webhooks
from gridwix_gateway.runtime.wiring import webhook_sender_parts
from gridwix_gateway.webhooks.dispatch import handle_messages

MARGIN = 25_000
"""Milliseconds that one delivery attempt may take. No attempt begins if the invocation has less
left.
"""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Send the due webhooks of the endpoints that the batch of SQS messages names.

    Returns the messages of endpoints with a failed sender (partial batch response).
    """

    def may_go_on() -> bool:
        return bool(context.get_remaining_time_in_millis() > MARGIN)

    return handle_messages(webhook_sender_parts(), event, may_go_on, observe_webhooks)
