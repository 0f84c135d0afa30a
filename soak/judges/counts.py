"""Judges that counts add up: metrics of the publishers, and reports of the reconciler."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from soak.judges.verdict import Findings, Kind

VERDICTS = ("RowsUnchanged", "RowsWritten", "RowsRefused", "RowsDeferred")
"""Metrics of the verdicts on rows (docs/functions/status_publisher.md), named as in the code."""

REPORTED = ("equal", "drifted", "missing", "extra", "unsettled", "lost")
"""Members of a drift report that add up to ``rows`` (docs/functions/reconciler.md)."""


class CountJudge:
    """Judges that the publishers' metrics and the reconciler's reports add up.

    Args:
        findings: Gets what does not add up.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.totals: Counter[str] = Counter()
        """Sums of all metrics so far, by name."""

    def observe_metrics(self, function: str, metrics: Mapping[str, float]) -> None:
        """Add the metrics of one invocation. Reports a run with only some of the four verdicts.

        A run that publishes rows emits all four verdicts, each of them zero or more.

        Args:
            function: The function.
            metrics: Its metrics, added up over their dimensions.
        """
        for name, value in metrics.items():
            self.totals[name] += int(value)
            if value < 0:
                self._findings.add(Kind.UNBALANCED, f"{function} counts {name} {value}")
        told = [name for name in VERDICTS if name in metrics]
        if told and len(told) < len(VERDICTS):
            lacking = ", ".join(name for name in VERDICTS if name not in metrics)
            self._findings.add(Kind.UNBALANCED, f"{function} does not count {lacking}")

    def observe_read(self, function: str, read: int, metrics: Mapping[str, float]) -> None:
        """Judge that a run gave one verdict to each row that it was to publish.

        Args:
            function: The function.
            read: Number of rows that its messages name.
            metrics: Its metrics.
        """
        judged = int(sum(metrics.get(name, 0) for name in VERDICTS))
        if judged != read:
            self._findings.add(
                Kind.UNBALANCED, f"{function} read {read} rows and gave {judged} verdicts"
            )

    def observe_report(self, report: Mapping[str, Any]) -> None:
        """Judge that the counts of a drift report add up to its rows."""
        total = sum(int(report.get(name) or 0) for name in REPORTED)
        if total != report.get("rows"):
            self._findings.add(
                Kind.UNBALANCED,
                f"report {report.get('run')} of {report.get('collection')}:"
                f" {report.get('rows')} rows, {total} in its counts",
            )

    def judge(self, writes: int) -> None:
        """Judge that the publishers counted no more rows as written than Wix has written.

        A run that was killed has written rows and counted none, so there may be fewer.

        Args:
            writes: Writes of rows, removals included, that the site carried out.
        """
        written = self.totals["RowsWritten"]
        if written > writes:
            self._findings.add(
                Kind.UNBALANCED, f"{written} rows were counted as written, Wix wrote {writes}"
            )
