"""Use case 6: sends messages to partners by campaigns (rules that say when to send which text).

Triggered by the messenger's queue: changes that trigger campaigns, and a schedule for messages that
are due later.
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
"""Seconds reserved for one call to the portal and its record in the outbox: with less time left, no
further call begins.
"""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Plan the messages to partners that the batch's changes trigger, and send the due messages.

    Failed queue messages are returned to the queue (partial batch response).
    """
    return MessengerQueue(
        partner_messenger, redelivery, invocation_deadline(context, reserve=RESERVE_SECONDS)
    ).process(event, journal)
