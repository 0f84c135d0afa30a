"""Second phase of a full comparison: compares portal rows with their records and requests repairs.

For each SQS message, one range of row ids is compared.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.ids import WixItemId
from gridwix.models.journal import row_name
from gridwix.models.reconciliation import (
    FullPage,
    PageRecord,
    Phase,
    RowDifference,
    RowFinding,
    RowVerdict,
)
from gridwix.models.wix import DataItem
from gridwix.ports import Clock
from gridwix.publication.drift import Judge, compare_rows, mark_lost_files
from gridwix.publication.models import RowKey
from gridwix.publication.ports import PublicationLedger
from gridwix.publication.reconciled import (
    ROWS_PER_QUERY,
    Continuation,
    ExpectedRow,
    PortalRows,
    ReconciledCollection,
)
from gridwix.reconciler.checkpoints import Checkpoints
from gridwix.reconciler.page_report import PageReport
from gridwix.reconciler.repair import RowRepair, permitted_findings
from gridwix.reconciler.sorting import KeySort

_NEEDS_REPAIR = (RowVerdict.DRIFTED, RowVerdict.MISSING)


@dataclass(frozen=True, slots=True)
class _Range:
    """A range of row ids that is compared for one SQS message, with the rows and keys in it.

    ``shown`` are the portal's rows in the range, by id. ``listed`` are the ids of the rows that
    should be there, since the source lists their keys. ``keys`` has the source's key of each such
    row. ``end`` is the last id of the range, None for the last range. The list of all keys, sorted
    by row id, is stored in numbered parts: ``part`` is the number of the part with the first key of
    the next range.
    """

    shown: Mapping[WixItemId, DataItem]
    listed: Sequence[WixItemId]
    keys: Mapping[WixItemId, str]
    end: str | None
    part: int


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Result of comparing a range of rows: a verdict on each row.

    ``items`` are the rows as they should be, None for a row that should not exist. ``stale`` are
    rows that could not be compared: the source returned an older version of a record than was
    published. ``faults`` are records that could not be read or mapped. ``unclosed`` are rows of
    records that are still open although their time window has ended.
    """

    verdicts: Mapping[WixItemId, RowVerdict]
    items: Mapping[WixItemId, DataItem | None]
    stale: Sequence[WixItemId]
    faults: Sequence[RecordFault]
    unclosed: tuple[WixItemId, ...]


class ComparePhase:
    """Second phase of a full comparison: compares the portal's rows with the source's records.

    A run is a chain of SQS messages. For each message, the rows in one range of row ids are
    compared; this part of the run is a page. An equal row is neither written nor published again.
    """

    def __init__(
        self,
        *,
        rows: PortalRows,
        ledger: PublicationLedger,
        checkpoints: Checkpoints,
        continuation: Continuation,
        repair: RowRepair,
        clock: Clock,
        rows_per_page: int,
    ) -> None:
        self._rows = rows
        self._ledger = ledger
        self._sort = KeySort(checkpoints, continuation)
        self._checkpoints = checkpoints
        self._continuation = continuation
        self._repair = repair
        self._clock = clock
        self._rows_per_page = min(rows_per_page, ROWS_PER_QUERY)

    def handle(self, page: FullPage, collection: ReconciledCollection) -> PageReport:
        """Compare a range of rows, store the findings, request repairs, send the next message.

        Before the first range, the keys that the source has listed are sorted by row id. If the
        sorting takes several messages, no rows are compared for them until it is complete, and the
        returned report is empty. Raises UpstreamError and BudgetExhausted.
        """
        if page.sorted_parts is None:
            sorted_page = self._sort.sort(page, collection.item_id)
            return (
                PageReport() if sorted_page is None else self._compare_page(sorted_page, collection)
            )
        return self._compare_page(page, collection)

    def _compare_page(self, page: FullPage, collection: ReconciledCollection) -> PageReport:
        earlier = self._checkpoints.compared(page, page.page)
        if earlier is not None and earlier.done:
            return PageReport(repeated=True)
        range_ = self._read_range(page, collection)
        comparison = self._compare(range_, collection)
        found = PageRecord(
            rows=len(comparison.verdicts),
            shown=len(range_.shown),
            findings=_findings(comparison, range_, collection),
            unclosed=comparison.unclosed,
        )
        record = found if earlier is None else found.merge(earlier)
        # Before the repairs: a repeated page would find repaired rows equal, and the report would
        # not count them.
        self._checkpoints.keep(page, record)
        planned = self._checkpoints.planned(page)
        repairs = {
            finding.id: finding.key
            for finding in permitted_findings(found.findings, planned)
            if finding.verdict in _NEEDS_REPAIR
        }
        if not page.dry_run:
            # A plan names only rows that were compared, so it has no stale row.
            stale = (
                {identifier: range_.keys[identifier] for identifier in comparison.stale}
                if planned is None
                else {}
            )
            self._repair.request({**repairs, **stale}, collection, page.run)
        self._continuation.send(_next_page(page, range_))
        self._checkpoints.keep(page, record, done=True)
        return PageReport(
            compared=found.rows,
            drifted=found.count(RowVerdict.DRIFTED),
            missing=found.count(RowVerdict.MISSING),
            extra=found.count(RowVerdict.EXTRA),
            unsettled=found.count(RowVerdict.UNSETTLED),
            lost=found.count(RowVerdict.LOST),
            repaired=0 if page.dry_run else len(repairs),
            record_faults=comparison.faults,
            rows=_row_results(found.findings, page, repaired=repairs.keys()),
        )

    def _read_range(self, page: FullPage, collection: ReconciledCollection) -> _Range:
        most = min(self._rows_per_page, collection.most_rows)
        # One more than the page takes tells whether it is the last one.
        ahead = self._keys_ahead(page, collection, most + 1)
        listed = list(ahead)[:most]
        end = listed[-1] if len(ahead) > most else None
        bounds = {
            operator: value
            for operator, value in (("$gt", page.cursor), ("$lte", end))
            if value is not None
        }
        rows = self._rows.query_items(
            collection.name,
            filter={"_id": bounds} if bounds else {},
            sort=(("_id", "ASC"),),
            limit=ROWS_PER_QUERY,
            offset=0,
        )
        if rows.size == ROWS_PER_QUERY and rows.items and rows.items[-1].id != end:
            # Wix returned a full page, so the range may hold more rows: it ends at the last one
            # returned.
            end = rows.items[-1].id
            listed = [identifier for identifier in listed if identifier <= end]
        return _Range(
            shown={item.id: item for item in rows.items},
            listed=listed,
            keys={identifier: key for identifier, (_, key) in ahead.items()},
            end=end,
            # The next range begins at the first key that this one does not take.
            part=next(
                (part for identifier, (part, _) in ahead.items() if end and identifier > end),
                page.part,
            ),
        )

    def _keys_ahead(
        self, page: FullPage, collection: ReconciledCollection, most: int
    ) -> Mapping[WixItemId, tuple[int, str]]:
        """Return the next ``most`` record keys of the source, in the order of their row ids.

        The first is the key of the next row after ``page.cursor`` (a row id; None at the
        beginning). The result maps each row id to a pair: the key, and before it the number of the
        part in which the key is stored, because the sorted list of all keys is stored in numbered
        parts.
        """
        keys = (
            (identifier, (part, key))
            for part, (identifier, key) in self._sort.keys_after(
                page, page.part, collection.item_id
            )
            if page.cursor is None or identifier > page.cursor
        )
        return dict(islice(keys, most))

    def _compare(self, range_: _Range, collection: ReconciledCollection) -> _Comparison:
        keys = range_.keys
        answers = collection.expected_rows([keys[identifier] for identifier in range_.listed])
        faults = [answer for answer in answers.values() if isinstance(answer, RecordFault)]
        expected = {
            identifier: answer
            for identifier in range_.listed
            if isinstance(answer := answers.get(keys[identifier]), ExpectedRow)
        }
        entries = self._ledger.read_entries(
            [RowKey(collection.name, identifier) for identifier in range_.listed]
        )
        busy = {
            key.item_id
            for key, entry in entries.items()
            if entry.held_until is not None and entry.held_until > self._clock()
        }
        # What the ledger knows to be newer than the answer is read again by the publisher, record
        # by record.
        stale = {
            identifier
            for identifier, answer in expected.items()
            if (entry := entries.get(RowKey(collection.name, identifier))) is not None
            and answer.versions.outdated_records(entry.floor)
        }
        unanswered = set(range_.listed) - expected.keys()
        items = {
            identifier: expected[identifier].item if identifier in expected else None
            for identifier in range_.listed
        }
        verdicts = compare_rows(
            items, range_.shown, busy | stale | unanswered, _confined(collection, faults)
        )
        lost = {identifier for identifier, answer in expected.items() if answer.file_lost}
        now = datetime.fromtimestamp(self._clock(), UTC)
        unclosed = tuple(
            identifier
            for identifier, answer in sorted(expected.items())
            if answer.open_until is not None and answer.open_until <= now
        )
        return _Comparison(
            mark_lost_files(verdicts, lost), items, sorted(stale - busy), faults, unclosed
        )


def _findings(
    comparison: _Comparison, range_: _Range, collection: ReconciledCollection
) -> tuple[RowFinding, ...]:
    shown = range_.shown

    def finding(identifier: WixItemId, verdict: RowVerdict) -> RowFinding:
        difference = (
            RowDifference()
            if verdict is RowVerdict.UNSETTLED
            else collection.row_difference(comparison.items.get(identifier), shown.get(identifier))
        )
        return RowFinding(
            id=identifier,
            verdict=verdict,
            key=range_.keys.get(identifier) or _key_of(shown[identifier], collection),
            fields=difference.fields,
            expected=difference.expected,
            shown=difference.shown,
        )

    return tuple(
        finding(identifier, verdict)
        for identifier, verdict in sorted(comparison.verdicts.items())
        if verdict is not RowVerdict.EQUAL
    )


def _key_of(item: DataItem, collection: ReconciledCollection) -> str | None:
    # An editor may have changed the field that names the key: it is believed only if it leads back
    # to this row.
    key = collection.key_of(item)
    return key if key is not None and collection.item_id(key) == item.id else None


def _row_results(
    findings: Iterable[RowFinding], page: FullPage, repaired: Collection[WixItemId]
) -> Mapping[str, str]:
    """Return a text for the journal about each row that differs from its record.

    The journal is the log for operators. The text is the result of the comparison, such as
    ``drifted``, with the action that was taken, if any, such as ``drifted:requested``.
    """
    return {
        row_name(page.collection, finding.id): _row_result(finding, page, repaired)
        for finding in findings
    }


def _row_result(finding: RowFinding, page: FullPage, repaired: Collection[WixItemId]) -> str:
    if page.dry_run:
        return f"{finding.verdict}:dry_run"
    if finding.id in repaired and finding.key is not None:
        return f"{finding.verdict}:requested"
    return f"{finding.verdict}"


def _next_page(page: FullPage, range_: _Range) -> FullPage:
    if range_.end is not None:
        return page.model_copy(
            update={"page": page.page + 1, "cursor": range_.end, "part": range_.part}
        )
    return page.model_copy(
        update={"phase": Phase.REMOVE, "page": 0, "cursor": None, "compared": page.page + 1}
    )


def _confined(collection: ReconciledCollection, faults: list[RecordFault]) -> Judge:
    """Wrap the collection's verdict function so that a faulty row does not fail the other rows.

    If the function raises a record fault on a row, the verdict is UNSETTLED and the fault is added
    to ``faults``.
    """

    def judge(expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        row = expected or shown
        try:
            with confine_to_record(f"{collection.name}/{row.id if row else '?'}"):
                return collection.row_verdict(expected, shown)
        except RecordFault as fault:
            faults.append(fault)
            return RowVerdict.UNSETTLED

    return judge
