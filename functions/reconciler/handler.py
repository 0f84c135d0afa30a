"""Compares the portal with Trading Grid, and repairs the differences (drift).

Triggered by its own queue: on schedule, and by its own messages, one for each further page of
records.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.reconciler.queue import ReconcilerQueue
from gridwix.reconciler.wiring import reconciliation
from gridwix.runtime.aws import redelivery
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Reconcile the page of records that each message names, or begin a new run.

    To reconcile is to compare the records with the portal's rows, and to repair the rows. Failed
    messages are returned to the queue (partial batch response).
    """
    return ReconcilerQueue(reconciliation, redelivery).process(event, journal)
