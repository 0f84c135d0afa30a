"""Builds the service of ``trading_grid_feed`` from its settings."""

import time

from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.handovers import DynamoDBHandovers
from gridwix.runtime.aws import dynamodb, events
from gridwix.runtime.environment import once
from gridwix.runtime.trading_grid import community
from gridwix.trading_grid_feed.service import FeedReader
from gridwix.trading_grid_feed.settings import FeedSettings


@once
def feed_reader() -> FeedReader:
    """Return the service, built once per execution environment."""
    settings = FeedSettings.read()
    gateway = community(settings)
    return FeedReader(
        feed=gateway,
        source=gateway,
        bus=EventBridgeBus(events(), settings.bus_name),
        handovers=DynamoDBHandovers(dynamodb(), settings.handover_table, time.time),
        cursors=DynamoDBCursorStore(dynamodb(), settings.cursor_table, time.time),
        company_id=settings.trading_grid_company_id,
        type_prefix=settings.trading_grid_event_type_prefix,
        clock=time.time,
    )
