"""Reads Trading Grid's event feed onto the bus. Triggered by the feed queue: on schedule, and when a doorbell rings."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.errors import GridwixError
from gridwix.runtime.environment import forget_credentials_after
from gridwix.runtime.observability import about, count, count_by_reason, logger, metrics
from gridwix.runtime.record_faults import name_record_faults
from gridwix.runtime.refused_items import refused_items
from gridwix.trading_grid_feed.metrics import emit_metrics
from gridwix.trading_grid_feed.wiring import feed_reader

RESERVE_MILLISECONDS = 20_000
"""Time kept for the page that is being read when the function decides whether to read another."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Read on from the cursor. However many messages ask for it, one run answers them all; a failure makes them come again."""
    try:
        report = feed_reader().run(may_go_on=lambda: context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS)
    except GridwixError as error:
        count("FeedFailed")
        count_by_reason("FeedFailed", error.code)
        logger.error("feed not read", extra=about(error))
        forget_credentials_after([error])
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]]}
    name_record_faults(report.record_faults, refused_items)
    emit_metrics(report, len(event["Records"]))
    return {"batchItemFailures": []}
