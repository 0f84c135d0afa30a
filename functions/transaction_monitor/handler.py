"""Use case 3: searches Trading Grid Lens for transaction exceptions.

Triggered by its queue, on schedule.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.runtime.deadlines import invocation_deadline
from gridwix.runtime.observability import logger, metrics
from gridwix.transaction_monitor.queue import MonitorQueue
from gridwix.transaction_monitor.wiring import transaction_monitor

RESERVE_SECONDS = 20.0
"""Time kept for the time slice that is being read: with less left, no other begins."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Read the search from the cursor, once for all messages.

    Failed messages are returned to the queue (partial batch response).
    """
    return MonitorQueue(
        transaction_monitor, invocation_deadline(context, reserve=RESERVE_SECONDS)
    ).process(event)
