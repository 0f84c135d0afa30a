"""Builds the service of ``trading_grid_feed`` from its settings."""

from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.handovers import DynamoDBHandovers
from gridwix.runtime.aws import aws_clock, dynamodb, events
from gridwix.runtime.environment import once
from gridwix.runtime.trading_grid import community
from gridwix.trading_grid_feed.service import FeedReader
from gridwix.trading_grid_feed.settings import FeedSettings


@once
def feed_reader() -> FeedReader:
    """Return the feed reader, built once per execution environment."""
    settings = FeedSettings.from_environment()
    gateway = community(settings)
    return FeedReader(
        feed=gateway,
        source=gateway,
        bus=EventBridgeBus(events(), settings.bus_name),
        handovers=DynamoDBHandovers(dynamodb(), settings.handover_table, aws_clock()),
        cursors=DynamoDBCursorStore(dynamodb(), settings.cursor_table, aws_clock()),
        company_id=settings.trading_grid_company_id,
        type_prefix=settings.trading_grid_event_type_prefix,
        clock=aws_clock(),
    )
