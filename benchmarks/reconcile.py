"""Benchmark: a full comparison of 5,000 partners, 1% of them drifted (edited, deleted or added by
hand).

The ledger and the run's documents are in memory.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.emulator_pair import EmulatorPair, MemoryBudget, start_emulators
from gridwix.clients.wix.client import WixClient
from gridwix.models.events import Change
from gridwix.models.ids import CompanyId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.reconciliation import DriftReport, FullPage, RunRequest
from gridwix.models.wix import DataItem
from gridwix.publication.drift import DeleteGuard
from gridwix.publication.publisher import Verdict
from gridwix.publication.resync import ResyncRequester, resync_change
from gridwix.reconciler.service import Reconciler
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.reconciled import ReconciledPartnerStatus
from gridwix.status_publisher.service import PartnerStatusPublisher
from ops.emulator import Emulator
from tests.expected import expected_rows, shown_rows
from tests.fakes.ledger import MemoryLedger
from tests.fakes.reconciliation import FakeContinuation, FakeDocuments
from tests.fakes.stores import FakeBus

PARTNERS = 5_000
SAMPLE_PARTNERS = 3
DRIFTED = 50
COMPANY = CompanyId("GC00700011NR")
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Results and Wix calls of the full comparison.

    ``calls`` are all Wix calls of the run, ``bulk_calls`` those that wrote. ``touched`` are the
    rows with a changed update time.
    """

    report: DriftReport
    seconds: float
    pages: int
    calls: int
    bulk_calls: int
    spoilt: frozenset[WixItemId]
    touched: frozenset[WixItemId]
    wrong_rows: int
    refused_by_quota: int


def partner_resync(partner_id: str) -> Change:
    """Return the change that requests a resync of a partner."""
    return resync_change(
        f"partners/{partner_id}",
        PartnerId(partner_id),
        event_id=f"fill-{partner_id}",
        at=time.time(),
        company_id=COMPANY,
    )


def publish_batches(publisher: PartnerStatusPublisher, changes: list[Change]) -> None:
    """Publish changes in batches of the queue's size.

    Asserts that no row is refused or deferred.
    """
    for start in range(0, len(changes), BATCH):
        report = publisher.publish(changes[start : start + BATCH])
        assert not report.reasons
        assert report.count(Verdict.REFUSED) == 0


def create_drift(wix: WixClient, rows: Mapping[str, Mapping[str, Any]]) -> frozenset[WixItemId]:
    """Make rows differ from Trading Grid: edit 20, delete 20, and add 10 without a record; return
    their ids.
    """
    chosen = [WixItemId(identifier) for identifier in sorted(rows)[:: len(rows) // 40][:40]]
    edited, lost = chosen[:20], chosen[20:]
    strays = [WixItemId(f"GC0-stray-{number}") for number in range(10)]
    wix.bulk_save(
        PARTNER_STATUS,
        [
            DataItem(identifier, {**rows[identifier], "headline": "Edited by hand"})
            for identifier in edited
        ],
    )
    wix.bulk_remove(PARTNER_STATUS, lost)
    wix.bulk_save(
        PARTNER_STATUS, [DataItem(identifier, {"partnerId": identifier}) for identifier in strays]
    )
    return frozenset([*edited, *lost, *strays])


def wix_counts(found: EmulatorPair) -> dict[str, int]:
    """Return the number of calls to the Wix emulator since its journal was cleared, by method, path
    and status.
    """
    counts: dict[str, int] = Emulator(found.wix_url).read("journal")["counts"]
    return counts


def update_times(found: EmulatorPair) -> dict[WixItemId, str]:
    """Return the time at which each row was last written, by Wix's own timestamps."""
    return {
        WixItemId(identifier): repr((item["_createdDate"], item["_updatedDate"]))
        for identifier, item in found.items().items()
    }


def measure(partners: int = PARTNERS, *, rows_per_page: int = 500) -> Figures:
    """Create drift, run a full comparison, publish its changes, and compare the result."""
    with start_emulators(partners=partners - SAMPLE_PARTNERS, calls_per_minute=200) as found:
        unbounded = MemoryBudget(100_000, 50_000, time.time)
        ledger, bus, documents, queue = (
            MemoryLedger(),
            FakeBus(),
            FakeDocuments(),
            FakeContinuation(),
        )
        community = found.community()
        rows = expected_rows(community)
        status = PartnerStatusPublisher(
            community, ledger, found.publisher(unbounded, ledger, time.time), configuration()
        )
        publish_batches(status, [partner_resync(partner_id) for partner_id in rows])
        spoilt = create_drift(found.wix_client(unbounded), rows)
        before = update_times(found)
        budget = MemoryBudget(180, 60, time.time)
        found.clear_journal()

        publisher = found.publisher(budget, ledger, time.time)
        reconciler = Reconciler(
            collections=[
                ReconciledPartnerStatus(
                    community,
                    configuration(),
                    ResyncRequester(bus, company_id=COMPANY, clock=time.time),
                )
            ],
            rows=found.wix_client(budget),
            ledger=ledger,
            publisher=publisher,
            documents=documents,
            continuation=queue,
            guard=DeleteGuard(),
            clock=time.time,
            rows_per_page=rows_per_page,
        )
        begun = time.perf_counter()
        queue.send(
            reconciler.first_page(
                RunRequest(mode="full"), run="full-bench", begun=datetime.now(UTC)
            )
        )
        pages = 0
        report: DriftReport | None = None
        while queue.pages:
            page = queue.pages.pop(0)
            assert isinstance(page, FullPage)
            report = reconciler.handle(page).report
            pages += 1
        publish_batches(
            PartnerStatusPublisher(community, ledger, publisher, configuration()), bus.changes
        )
        seconds = time.perf_counter() - begun
        assert report is not None
        calls, counts = found.wix_calls(), wix_counts(found)
        after = update_times(found)
        shown = shown_rows(
            item
            for page in found.wix_client(unbounded).query_pages(PARTNER_STATUS)
            for item in page.items
        )
        return Figures(
            report=report,
            seconds=seconds,
            pages=pages,
            calls=calls,
            bulk_calls=sum(times for call, times in counts.items() if "/bulk/" in call),
            spoilt=spoilt,
            touched=frozenset(
                identifier
                for identifier in before.keys() | after
                if before.get(identifier) != after.get(identifier)
            ),
            wrong_rows=sum(
                shown.get(identifier) != rows.get(identifier) for identifier in shown.keys() | rows
            ),
            refused_by_quota=sum(times for call, times in counts.items() if call.endswith(" 429")),
        )


def main() -> None:
    """Run the benchmark of the full comparison and print its figures."""
    figures = measure()
    report = figures.report
    print(
        f"reconcile: {PARTNERS:,} partners, {DRIFTED} rows wrong (20 edited, 20 lost, 10 added),"
        f" {figures.pages} pages in {figures.seconds:.1f} s"
    )
    print(
        f"  found             drifted {report.drifted}, missing {report.missing},"
        f" extra {report.extra}, unsettled {report.unsettled}, of {report.rows:,}"
    )
    print(
        f"  written           {len(figures.touched & figures.spoilt)} of the {DRIFTED} wrong rows,"
        f" others: {len(figures.touched - figures.spoilt)}"
    )
    print(f"  wrong at the end  {figures.wrong_rows}")
    print(
        f"  over the quota    {figures.refused_by_quota} calls,"
        " at 180 calls a minute with a burst of 60"
    )
    print(
        f"  Wix calls         {figures.calls - figures.bulk_calls} to compare,"
        f" {figures.bulk_calls} to write   goal: at most {report.equal // 100} to compare"
    )


if __name__ == "__main__":
    main()
