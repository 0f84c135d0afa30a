"""Reads OpenText's partner directory into the gateway. Triggered by a schedule, through SQS."""

from typing import Any

from gridwix_gateway.runtime.sources import run_sources
from gridwix_gateway.sources.directory.run import make_directory_source


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Read each partner directory that is due by its own interval, once for all messages.

    The messages are those of a schedule; none is returned to the queue as failed.
    """
    run_sources("directory", make_directory_source, context.get_remaining_time_in_millis() / 1_000)
    return {"batchItemFailures": []}
