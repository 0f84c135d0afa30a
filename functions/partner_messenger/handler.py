"""Use case 6. Triggered by the messenger's queue: changes that partners are to hear of, and a schedule for what is due later."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.partner_messenger.queue import deliver
from gridwix.partner_messenger.wiring import partner_messenger
from gridwix.runtime.aws import redelivery
from gridwix.runtime.observability import logger, metrics

RESERVE_MILLISECONDS = 25_000
"""Time kept for what is under way when the function decides whether to begin something else: a call of the portal, and what is recorded of it."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Plan what the changes give occasion to, and send what is due; a change that could not be planned comes again."""
    return deliver(event, partner_messenger, redelivery, lambda: context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS)
