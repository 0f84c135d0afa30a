"""Applies files that are dropped into the bucket. Triggered by its queue, which S3 fills."""

from typing import Any

from gridwix_gateway.runtime.file_source import drop_messages


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Process the messages of a batch, and return those that failed."""
    return drop_messages(context.get_remaining_time_in_millis).handle_event(event)
