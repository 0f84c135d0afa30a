"""Rings the portal's open pages, so that they reload the sections that have changed.

Triggered by its own queue: by every function that writes rows, and by itself for each repeat.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.portal_ringer.queue import RingerQueue
from gridwix.portal_ringer.wiring import portal_ringer
from gridwix.runtime.aws import redelivery
from gridwix.runtime.deadlines import invocation_deadline
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics

RESERVE_SECONDS = 25.0
"""Seconds reserved for one request to the site, and for queueing the repeats of its rings."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Increase the change numbers of the sections that the batch names, and ring the open pages.

    Failed messages are returned to the queue (partial batch response).
    """
    return RingerQueue(
        portal_ringer, redelivery, invocation_deadline(context, reserve=RESERVE_SECONDS)
    ).process(event, journal)
