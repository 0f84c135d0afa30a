"""Builds the service of ``activity_publisher`` from its settings."""

from gridwix.activity_publisher.count_store import S3CountStore, SqsRunContinuation
from gridwix.activity_publisher.service import ActivityPublisher
from gridwix.activity_publisher.settings import ActivitySettings
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.runtime.aws import aws_clock, dynamodb, s3, sqs
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import once
from gridwix.runtime.opentext import directory, lens
from gridwix.runtime.publication import ledger, publisher
from gridwix.runtime.trading_grid import community


@once
def activity_publisher() -> ActivityPublisher:
    """Return the activity publisher, built once per execution environment."""
    settings = ActivitySettings.from_environment()
    return ActivityPublisher(
        search=lens(settings),
        partners=directory(settings),
        cases=community(settings),
        store=S3CountStore(s3(), settings.report_bucket),
        cursors=DynamoDBCursorStore(dynamodb(), settings.cursor_table, aws_clock()),
        publisher=publisher(settings, ledger(settings), "activity_publisher"),
        continuation=SqsRunContinuation(sqs(), settings.queue_url),
        rules=configuration().case_rules,
        clock=aws_clock(),
    )
