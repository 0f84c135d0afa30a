"""Builds the service of ``notice_publisher`` from its settings."""

from gridwix.notice_publisher.service import NoticePublisher
from gridwix.publication.publisher import ROW_PACE
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import once
from gridwix.runtime.publication import audience_refreshes, hub_partners, ledger, publisher
from gridwix.runtime.settings import PublisherSettings
from gridwix.runtime.trading_grid import community


@once
def notice_publisher() -> NoticePublisher:
    """Return the service ``NoticePublisher``; built once for each Lambda execution environment."""
    settings = PublisherSettings.from_environment()
    kept = ledger(settings)
    gateway = community(settings)
    return NoticePublisher(
        source=gateway,
        partners=hub_partners(settings, gateway),
        ledger=kept,
        publisher=publisher(settings, kept, "notice_publisher", pace=ROW_PACE),
        refreshes=audience_refreshes(settings, "notice_publisher"),
        configuration=configuration(),
    )
