"""Use case 3: opens cases for transaction exceptions.

Triggered by the case opener's queue: changes of transaction exceptions.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.case_opener.queue import CaseQueue
from gridwix.case_opener.wiring import case_opener
from gridwix.runtime.aws import redelivery
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Open or update a case in Trading Grid for each transaction exception of the batch.

    Failed messages are returned to the queue (partial batch response).
    """
    return CaseQueue(case_opener, redelivery).process(event, journal)
