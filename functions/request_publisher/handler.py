"""Use case 4: publishes the state of collaboration requests on the portal.

Triggered by the request publisher's queue: changes of collaboration requests.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.request_publisher.wiring import request_publisher
from gridwix.runtime.aws import redelivery
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics
from gridwix.runtime.publisher_runner import PublisherRunner


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Publish the portal rows of all collaboration requests that the batch of messages names.

    Failed messages are returned to the queue (partial batch response).
    """
    return PublisherRunner(request_publisher, redelivery).process(event, journal)
