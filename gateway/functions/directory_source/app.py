"""Reads OpenText's partner directory when a run is due. Triggered by a schedule, through SQS."""

from typing import Any

from gridwix_gateway.runtime.sources import run_sources
from gridwix_gateway.sources.directory.run import make_directory_source


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run the directory sources that are due, once for all schedule messages of the batch."""
    run_sources("directory", make_directory_source, context.get_remaining_time_in_millis() / 1_000)
    return {"batchItemFailures": []}
