"""Sends webhooks. Triggered by a queue, to which a schedule writes each minute."""

from typing import Any

from gridwix_gateway.runtime.metrics import observe_webhooks
from gridwix_gateway.runtime.wiring import webhook_sender_parts
from gridwix_gateway.webhooks.dispatch import handle_messages

MARGIN = 25_000
"""Milliseconds that an attempt and its record may take at most. None begins with less left."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run the senders that the event wakes."""

    def may_go_on() -> bool:
        return bool(context.get_remaining_time_in_millis() > MARGIN)

    return handle_messages(webhook_sender_parts(), event, may_go_on, observe_webhooks)
