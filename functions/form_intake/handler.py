"""Use case 4. Triggered by the intake's queue: submissions of the portal's forms, and a schedule."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.form_intake.queue import take_in
from gridwix.form_intake.wiring import form_intake
from gridwix.runtime.aws import redelivery
from gridwix.runtime.observability import logger, metrics

RESERVE_MILLISECONDS = 40_000
"""Time kept for the page that is being delivered when the function decides whether to take another."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Have Trading Grid take everything that waits, oldest first; what it could not take comes again."""
    return take_in(event, form_intake, redelivery, lambda: context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS)
