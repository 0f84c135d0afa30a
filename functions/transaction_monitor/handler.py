"""Use case 3. Asks Trading Grid's Lens what went wrong with transactions. Triggered by its queue, on schedule."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.errors import GridwixError
from gridwix.runtime.environment import forget_credentials_after
from gridwix.runtime.observability import about, count, logger, metrics
from gridwix.transaction_monitor.metrics import emit_metrics
from gridwix.transaction_monitor.wiring import transaction_monitor

RESERVE_MILLISECONDS = 20_000
"""Time kept for the stretch that is being read when the function decides whether to read another."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Read on from the cursor. However many messages ask for it, one run answers them all; a failure makes them come again."""
    try:
        emit_metrics(transaction_monitor().run(may_go_on=lambda: context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS))
    except GridwixError as error:
        count("SearchesFailed")
        logger.error("transactions not read", extra=about(error))
        forget_credentials_after([error])
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]]}
    return {"batchItemFailures": []}
