"""Use case 5: keeps the documents on the portal in sync with Trading Grid.

Triggered by the document queue: changes of documents, approvals and partners, files that have
become usable on the portal, and a schedule.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.document_sync.queue import DocumentQueue
from gridwix.document_sync.wiring import document_sync
from gridwix.runtime.aws import redelivery
from gridwix.runtime.deadlines import invocation_deadline
from gridwix.runtime.journal import journal
from gridwix.runtime.observability import logger, metrics

RESERVE_SECONDS = 120.0
"""Seconds reserved for file copies under way: with less left, no further copy begins."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Synchronize every document that the batch of messages names, and resume file transfers.

    Failed messages are returned to the queue (partial batch response).
    """
    return DocumentQueue(
        document_sync, redelivery, invocation_deadline(context, reserve=RESERVE_SECONDS)
    ).process(event, journal)
