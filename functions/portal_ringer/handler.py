"""Tells open portal pages which of their sections have changed, so that the pages reload them.

Such a message to open pages is called a ring. Triggered by an SQS queue, to which each function
that writes portal rows sends messages. This function sends messages to the queue, too, in order to
repeat each ring some seconds later.
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
    """Count the changes of the portal sections that the batch names, and notify open portal pages.

    Each section has a number that grows with each change. An open page that is notified loads a
    section again if the number has grown. Failed messages are returned to the queue (partial batch
    response).
    """
    return RingerQueue(
        portal_ringer, redelivery, invocation_deadline(context, reserve=RESERVE_SECONDS)
    ).process(event, journal)
