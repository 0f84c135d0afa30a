"""Use case 3. Triggered by the case opener's queue: transactions that went wrong."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.case_opener.queue import open_cases
from gridwix.case_opener.wiring import case_opener
from gridwix.runtime.aws import redelivery
from gridwix.runtime.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Have a case in Trading Grid speak of each transaction that the batch names; failed messages are returned to the queue (partial batch response)."""
    return open_cases(event, case_opener, redelivery)
