"""Use case 6: sends messages of campaigns to partners.

Triggered by the messenger's queue: changes that trigger campaigns, and a schedule for dispatches
that are due later.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.partner_messenger.queue import MessengerQueue
from gridwix.partner_messenger.wiring import partner_messenger
from gridwix.runtime.aws import redelivery
from gridwix.runtime.deadlines import invocation_deadline
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics

RESERVE_SECONDS = 25.0
"""Time kept for the call of the portal that is under way, and its record in the outbox: with less
left, no other begins.
"""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Plan the dispatches of the batch, and send what is due.

    Failed messages are returned to the queue (partial batch response).
    """
    return MessengerQueue(
        partner_messenger, redelivery, invocation_deadline(context, reserve=RESERVE_SECONDS)
    ).process(event, journal)
