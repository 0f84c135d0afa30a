"""Use case 1. Triggered by the status publisher's queue: changes of partners, enrollments, steps, compliance checks and cases."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.errors import GridwixError
from gridwix.runtime.batch import answer, read_batch
from gridwix.runtime.observability import logger, metrics
from gridwix.runtime.reports import tell
from gridwix.runtime.wiring import forget_credentials_after, redelivery, status_publisher
from gridwix.services.partner_status import StatusReport


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Publish the rows of all partners that the batch names; what could not be done comes again."""
    batch = read_batch(event)
    try:
        report = status_publisher().publish(batch.changes)
        failures = {message.id: reason for message in batch.messages if (reason := report.failure(message.change)) is not None}
    except GridwixError as error:
        report, failures = StatusReport(), dict.fromkeys((message.id for message in batch.messages), error)
    forget_credentials_after(failures.values())
    tell(report, batch, failures)
    return answer(batch, failures, redelivery())
