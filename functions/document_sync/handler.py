"""Use case 5. Triggered by the document queue: changes of documents, approvals and partners, files that have become usable on the portal, and a schedule."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.document_sync.queue import sync_batch
from gridwix.document_sync.wiring import document_sync
from gridwix.runtime.aws import redelivery
from gridwix.runtime.observability import logger, metrics

RESERVE_MILLISECONDS = 120_000
"""Time kept for the files that are being copied when the function decides whether to begin with another."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Bring every document that the batch speaks of up to date; failed messages are returned to the queue (partial batch response)."""
    return sync_batch(event, document_sync, redelivery, lambda: context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS)
