"""Use case 2: publishes onboarding programs and enrollments on the portal.

Triggered by the onboarding queue: changes of programs, enrollments and their steps.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.onboarding_sync.wiring import onboarding_sync
from gridwix.runtime.aws import redelivery
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics
from gridwix.runtime.publisher_runner import PublisherRunner


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Publish the portal rows of all programs and enrollments that the batch of messages names.

    Failed messages are returned to the queue (partial batch response).
    """
    return PublisherRunner(onboarding_sync, redelivery).process(event, journal)
