"""What a run of ``trading_grid_feed`` did, as a log line and metrics."""

from gridwix.runtime.observability import count, count_by_reason, logger
from gridwix.trading_grid_feed.service import FeedReport


def emit_metrics(report: FeedReport, requests: int) -> None:
    """Emit one log line and the metrics of a run that answered so many messages."""
    count("EventsPublished", report.published)
    count("PartnersResynced", report.resynced)
    for member, items in report.invalid.items():
        count_by_reason("EventsInvalid", member, items)
    count("EventsOfUnknownType", report.unknown_types.total())
    logger.info(
        "feed read",
        extra={
            "requests": requests,
            "published": report.published,
            "resynced": report.resynced,
            "invalid": report.invalid,
            "unknownTypes": report.unknown_types,
            "resyncStarted": report.resync_started,
            "more": report.more,
            "overtaken": report.overtaken,
        },
    )
