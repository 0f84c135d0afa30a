"""Checkpoints of a reconcile run in S3, one object per page. Writes are idempotent."""

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
    """Stores checkpoints of reconcile runs (``runs/<run>/<collection>/``), drift reports
    (``reports/<date>/``) and baselines of the mass-delete guard (``baselines/``). Reads the plans
    that an operator stored under ``plans/<plan>/``.

    All methods raise UpstreamError.
    """

    def __init__(self, documents: RunDocuments) -> None:
        self._documents = documents

    def keep_keys(self, page: FullPage, keys: Sequence[str]) -> None:
        """Store the keys of the source that this page of the run has listed, as a part."""
        self._documents.write(
            _name(page, f"keys-{page.parts}"), _KEYS.dump_json(list(keys)).decode()
        )

    def key_part(self, page: FullPage, part: int) -> Sequence[str]:
        """Return a part of the listed keys, in the source's order; none if the part is missing."""
        text = self._documents.read(_name(page, f"keys-{part}"))
        return [] if text is None else _KEYS.validate_json(text)

    def keep_sorted_part(
        self, page: FullPage, run: tuple[int, int], part: int, keys: Sequence[str]
    ) -> None:
        """Store a part of a sorted run of keys (external merge sort).

        ``run`` is the level of the merge, and the number of the sorted run at that level.
        """
        name = _name(page, f"sorted-{_run_name(run)}-{part}")
        self._documents.write(name, _KEYS.dump_json(list(keys)).decode())

    def sorted_part(self, page: FullPage, run: tuple[int, int], part: int) -> Sequence[str]:
        """Return the keys of a part of a sorted run of keys; none if the part is missing."""
        text = self._documents.read(_name(page, f"sorted-{_run_name(run)}-{part}"))
        return [] if text is None else _KEYS.validate_json(text)

    def keep_sorted_keys(self, page: FullPage, run: tuple[int, int], keys: SortedKeys) -> None:
        """Store the size of a sorted run of keys. Call it after all its parts are stored."""
        self._documents.write(_name(page, f"sorted-{_run_name(run)}"), keys.model_dump_json())

    def sorted_keys(self, page: FullPage, run: tuple[int, int]) -> SortedKeys:
        """Return the size of a sorted run of keys; a size of 0 if it is missing."""
        text = self._documents.read(_name(page, f"sorted-{_run_name(run)}"))
        return SortedKeys(parts=0, keys=0) if text is None else SortedKeys.model_validate_json(text)

    def compared(self, page: FullPage, number: int) -> PageRecord | None:
        """Return the checkpoint of a page of the comparison; None if the page was never begun."""
        text = self._documents.read(f"{compared_prefix(page.run, page.collection)}{number}.json")
        return None if text is None else PageRecord.model_validate_json(text)

    def removed(self, page: FullPage, number: int) -> RemovalRecord | None:
        """Return the checkpoint of a page of removals; None if the page was never begun."""
        text = self._documents.read(_name(page, f"removed-{number}"))
        return None if text is None else RemovalRecord.model_validate_json(text)

    def keep(
        self, page: FullPage, record: PageRecord | RemovalRecord, *, done: bool = False
    ) -> None:
        """Store the checkpoint of this page. ``done``: the message of the next page was sent."""
        kind = "compared" if isinstance(record, PageRecord) else "removed"
        self._documents.write(
            _name(page, f"{kind}-{page.page}"),
            record.model_copy(update={"done": done}).model_dump_json(),
        )

    def planned(self, page: FullPage) -> Mapping[WixItemId, RowFinding] | None:
        """Return the rows of the page's collection on which the run's plan allows it to act, by id;
        None if the run has no plan. A collection that the plan does not name has no rows.
        """
        if page.plan is None:
            return None
        text = self._documents.read(planned_rows_name(page.plan, page.collection))
        rows = () if text is None else PlannedRows.model_validate_json(text).rows
        return {finding.id: finding for finding in rows}

    def keep_chunk(
        self, page: FullPage, verdict: RowVerdict, number: int, findings: Sequence[RowFinding]
    ) -> None:
        """Store a chunk of findings of one verdict: those on which one message acts."""
        self._documents.write(
            _name(page, f"{verdict}-{number}"),
            FindingChunk(findings=tuple(findings)).model_dump_json(),
        )

    def chunk(self, page: FullPage, verdict: RowVerdict, number: int) -> Sequence[RowFinding]:
        """Return a chunk of findings of one verdict; none after the last chunk."""
        text = self._documents.read(_name(page, f"{verdict}-{number}"))
        return () if text is None else FindingChunk.model_validate_json(text).findings

    def keep_summary(self, page: FullPage, summary: FindingsSummary) -> None:
        """Store the summary of a collection's findings. Call it after their chunks are stored."""
        self._documents.write(_name(page, "findings"), summary.model_dump_json())

    def summary(self, page: FullPage) -> FindingsSummary | None:
        """Return the summary of a collection's findings; None if it is not made yet."""
        text = self._documents.read(_name(page, "findings"))
        return None if text is None else FindingsSummary.model_validate_json(text)

    def keep_report(self, page: FullPage, report: DriftReport) -> None:
        """Store the drift report of a collection."""
        name = f"reports/{page.begun:%Y-%m-%d}/{page.run}-{page.collection}.json"
        self._documents.write(name, report.model_dump_json(by_alias=True, indent=2))

    def baseline(self, page: FullPage) -> int | None:
        """Return the baseline of the mass-delete guard: the number of keys that the source listed
        in the last complete run that the guard did not stop; None if there was none.
        """
        text = self._documents.read(f"baselines/{page.collection}.json")
        return None if text is None else Baseline.model_validate_json(text).listed

    def keep_baseline(self, page: FullPage, listed: int) -> None:
        """Store the baseline of the mass-delete guard: the number of keys that this run listed."""
        self._documents.write(
            f"baselines/{page.collection}.json",
            Baseline(run=page.run, listed=listed).model_dump_json(),
        )


def planned_rows_name(plan: str, collection: str) -> str:
    """Return the name of the document with the :class:`PlannedRows` of a collection.

    >>> planned_rows_name("3f2a", "OpenIssues")
    'plans/3f2a/OpenIssues.json'
    """
    return f"plans/{plan}/{collection}.json"


def compared_prefix(run: str, collection: str) -> str:
    """Return the prefix of the names of documents with the :class:`PageRecord` of a run's pages.

    >>> compared_prefix("full-1", "OpenIssues")
    'runs/full-1/OpenIssues/compared-'
    """
    return f"runs/{run}/{collection}/compared-"


def _run_name(run: tuple[int, int]) -> str:
    level, number = run
    return f"{level}-{number}"


def _name(page: FullPage, document: str) -> str:
    return f"runs/{page.run}/{page.collection}/{document}.json"
