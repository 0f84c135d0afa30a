"""The portal is compared with Trading Grid and repaired. Triggered by the queue of its own: on schedule, and by itself for each further page."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.errors import GridwixError
from gridwix.reconciler.queue import Message, emit_metrics, read_message, try_later
from gridwix.reconciler.wiring import reconciliation
from gridwix.runtime.aws import redelivery
from gridwix.runtime.environment import forget_credentials_after
from gridwix.runtime.observability import about, count, count_by_reason, logger, metrics
from gridwix.runtime.record_faults import name_record_faults
from gridwix.runtime.refused_items import refused_items


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do the page of each message; one that could not be done comes again."""
    failed: dict[str, Message | None] = {}
    for record in event["Records"]:
        message: Message | None = None
        try:
            message = read_message(record)
            report = reconciliation().handle(message.body, run=message.run, begun=message.sent)
            emit_metrics(report)
            name_record_faults(report.record_faults, refused_items)
        except GridwixError as error:
            failed[record["messageId"]] = message
            count_by_reason("ReconcileFailed", error.code)
            logger.error("page not reconciled", extra={"messageId": record["messageId"], **about(error)})
            forget_credentials_after([error])
            if message is not None:
                try_later(message, error, redelivery())
    count("PagesFailed", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}
