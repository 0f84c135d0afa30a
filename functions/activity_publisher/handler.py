"""Counts the EDI documents that each partner and the hub exchanged, and publishes the counts.

Triggered by its queue: on schedule, and by its own messages, with which it continues a run.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.activity_publisher.queue import ActivityQueue
from gridwix.activity_publisher.wiring import activity_publisher
from gridwix.runtime.aws import redelivery
from gridwix.runtime.deadlines import invocation_deadline
from gridwix.runtime.observability import logger, metrics

RESERVE_SECONDS = 420.0
"""Seconds reserved for one time slice and for publishing rows: with less time left, no further
slice is read.
"""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Count EDI documents by hour of arrival, and publish the portal rows that changed.

    The hour is that of arrival in Lens, Trading Grid's transaction search. The count runs once for
    all messages of the batch. Failed messages are returned to the queue (partial batch response).
    """
    return ActivityQueue(
        activity_publisher, redelivery, invocation_deadline(context, reserve=RESERVE_SECONDS)
    ).process(event)
