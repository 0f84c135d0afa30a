"""Reads OpenText's partner directory if it is due. Triggered by a schedule, through a queue."""

from typing import Any

from gridwix_gateway.runtime.sources import run_sources
from gridwix_gateway.sources.directory.run import make_source


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run the sources once, however many ticks of the schedule have come."""
    run_sources("directory", make_source, context.get_remaining_time_in_millis() / 1_000)
    return {"batchItemFailures": []}
