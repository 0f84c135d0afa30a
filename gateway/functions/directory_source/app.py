"""Reads OpenText's partner directory into the gateway. Triggered by a schedule, through SQS."""

from typing import Any

from gridwix_gateway.runtime.sources import run_sources
from gridwix_gateway.sources.directory.run import make_directory_source


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Read each declared partner directory that is due.

    A directory is due when its interval has passed since its last run. The messages in ``event``
    come from a schedule and only start this function, so one run serves all of them. The response
    reports no message as failed. Raises Problem if the table takes no commits: then SQS delivers
    the messages again.
    """
    run_sources("directory", make_directory_source, context.get_remaining_time_in_millis() / 1_000)
    return {"batchItemFailures": []}
