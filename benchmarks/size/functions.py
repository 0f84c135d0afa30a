"""Runs each function over all partners, batch after batch, as one execution environment does."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from benchmarks.size.cloud import Bus, Ledger
from benchmarks.size.grid import Grid, partner_id, partner_numbers
from benchmarks.size.portal import Portal
from gridwix.document_sync.files import DocumentFiles
from gridwix.document_sync.service import DocumentSync
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.events import EVERYTHING, Change
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.notice_publisher.service import NoticePublisher
from gridwix.onboarding_sync.co_owned_rows import CoOwnedRows
from gridwix.onboarding_sync.service import OnboardingSync
from gridwix.partner_messenger.dispatches import Dispatch
from gridwix.partner_messenger.planning import Planner
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.publisher import Publisher
from gridwix.publication.resync import resync_change
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.service import PartnerStatusPublisher
from gridwix.trading_grid_feed.service import FeedReader
from tests.fakes.documents import FakeMedia, FakeTransfers
from tests.fakes.refreshes import audience_refreshes
from tests.fakes.stores import FakeCursors, FakeHandovers, FakeRefusedItems

COMPANY = CompanyId("GC00700011NR")
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)

MEASURED_BATCHES = 20
"""Number of batches that are measured if all batches of a function are alike. The calls of the
others are extrapolated.
"""


@dataclass(slots=True)
class Figures:
    """Calls and sizes that one function needed.

    ``units`` were handled, of ``of``. ``calls`` are by system. ``facts`` are further figures: sizes
    in bytes, counts of messages.
    """

    units: int
    of: int
    seconds: float = 0.0
    calls: dict[str, int] = field(default_factory=dict)
    facts: dict[str, int] = field(default_factory=dict)


def resyncs(numbers: range) -> list[Change]:
    """Return the changes that a full resync makes of these partners."""
    return [
        _resync(f"partners/{partner_id(number)}", PartnerId(partner_id(number)))
        for number in numbers
    ]


def _resync(record: str, owner: PartnerId | None) -> Change:
    return resync_change(record, owner, event_id=record, at=NOW.timestamp(), company_id=COMPANY)


def publisher(portal: Portal, ledger: Ledger) -> Publisher:
    """Return a publisher over a portal and a ledger in memory."""
    return Publisher(
        collections=portal.client(),
        ledger=ledger.adapter(),
        refused_items=FakeRefusedItems(),
        function="size",
        clock=time.time,
        hold=90,
    )


def measure_feed(partners: int) -> Figures:
    """Measure a full resync: the feed reader lists all partners and puts a request for each on the
    bus.
    """
    grid, bus = Grid(partners), Bus()
    community = grid.client()
    reader = FeedReader(
        feed=community,
        source=community,
        bus=bus,
        handovers=FakeHandovers(),
        cursors=FakeCursors(),
        company_id=COMPANY,
        type_prefix="net.example.tg.",
        clock=time.time,
    )
    reader.read_feed(NO_DEADLINE)
    return Figures(
        partners, partners, calls={"grid": grid.calls.total()}, facts={"events": bus.events}
    )


def measure_status(partners: int) -> Figures:
    """Measure ``status_publisher`` in batches of 1,000."""
    grid, portal, ledger = Grid(partners), Portal(), Ledger()
    service = PartnerStatusPublisher(
        grid.client(), ledger.adapter(), publisher(portal, ledger), configuration()
    )
    return _publish_batches(service.publish, 1000, partners, grid, portal, ledger)


def measure_onboarding(partners: int) -> Figures:
    """Measure ``onboarding_sync`` in batches of 100."""
    grid, portal, ledger = Grid(partners), Portal(), Ledger()
    service = OnboardingSync(
        source=grid.client(),
        portal=portal.client(),
        configuration=configuration(),
        shared=CoOwnedRows(portal.client(), {}),
        steps=publisher(portal, ledger),
        progress=publisher(portal, ledger),
    )
    return _publish_batches(service.publish, 100, partners, grid, portal, ledger)


def measure_notices(partners: int) -> Figures:
    """Measure ``notice_publisher`` in batches of 50, and one resync of the hub: a notice for
    carriers.
    """
    grid, portal, ledger = Grid(partners), Portal(), Ledger()
    source: Any = grid.client()
    service = NoticePublisher(
        source=source,
        partners=HubPartners(source, time.time),
        ledger=ledger.adapter(),
        publisher=publisher(portal, ledger),
        refreshes=audience_refreshes(time.time),
        configuration=configuration(),
    )
    service.publish([_resync(EVERYTHING, None)])
    hub = _calls(grid, portal, ledger)
    figures = _publish_batches(service.publish, 50, partners, grid, portal, ledger)
    return _with_hub(figures, hub)


def measure_documents(partners: int) -> Figures:
    """Measure ``document_sync`` in batches of 10, and one resync of the hub."""
    grid, portal, ledger = Grid(partners), Portal(), Ledger()
    source: Any = grid.client()
    files = DocumentFiles(
        source=source,
        media=FakeMedia(),
        transfers=FakeTransfers(),
        rows=portal.client(),
        rules=configuration().documents,
        clock=time.time,
        hold=90,
    )
    service = DocumentSync(
        source=source,
        partners=HubPartners(source, time.time),
        files=files,
        ledger=ledger.adapter(),
        publisher=publisher(portal, ledger),
        refreshes=audience_refreshes(time.time),
        refused_items=FakeRefusedItems(),
        configuration=configuration(),
        clock=time.time,
    )
    service.publish([_resync(EVERYTHING, None)])
    hub = _calls(grid, portal, ledger)
    figures = _publish_batches(service.publish, 10, partners, grid, portal, ledger)
    return _with_hub(figures, hub)


def _calls(grid: Grid, portal: Portal, ledger: Ledger) -> dict[str, int]:
    return {
        "grid": grid.calls.total(),
        "wix": portal.budget.calls,
        "dynamodb": ledger.calls.total(),
    }


def _with_hub(figures: Figures, hub: dict[str, int]) -> Figures:
    """Return the figures without the calls for the hub's own resync, which happens once for any
    number of partners.
    """
    figures.calls = {system: calls - hub[system] for system, calls in figures.calls.items()}
    figures.facts["calls to list the hub's records"] = hub["grid"]
    return figures


def _publish_batches(
    publish: Callable[[Sequence[Change]], Any],
    batch: int,
    partners: int,
    grid: Grid,
    portal: Portal,
    ledger: Ledger,
) -> Figures:
    done = 0
    for numbers in islice(partner_numbers(partners, batch), MEASURED_BATCHES):
        report = publish(resyncs(numbers))
        assert not report.reasons, next(iter(report.reasons.values()))
        done += len(numbers)
    return Figures(
        done,
        partners,
        calls=_calls(grid, portal, ledger),
        facts={
            "rows": portal.written,
            "largest ledger item": ledger.largest,
            "largest row": portal.largest_row,
        },
    )


class AcceptingOutbox:
    """An outbox that stores nothing, so that each dispatch is new."""

    def __init__(self) -> None:
        self.stored = 0

    def add_dispatches(self, dispatches: Sequence[Dispatch]) -> Sequence[Dispatch]:
        self.stored += len(dispatches)
        return dispatches

    def raise_watermark(self, key: str, version: int) -> None:
        del key, version


def measure_messenger(partners: int) -> Figures:
    """Measure ``partner_messenger`` while it plans the occasions of a notice to all partners."""
    grid, outbox = Grid(partners), AcceptingOutbox()
    members: Any = None
    box: Any = outbox
    source: Any = grid.client()
    report = Planner(box, configuration(), NOW.timestamp).plan_occasions(
        [
            Change(
                event_id="evt_1",
                type="notice.published",
                subject="service-notices/ntc_0000000000",
                occurred_at=NOW,
                company_id=COMPANY,
                version=3,
                via="feed",
            )
        ],
        RecordCache(source, members, members),
        NO_DEADLINE,
    )
    assert not report.failures, report.failures
    return Figures(
        partners,
        partners,
        calls={"grid": grid.calls.total()},
        facts={"occasions": outbox.stored, "kept in memory": len(report.due)},
    )
