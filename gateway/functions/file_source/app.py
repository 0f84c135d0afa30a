"""Imports the files that are put into an S3 bucket. Triggered by S3's notifications in SQS."""

from typing import Any

from gridwix_gateway.runtime.file_source import drop_messages


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Process a batch of SQS messages, and return those that failed (partial batch response)."""
    return drop_messages(context.get_remaining_time_in_millis).handle_event(event)
