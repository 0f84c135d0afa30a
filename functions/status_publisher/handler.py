"""Use case 1: publishes the status of each partner on the portal.

Triggered by the status publisher's queue: changes of partners, enrollments, steps, compliance
checks and cases.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.runtime.aws import redelivery
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics
from gridwix.runtime.publisher_runner import PublisherRunner
from gridwix.status_publisher.wiring import status_publisher


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Publish the portal rows of all partners that the batch of messages names.

    Failed messages are returned to the queue (partial batch response).
    """
    return PublisherRunner(status_publisher, redelivery).process(event, journal)
