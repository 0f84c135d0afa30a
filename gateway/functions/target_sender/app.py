"""Delivers what partners send to the hub's own systems, the targets. Triggered by SQS.

Messages come after commits, from a schedule each minute, and from redriven dead letters.
"""

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix_gateway.runtime.logs import log_target_run
from gridwix_gateway.runtime.metrics import count_target
from gridwix_gateway.runtime.targets import sending_targets, target_sender
from gridwix_gateway.targets.invocation import serve_targets


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Make the due deliveries to all targets, the hub's own systems.

    Returns the dead letters that must be retried (partial batch response).
    """

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    return serve_targets(
        event,
        target_sender(),
        sending_targets(),
        seconds_left=seconds_left,
        log=log_target_run,
        count=count_target,
        turn=int(time.time() // 60),
    )
