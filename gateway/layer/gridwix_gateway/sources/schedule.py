"""Runs the sources that are due, one after another.

A source is due when its interval has passed since its last run, or if that run has left a
checkpoint inside a list. A failing source does not stop the others.
"""

import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from gridwix_gateway.problems import Problem
from gridwix_gateway.sources.credentials import Secrets
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import Timing
from gridwix_gateway.sources.merging import merge_record
from gridwix_gateway.sources.runs import (
    RunReport,
    SourceRun,
    begin_run,
    read_state,
    state_key,
)
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.table import Table

LEAST_SECONDS = 45.0
"""Seconds that must be left of the invocation for a run to begin."""

LONGEST_RUN = 840.0
"""Maximum seconds of a run, which its lease outlasts. A Lambda function runs for at most 900."""


class Source(Protocol):
    """Port: a declared source, such as a REST API, that is read on a schedule."""

    @property
    def name(self) -> str:
        """Name of the source, which is the name of its declaration's file."""

    @property
    def digest(self) -> str:
        """Digest of the declaration's members that affect which rows are read and how."""

    @property
    def every(self) -> timedelta:
        """Interval from the beginning of a run to the beginning of the next run."""

    def read_source(
        self, run: SourceRun, secrets: Secrets, timing: Timing, deadline: float
    ) -> RunReport:
        """Read the source in one run, and return the report, which includes a fault of the source.

        Raises Problem ``unavailable`` if the table takes no commits.

        Args:
            run: The run, which holds the source's lease.
            secrets: Reads the source's secrets.
            timing: Clocks and waits.
            deadline: Time on the monotonic clock at which the run must have ended, in seconds.
        """


def run_due_sources(
    sources: Sequence[Source],
    commits: Commits,
    table: Table,
    *,
    secrets: Secrets,
    timing: Timing,
    deadline: float,
    emit: Callable[[RunReport, int], None],
) -> Sequence[RunReport]:
    """Run the sources that are due, the one that has waited longest first.

    A source is due when its interval has passed since its last run, or if that run has left a
    checkpoint inside a list.

    Args:
        sources: The declared sources.
        commits: Runs commits.
        table: The gateway's table.
        secrets: Reads the sources' secrets.
        timing: Clocks and waits.
        deadline: Time on the monotonic clock at which all runs must have ended, in seconds.
        emit: Gets the report of each run when it ends, and the number of failed runs in a row.

    Returns:
        The reports of all runs. Sources for which no time was left are read by the next invocation.

    Raises:
        Problem: ``unavailable``: the table takes no commits.
    """
    states = {one.name: read_state(table.get(state_key(one.name))) for one in sources}
    reports: list[RunReport] = []
    for source in sorted(sources, key=lambda one: (states[one.name].begun_at, one.name)):
        left = deadline - timing.monotonic()
        if left < LEAST_SECONDS:
            break
        run = begin_run(
            source.name,
            commits=commits,
            table=table,
            apply=merge_record,
            run=str(uuid.uuid4()),
            declared=source.digest,
            every=source.every,
            seconds=min(left, LONGEST_RUN),
        )
        if run is None:
            continue
        report = _run_alone(source, run, secrets, timing, deadline)
        emit(report, run.state.faults)
        reports.append(report)
    return reports


def _run_alone(
    source: Source, run: SourceRun, secrets: Secrets, timing: Timing, deadline: float
) -> RunReport:
    """Run one source, and return the report.

    An unexpected error ends this run only: it is reported as the fault ``crashed``.
    """
    try:
        return source.read_source(run, secrets, timing, deadline)
    except Problem:
        raise
    except Exception as error:
        # The message could hold a value of a row.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
        fault = SourceFault("crashed", place)
        run.end_faulted_run(fault, timing.now())
        return run.make_report("failed", 0, (), fault)


def report_entry(report: RunReport) -> Mapping[str, object]:
    """Return a run's report as fields of a log entry: codes and counts, without values of rows."""
    return {
        "source": report.source,
        "outcome": report.outcome,
        "pages": report.pages,
        "rows_read": report.counts.rows,
        "changed": report.counts.changed,
        "unchanged": report.counts.unchanged,
        "refused": report.counts.refused,
        "refused_in_all": report.refused,
        "refused_codes": dict(report.codes),
        "fault": report.fault,
        "detail": report.detail,
        "warnings": list(report.warnings),
    }
