"""Reads the hub's REST APIs that are declared as sources. Triggered by a schedule, through SQS."""

from typing import Any

from gridwix_gateway.runtime.sources import run_sources
from gridwix_gateway.sources.rest.run import make_rest_source


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Read each REST API (source) that is due by its own interval, once for all messages.

    The messages are those of a schedule; none is returned to the queue as failed.
    """
    run_sources("rest", make_rest_source, context.get_remaining_time_in_millis() / 1_000)
    return {"batchItemFailures": []}
