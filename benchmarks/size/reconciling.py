"""Measures the full comparison of a collection, and the activity publisher's partner directory."""

import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson

from benchmarks.size.cloud import Bus, Documents, Ledger, Queue
from benchmarks.size.functions import COMPANY, Figures, publisher
from benchmarks.size.grid import CASES, SHARED_DOCUMENTS, Grid, partner_id
from benchmarks.size.portal import DRIFTED_EVERY, Portal
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.document_sync.reconciled import ReconciledPartnerDocuments
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.reconciliation import (
    RUN_MESSAGE,
    DriftReport,
    FullPage,
    Phase,
    RowDifference,
    RowVerdict,
    RunRequest,
)
from gridwix.models.wix import DataItem
from gridwix.notice_publisher.reconciled import ReconciledOpenIssues
from gridwix.onboarding_sync.reconciled import ReconciledOnboardingProgress
from gridwix.publication.drift import DeleteGuard, judge_row, row_difference
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.models import Versions
from gridwix.publication.reconciled import ROWS_PER_QUERY, ExpectedRow, ReconciledCollection
from gridwix.publication.resync import ResyncRequester
from gridwix.reconciler.service import Reconciler
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.reconciled import ReconciledPartnerStatus
from tests.fakes.documents import FakeMedia, FakeTransfers

MEASURED_PAGES, MEASURED_PLAIN_PAGES = 5, 100
"""Number of measured pages of a comparison, for rows of records and for plain rows. The other pages
are alike.

All keys are listed and sorted before them.
"""

DIRECTORY_PIECE = 100
"""Number of directory entries in each piece of the response, of 15 KB."""

ROWS_PER_PARTNER = 10
"""Number of plain rows per partner: 100,000 partners have 1,000,000 rows."""

FIELDS = frozenset({"title", "note"})


class PlainRows(ReconciledCollection):
    """A reconciled collection with rows that need no record, to measure the reconciler itself."""

    name = CollectionId("PlainRows")
    most_rows = ROWS_PER_QUERY

    def __init__(self, rows: int, resyncs: ResyncRequester) -> None:
        self._rows, self._resyncs = rows, resyncs

    def list_keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        start, stride = int(page or 0), 7919
        end = min(start + 200, self._rows)
        keys = [f"row_{one * stride % self._rows:010}" for one in range(start, end)]
        return keys, str(end) if end < self._rows else None

    def item_id(self, key: str) -> WixItemId:
        return item_id(key)

    def key_of(self, item: DataItem) -> str | None:
        return item.id

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow]:
        return {key: ExpectedRow(plain_row(int(key[-10:])), Versions()) for key in keys}

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge_row(expected, shown, FIELDS)

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        return row_difference(expected, shown, FIELDS)

    def is_live(self, key: str) -> bool:
        del key
        return True

    def request_resync(self, keys: Collection[str], run: str) -> None:
        self._resyncs.request_resync(dict.fromkeys((f"rows/{key}" for key in keys), None), run)


def plain_row(number: int) -> DataItem:
    """Return a plain row by its number."""
    return DataItem(
        WixItemId(f"row_{number:010}"), {"title": f"Row {number}", "note": "as it should be"}
    )


def measure_plain_rows(partners: int) -> Figures:
    """Measure the reconciler itself: ten rows of each partner, listed, sorted, compared,
    reported.
    """
    rows = partners * ROWS_PER_PARTNER
    portal = Portal(rows, lambda numbers: [plain_row(number) for number in numbers])
    return _reconcile(
        lambda _, desk: PlainRows(rows, desk),
        portal,
        Grid(partners),
        rows,
        pages=MEASURED_PLAIN_PAGES,
    )


def measure_partner_status(partners: int) -> Figures:
    """Measure the comparison of ``PartnerStatus``: rows of partners, made from four lists of
    records.
    """
    return _reconcile_records(
        lambda source, desk: ReconciledPartnerStatus(source, configuration(), desk),
        partner_id,
        partners,
        partners,
    )


def measure_progress(partners: int) -> Figures:
    """Measure the comparison of ``OnboardingProgress``: rows of enrollments."""
    return _reconcile_records(
        lambda source, desk: ReconciledOnboardingProgress(source, configuration(), desk),
        lambda number: f"{partner_id(number)}/enr_{number:010}",
        partners,
        partners,
    )


def measure_issues(partners: int) -> Figures:
    """Measure the comparison of ``OpenIssues``: rows of cases, with their comments."""
    return _reconcile_records(
        lambda source, desk: ReconciledOpenIssues(source, configuration(), desk),
        lambda number: f"{partner_id(number // CASES)}/case_{number:010}",
        partners * CASES,
        partners,
    )


def measure_partner_documents(partners: int) -> Figures:
    """Measure the comparison of ``PartnerDocuments``: rows of documents."""
    return _reconcile_records(
        lambda source, desk: ReconciledPartnerDocuments(
            source=source,
            partners=HubPartners(source, time.time),
            transfers=FakeTransfers(),
            files=FakeMedia(),
            configuration=configuration(),
            resyncs=desk,
        ),
        lambda number: f"doc_{number:010}",
        partners + SHARED_DOCUMENTS,
        partners,
    )


def _reconcile_records(
    make: Callable[[Any, ResyncRequester], ReconciledCollection],
    key: Callable[[int], str],
    rows: int,
    partners: int,
) -> Figures:
    """Reconcile rows that are made from records. The portal's rows come from a second model of
    Trading Grid, so that their reads are not counted.
    """
    shown = make(Grid(partners).client(), _resyncs(Bus()))

    def items(numbers: Sequence[int]) -> Sequence[DataItem]:
        keys = [key(number) for number in numbers]
        answers = shown.expected_rows(keys)
        found = [answers[one] for one in keys]
        return [one.item for one in found if isinstance(one, ExpectedRow) and one.item]

    return _reconcile(make, Portal(rows, items), Grid(partners), rows, pages=MEASURED_PAGES)


def _resyncs(bus: Bus) -> ResyncRequester:
    return ResyncRequester(bus, company_id=COMPANY, clock=time.time)


def _reconcile(
    make: Callable[[Any, ResyncRequester], ReconciledCollection],
    portal: Portal,
    grid: Grid,
    rows: int,
    *,
    pages: int,
) -> Figures:
    """Process the messages of a full comparison, up to a number of pages of the comparison."""
    bus, queue, ledger = Bus(), Queue(), Ledger()
    with tempfile.TemporaryDirectory() as folder:
        documents = Documents(Path(folder))
        reconciler = Reconciler(
            collections=[make(grid.client(), _resyncs(bus))],
            rows=portal.client(),
            ledger=ledger.adapter(),
            publisher=publisher(portal, ledger),
            documents=documents,
            continuation=queue,
            guard=DeleteGuard(),
            clock=time.time,
        )
        begun = datetime(2026, 11, 2, 2, tzinfo=UTC)
        queue.send(reconciler.first_page(RunRequest(mode="full"), run="full-size", begun=begun))
        messages = compared = listing = 0
        report: DriftReport | None = None
        while queue.messages:
            page = RUN_MESSAGE.validate_json(queue.messages.pop(0))
            assert isinstance(page, FullPage)
            documents.begin_message()
            done = reconciler.handle(page)
            listing = grid.calls.total() if page.phase is Phase.LIST else listing
            messages, compared, report = messages + 1, compared + done.compared, done.report
            if page.phase is Phase.COMPARE and page.page + 1 == pages:
                break
    if report is not None:
        assert (report.listed, report.rows, report.drifted) == (rows, rows, rows // DRIFTED_EVERY)
    return Figures(
        compared,
        rows,
        calls={
            # The list is of all rows, and of the comparison a part is measured.
            "grid": grid.calls.total() - listing + round(listing * compared / rows),
            "wix": portal.budget.calls,
            "s3": documents.calls.total(),
            "dynamodb": ledger.calls.total(),
        },
        facts={
            "calls to list all rows": listing,
            "messages": messages,
            "most documents read by a message": documents.most_reads,
            "largest document": documents.largest,
            "resyncs requested": bus.events,
            "queue depth": queue.depth,
        },
    )


class Directory:
    """OpenText's directory of any number of partners, in one response, as it has no pages."""

    def __init__(self, partners: int) -> None:
        self.calls = 0
        self._partners = partners

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request to the directory with all partners."""
        del request
        self.calls += 1
        # In pieces: the whole response would be in the peak of memory.
        return httpx.Response(200, content=self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        for start in range(0, self._partners, DIRECTORY_PIECE):
            entries = (
                orjson.dumps(
                    {
                        "partnerCompanyId": partner_id(number),
                        "partnerCompanyName": f"Partner {number} Foods",
                        "tradingAddresses": [{"qualifier": "ZZ", "id": f"PARTNER{number:010}"}],
                    }
                )
                for number in range(start, min(start + DIRECTORY_PIECE, self._partners))
            )
            yield (b"," if start else b"[") + b",".join(entries)
        yield b"]"


def measure_directory(partners: int) -> Figures:
    """Measure ``activity_publisher`` as it looks up addresses in an index of the whole
    directory.
    """
    directory = Directory(partners)
    client = DirectoryClient(
        new_client(transport=httpx.MockTransport(directory.respond)),
        trading_grid_auth("static-bearer", {"token": "t"}, base_url="https://grid.example"),
        base_url="https://grid.example",
        hub=COMPANY,
    )
    for number in range(0, partners, max(1, partners // 1000)):
        found = client.listed_partner_with(f"ZZ:PARTNER{number:010}")
        assert found == partner_id(number)
    return Figures(partners, partners, calls={"grid": directory.calls})
