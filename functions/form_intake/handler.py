"""Use case 4: delivers form submissions of the portal to Trading Grid.

Triggered by its SQS queue, which gets a message for each submitted form, and regular messages from
a schedule.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.form_intake.queue import IntakeQueue
from gridwix.form_intake.wiring import form_intake
from gridwix.runtime.aws import redelivery
from gridwix.runtime.deadlines import invocation_deadline
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics

RESERVE_SECONDS = 40.0
"""Seconds reserved for one page of submissions: no page begins with less time left."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Deliver every stored submission that is still waiting to Trading Grid, oldest first.

    Failed messages are returned to the queue (partial batch response).
    """
    return IntakeQueue(
        form_intake, redelivery, invocation_deadline(context, reserve=RESERVE_SECONDS)
    ).process(event, journal)
