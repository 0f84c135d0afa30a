"""Reads the hub's REST APIs that are declared as sources. Triggered by a schedule, through SQS."""

from typing import Any

from gridwix_gateway.runtime.sources import run_sources
from gridwix_gateway.sources.rest.run import make_rest_source


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Read each declared REST API (source) that is due.

    A source is due when its interval has passed since its last run, or if that run has left a
    checkpoint inside a list. The messages in ``event`` come from a schedule and only start this
    function, so one run serves all of them. The response reports no message as failed. Raises
    Problem if the table takes no commits: then SQS delivers the messages again.
    """
    run_sources("rest", make_rest_source, context.get_remaining_time_in_millis() / 1_000)
    return {"batchItemFailures": []}
