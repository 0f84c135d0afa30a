"""Checkpoints of a reconcile run in S3. Writes are idempotent.

A run compares each portal collection with its source, Trading Grid, in a chain of SQS messages. The
part of the work that belongs to one message is called a page. Its result is stored as an object.
"""

from collections.abc import Mapping, Sequence

from pydantic import ConfigDict, TypeAdapter

from gridwix.models.ids import WixItemId
from gridwix.models.reconciliation import (
    Baseline,
    DriftReport,
    FindingChunk,
    FindingsSummary,
    FullPage,
    PageRecord,
    PlannedRows,
    RemovalRecord,
    RowFinding,
    RowVerdict,
    SortedKeys,
)
from gridwix.publication.reconciled import RunDocuments

_KEYS = TypeAdapter(list[str], config=ConfigDict(hide_input_in_errors=True))


class Checkpoints:
    """Stores checkpoints, drift reports and baselines of reconcile runs; reads plans of operators.

    Names of documents: checkpoints ``runs/<run>/<collection>/``, drift reports ``reports/<date>/``,
    baselines of the mass-delete guard ``baselines/``, plans ``plans/<plan>/``. All methods raise
    UpstreamError.
    """

    def __init__(self, documents: RunDocuments) -> None:
        self._documents = documents

    def keep_keys(self, page: FullPage, keys: Sequence[str]) -> None:
        """Store the record keys that one page of a run has listed from the source (Trading Grid).

        They are one part of the list of all keys of the collection: part number ``page.parts``,
        from 0.
        """
        self._documents.write(
            _name(page, f"keys-{page.parts}"), _KEYS.dump_json(list(keys)).decode()
        )

    def key_part(self, page: FullPage, part: int) -> Sequence[str]:
        """Return one part of the stored list of a collection's record keys; empty if not stored.

        ``part`` is the number of the part, from 0. The keys are in the order of the source, Trading
        Grid. ``page`` names the run and the collection.
        """
        text = self._documents.read_document(_name(page, f"keys-{part}"))
        return [] if text is None else _KEYS.validate_json(text)

    def keep_sorted_part(
        self, page: FullPage, run: tuple[int, int], part: int, keys: Sequence[str]
    ) -> None:
        """Store one part of a sorted sublist of record keys (external merge sort).

        ``run`` identifies the sublist: the level of the merge, and the sublist's index at that
        level, from 0. ``part`` is the index of the part in the sublist, from 0.
        """
        name = _name(page, f"sorted-{_run_name(run)}-{part}")
        self._documents.write(name, _KEYS.dump_json(list(keys)).decode())

    def sorted_part(self, page: FullPage, run: tuple[int, int], part: int) -> Sequence[str]:
        """Return the keys in one part of a sorted sublist (external merge sort); empty if missing.

        ``run`` identifies the sublist: the level of the merge, and the sublist's index at that
        level, from 0. ``part`` is the index of the part in the sublist, from 0.
        """
        text = self._documents.read_document(_name(page, f"sorted-{_run_name(run)}-{part}"))
        return [] if text is None else _KEYS.validate_json(text)

    def keep_sorted_keys(self, page: FullPage, run: tuple[int, int], keys: SortedKeys) -> None:
        """Store the size of a sorted sublist of record keys: how many parts and keys it has.

        An external merge sort makes such sublists, and stores each in parts. ``run`` identifies the
        sublist: the level of the merge, and the sublist's index at that level, from 0. Call this
        method after all parts are stored.
        """
        self._documents.write(_name(page, f"sorted-{_run_name(run)}"), keys.model_dump_json())

    def sorted_keys(self, page: FullPage, run: tuple[int, int]) -> SortedKeys:
        """Return the size of a sorted sublist of record keys: how many parts and keys it has.

        An external merge sort makes such sublists, and stores each in parts. ``run`` identifies the
        sublist: the level of the merge, and the sublist's index at that level, from 0. ``page``
        names the reconcile run and the collection. Both counts are 0 if no size is stored.
        """
        text = self._documents.read_document(_name(page, f"sorted-{_run_name(run)}"))
        return SortedKeys(parts=0, keys=0) if text is None else SortedKeys.model_validate_json(text)

    def compared(self, page: FullPage, number: int) -> PageRecord | None:
        """Return the checkpoint of one page of comparing a collection's rows with their records.

        It has the rows of that page that differ from their records. ``number`` is the number of the
        page, ``page`` any page of the same run and collection. None if no checkpoint is stored.
        """
        text = self._documents.read_document(
            f"{compared_prefix(page.run, page.collection)}{number}.json"
        )
        return None if text is None else PageRecord.model_validate_json(text)

    def removed(self, page: FullPage, number: int) -> RemovalRecord | None:
        """Return the checkpoint of one page of the removal of extra rows; None if none is stored.

        A row is extra if the source (Trading Grid) did not list its record. The checkpoint names
        the rows that were removed, and those that were kept because the source has the record after
        all. ``number`` is the number of the page, ``page`` any page of the same run and collection.
        """
        text = self._documents.read_document(_name(page, f"removed-{number}"))
        return None if text is None else RemovalRecord.model_validate_json(text)

    def keep(
        self, page: FullPage, record: PageRecord | RemovalRecord, *, done: bool = False
    ) -> None:
        """Store the result of a page as its checkpoint.

        A page is the part of the run that belongs to one SQS message. The caller sets ``done`` when
        the page is complete: the SQS message for the next page, if there is one, was sent.
        """
        kind = "compared" if isinstance(record, PageRecord) else "removed"
        self._documents.write(
            _name(page, f"{kind}-{page.page}"),
            record.model_copy(update={"done": done}).model_dump_json(),
        )

    def planned(self, page: FullPage) -> Mapping[WixItemId, RowFinding] | None:
        """Return the rows on which the run may act by its plan, by id; None if it has no plan.

        The rows are those of the page's collection. If the plan does not name this collection,
        there are none.
        """
        if page.plan is None:
            return None
        text = self._documents.read_document(planned_rows_name(page.plan, page.collection))
        rows = () if text is None else PlannedRows.model_validate_json(text).rows
        return {finding.id: finding for finding in rows}

    def keep_chunk(
        self, page: FullPage, verdict: RowVerdict, number: int, findings: Sequence[RowFinding]
    ) -> None:
        """Store a group of findings with the same verdict, which one later message will handle.

        A finding is a row that differs from its record. ``number`` is the number of the group among
        those with this verdict, from 0.
        """
        self._documents.write(
            _name(page, f"{verdict}-{number}"),
            FindingChunk(findings=tuple(findings)).model_dump_json(),
        )

    def chunk(self, page: FullPage, verdict: RowVerdict, number: int) -> Sequence[RowFinding]:
        """Return a stored group of findings with the same verdict; empty after the last group.

        A finding is a row that differs from its record; the verdict says how. ``number`` is the
        number of the group among those with this verdict, from 0. ``page`` names the run and the
        collection.
        """
        text = self._documents.read_document(_name(page, f"{verdict}-{number}"))
        return () if text is None else FindingChunk.model_validate_json(text).findings

    def keep_summary(self, page: FullPage, summary: FindingsSummary) -> None:
        """Store the summary of a collection's findings: its rows that differ from their records.

        Call it after all groups of findings are stored (:meth:`keep_chunk`).
        """
        self._documents.write(_name(page, "findings"), summary.model_dump_json())

    def summary(self, page: FullPage) -> FindingsSummary | None:
        """Return the summary of a collection's findings: its rows that differ from their records.

        None if no summary is stored yet.
        """
        text = self._documents.read_document(_name(page, "findings"))
        return None if text is None else FindingsSummary.model_validate_json(text)

    def keep_report(self, page: FullPage, report: DriftReport) -> None:
        """Store the drift report of a collection: how its portal rows differ from their records."""
        name = f"reports/{page.begun:%Y-%m-%d}/{page.run}-{page.collection}.json"
        self._documents.write(name, report.model_dump_json(by_alias=True, indent=2))

    def baseline(self, page: FullPage) -> int | None:
        """Return the baseline of the mass-delete guard; None if there is none.

        It is the number of keys that the source listed in the last complete run that the guard did
        not stop. The guard trips if the source now lists far fewer.
        """
        text = self._documents.read_document(f"baselines/{page.collection}.json")
        return None if text is None else Baseline.model_validate_json(text).listed

    def keep_baseline(self, page: FullPage, listed: int) -> None:
        """Store the baseline of the mass-delete guard: the number of keys that this run listed."""
        self._documents.write(
            f"baselines/{page.collection}.json",
            Baseline(run=page.run, listed=listed).model_dump_json(),
        )


def planned_rows_name(plan: str, collection: str) -> str:
    """Return the name of the document that holds the planned rows of a collection.

    A plan limits a run to the rows that it names.

    >>> planned_rows_name("3f2a", "OpenIssues")
    'plans/3f2a/OpenIssues.json'
    """
    return f"plans/{plan}/{collection}.json"


def compared_prefix(run: str, collection: str) -> str:
    """Return the prefix of the names of documents with the comparison results of a run.

    >>> compared_prefix("full-1", "OpenIssues")
    'runs/full-1/OpenIssues/compared-'
    """
    return f"runs/{run}/{collection}/compared-"


def _run_name(run: tuple[int, int]) -> str:
    level, number = run
    return f"{level}-{number}"


def _name(page: FullPage, document: str) -> str:
    return f"runs/{page.run}/{page.collection}/{document}.json"
