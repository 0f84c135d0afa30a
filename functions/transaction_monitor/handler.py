"""Use case 3: searches Trading Grid Lens for transaction exceptions, such as failed deliveries.

Triggered by its queue, on schedule.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.runtime.deadlines import invocation_deadline
from gridwix.runtime.observability import logger, metrics
from gridwix.transaction_monitor.queue import MonitorQueue
from gridwix.transaction_monitor.wiring import transaction_monitor

RESERVE_SECONDS = 20.0
"""Seconds reserved for one time slice of the search: with less time left, no further slice is read.
"""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Search Trading Grid's transactions (Lens) for new exceptions, such as failed deliveries.

    The search starts at the stored cursor (checkpoint), and runs once for all messages of the
    batch. Failed messages are returned to the queue (partial batch response).
    """
    return MonitorQueue(
        transaction_monitor, invocation_deadline(context, reserve=RESERVE_SECONDS)
    ).process(event)
