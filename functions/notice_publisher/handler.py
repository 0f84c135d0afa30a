"""Use case 3: publishes cases and service notices on the portal.

Triggered by the notice publisher's queue: changes of cases and service notices, and changes of
partners, because a partner's change can change who may see a notice.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.notice_publisher.wiring import notice_publisher
from gridwix.runtime.aws import redelivery
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics
from gridwix.runtime.publisher_runner import PublisherRunner


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Publish the portal rows of all cases and notices that the batch of messages names.

    Failed messages are returned to the queue (partial batch response).
    """
    return PublisherRunner(notice_publisher, redelivery).process(event, journal)
