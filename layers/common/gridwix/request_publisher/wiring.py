"""Builds the service of ``request_publisher`` from its settings."""

from gridwix.partner_requests.rows import RequestRows
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.publication.publisher import ROW_PACE
from gridwix.request_publisher.service import RequestPublisher
from gridwix.runtime.aws import dynamodb
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import once
from gridwix.runtime.publication import ledger, publisher
from gridwix.runtime.settings import RequestSettings
from gridwix.runtime.trading_grid import community


@once
def request_publisher() -> RequestPublisher:
    """Return the request publisher; built once for each execution environment."""
    settings = RequestSettings.from_environment()
    kept = ledger(settings)
    paced = publisher(settings, kept, "request_publisher", pace=ROW_PACE)
    rows = RequestRows(paced, configuration())
    return RequestPublisher(
        community(settings),
        DynamoDBSubmissionInbox(dynamodb(), settings.submission_table),
        rows,
        configuration(),
    )
