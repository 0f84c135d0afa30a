"""Builds the service of ``transaction_monitor`` from its settings."""

from datetime import timedelta

from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.runtime.aws import aws_clock, dynamodb, events
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import once
from gridwix.runtime.opentext import lens
from gridwix.transaction_monitor.exception_table import DynamoDBKnownExceptions
from gridwix.transaction_monitor.service import TransactionMonitor
from gridwix.transaction_monitor.settings import MonitorSettings


@once
def transaction_monitor() -> TransactionMonitor:
    """Return the transaction monitor, built once per execution environment."""
    settings = MonitorSettings.from_environment()
    return TransactionMonitor(
        search=lens(settings),
        known=DynamoDBKnownExceptions(dynamodb(), settings.exception_table),
        bus=EventBridgeBus(events(), settings.bus_name),
        cursors=DynamoDBCursorStore(dynamodb(), settings.cursor_table, aws_clock()),
        rules=configuration().case_rules,
        company_id=settings.trading_grid_company_id,
        clock=aws_clock(),
        overlap=timedelta(seconds=settings.lens_overlap_seconds),
        late=timedelta(hours=settings.lens_late_hours),
    )
