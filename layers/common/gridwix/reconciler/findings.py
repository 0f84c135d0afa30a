"""Sums up the findings of a full comparison of a collection, which are stored page by page.

A finding is a row that is not equal to its record, with its verdict.
"""

from collections import Counter
from collections.abc import Iterator

from gridwix.concurrency import map_in_order
from gridwix.models.ids import WixItemId
from gridwix.models.reconciliation import (
    MAX_NAMED,
    FindingsSummary,
    FullPage,
    NamedRows,
    PageRecord,
    RowFinding,
    RowVerdict,
)
from gridwix.publication.reconciled import ReconciledCollection
from gridwix.reconciler.checkpoints import Checkpoints
from gridwix.reconciler.repair import permitted_findings

CHUNK = 100
"""Number of findings in a chunk, on which one message acts."""

READS_IN_FLIGHT = 8
"""Maximum number of pages of findings that are read in parallel."""

ACTED_ON = (RowVerdict.EXTRA, RowVerdict.LOST)
"""Verdicts on which a run acts only after all rows of the collection have been compared."""


class FindingsStore:
    """Computes the summary of a collection's findings once, and stores findings in groups.

    A finding is a row that differs from its record. After the comparison, the run continues in
    further messages, each of which handles one group of findings. The function then reads only the
    summary and that group, however many pages were compared.
    """

    def __init__(self, checkpoints: Checkpoints) -> None:
        self._checkpoints = checkpoints

    def summary(self, page: FullPage, collection: ReconciledCollection) -> FindingsSummary:
        """Return the summary of a collection's findings: counts, and the first row ids.

        A finding is a row that differs from its record. The first call in a run computes and stores
        the summary. It also stores, in groups of up to ``CHUNK``, the findings on which the run
        acts later: extra rows, and rows with a lost file. Raises UpstreamError.
        """
        found = self._checkpoints.summary(page)
        if found is None:
            found = self._summarize(page, collection)
            self._checkpoints.keep_summary(page, found)
        return found

    def _summarize(self, page: FullPage, collection: ReconciledCollection) -> FindingsSummary:
        planned = self._checkpoints.planned(page)
        rows = shown = 0
        counts: Counter[RowVerdict] = Counter()
        permitted: Counter[RowVerdict] = Counter()
        named: dict[RowVerdict, list[WixItemId]] = {verdict: [] for verdict in RowVerdict}
        waiting: dict[RowVerdict, list[RowFinding]] = {verdict: [] for verdict in ACTED_ON}
        chunks: Counter[RowVerdict] = Counter()
        unclosed: list[WixItemId] = []
        for record in self._records(page):
            rows, shown = rows + record.rows, shown + record.shown
            unclosed += record.unclosed[: MAX_NAMED - len(unclosed)]
            counts.update({verdict: record.count(verdict) for verdict in RowVerdict})
            permitted.update(
                finding.verdict for finding in permitted_findings(record.findings, planned)
            )
            for finding in sorted(record.findings, key=lambda one: one.id):
                ids = named[finding.verdict]
                if len(ids) < MAX_NAMED:
                    ids.append(finding.id)
                if finding.verdict not in waiting:
                    continue
                chunk = waiting[finding.verdict]
                chunk.append(finding)
                if len(chunk) == CHUNK:
                    self._keep_chunk(page, finding.verdict, chunk, chunks)
        for verdict, chunk in waiting.items():
            if chunk:
                self._keep_chunk(page, verdict, chunk, chunks)
        return FindingsSummary(
            listed=self._listed(page, collection),
            before=self._checkpoints.baseline(page),
            rows=rows,
            shown=shown,
            counts={verdict: counts[verdict] for verdict in RowVerdict},
            permitted={verdict: permitted[verdict] for verdict in RowVerdict},
            ids=NamedRows(
                drifted=tuple(named[RowVerdict.DRIFTED]),
                missing=tuple(named[RowVerdict.MISSING]),
                extra=tuple(named[RowVerdict.EXTRA]),
                unsettled=tuple(named[RowVerdict.UNSETTLED]),
                lost=tuple(named[RowVerdict.LOST]),
                unclosed=tuple(unclosed),
            ),
        )

    def _records(self, page: FullPage) -> Iterator[PageRecord]:
        records = map_in_order(
            lambda number: self._checkpoints.compared(page, number),
            range(page.compared),
            workers=READS_IN_FLIGHT,
        )
        return (record for record in records if record is not None)

    def _keep_chunk(
        self,
        page: FullPage,
        verdict: RowVerdict,
        findings: list[RowFinding],
        chunks: Counter[RowVerdict],
    ) -> None:
        self._checkpoints.keep_chunk(page, verdict, chunks[verdict], findings)
        chunks[verdict] += 1
        findings.clear()

    def _listed(self, page: FullPage, collection: ReconciledCollection) -> int:
        if page.sorted_parts is not None:
            return page.listed
        # A run of an earlier release, which did not sort the list, is in its last phase.
        return len(
            {
                collection.item_id(key)
                for part in range(page.parts)
                for key in self._checkpoints.key_part(page, part)
            }
        )
