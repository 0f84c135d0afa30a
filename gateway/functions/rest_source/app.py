"""Reads the REST sources when their runs are due. Triggered by a schedule, through SQS."""

from typing import Any

from gridwix_gateway.runtime.sources import run_sources
from gridwix_gateway.sources.rest.run import make_rest_source


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run the REST sources that are due, once for all schedule messages of the batch."""
    run_sources("rest", make_rest_source, context.get_remaining_time_in_millis() / 1_000)
    return {"batchItemFailures": []}
