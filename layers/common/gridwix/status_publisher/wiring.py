"""Builds the service of ``status_publisher`` from its settings."""

from gridwix.publication.publisher import ROW_PACE
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import once
from gridwix.runtime.publication import ledger, publisher
from gridwix.runtime.settings import PublisherSettings
from gridwix.runtime.trading_grid import community
from gridwix.status_publisher.service import PartnerStatusPublisher


@once
def status_publisher() -> PartnerStatusPublisher:
    """Return the status publisher; built once for each execution environment."""
    settings = PublisherSettings.from_environment()
    kept = ledger(settings)
    rows = publisher(settings, kept, "status_publisher", pace=ROW_PACE)
    return PartnerStatusPublisher(community(settings), kept, rows, configuration())
