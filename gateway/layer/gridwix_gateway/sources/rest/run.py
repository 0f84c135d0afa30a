"""One run of a REST source: read pages, map their rows, commit them, move the position."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from gridwix_gateway.documents import parse_timestamp
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import JsonPage, JsonReader, Timing
from gridwix_gateway.sources.mapping import CompiledMapping, MappedRow, compile_mapping
from gridwix_gateway.sources.rest.declaration import RestDeclaration
from gridwix_gateway.sources.rest.paging import next_place, page_url
from gridwix_gateway.sources.rest.reading import Position, Progress, advance, start_position
from gridwix_gateway.sources.rest.rows import Row, content_key, find_rows, read_row
from gridwix_gateway.sources.runs import (
    RowCounts,
    SourceRow,
    SourceRun,
    SourceState,
    faulted_state,
)

RESERVED_SECONDS = 20.0
"""Seconds before the deadline at which no further page is read."""

UNREAD = frozenset({"every_minutes", "guard", "limits", "headers", "authentication"})
"""Members of a declaration that do not change what its rows become."""


@dataclass(frozen=True)
class RestSource:
    """A declared source, ready to run."""

    name: str
    declaration: RestDeclaration

    @cached_property
    def mapping(self) -> CompiledMapping:
        """The compiled mapping."""
        return compile_mapping(self.declaration)

    @cached_property
    def digest(self) -> str:
        """Digest of what decides how rows are read. Another digest reads everything again."""
        declared = self.declaration.model_dump(mode="json", exclude=set(UNREAD))
        return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. It names no value of a row.

    Attributes:
        source: The source.
        outcome: ``complete`` (read to the end), ``partial`` (the next run goes on) or ``failed``.
        pages: Pages that were read.
        counts: Rows, changed, unchanged and refused.
        refused: Number of all refused rows, those of former runs included.
        codes: Reasons of the rows that this run has refused, with their numbers.
        fault: Code of the fault that stopped the run; "" for none.
        detail: The fault in words, with its fix.
        warnings: Codes of what looks wrong, although it stopped nothing.
    """

    source: str
    outcome: Literal["complete", "partial", "failed"]
    pages: int
    counts: RowCounts
    refused: int
    codes: Mapping[str, int] = field(default_factory=dict)
    fault: str = ""
    detail: str = ""
    warnings: tuple[str, ...] = ()


def run_source(
    source: RestSource,
    run: SourceRun,
    open_reader: Callable[[float], JsonReader],
    timing: Timing,
    deadline: float,
) -> RunReport:
    """Read a source from its position on, until its end or the limits of a run.

    Args:
        source: The source.
        run: The run that has it.
        open_reader: Makes the reader of its API, given the deadline. Raises SourceFault.
        timing: Clocks.
        deadline: Monotonic seconds at which the run must have ended.

    Returns:
        The report. A fault of the source is in it; whatever was committed before stays.

    Raises:
        Problem: ``unavailable``: the table takes no commits.
    """
    deadline = min(deadline, timing.monotonic() + source.declaration.limits.seconds)
    reading = _Reading(source, run, timing, deadline)
    try:
        reading.repeat_refused()
        with open_reader(deadline) as reader:
            finished = reading.read_pages(reader)
    except SourceFault as fault:
        if fault.code != "superseded":
            _end_faulted(run, fault, timing.now())
        return reading.report("failed", fault)
    run.end(replace(run.state, fault="", faults=0))
    return reading.report("complete" if finished else "partial")


class _Reading:
    """The reading of one run."""

    def __init__(self, source: RestSource, run: SourceRun, timing: Timing, deadline: float) -> None:
        self._source = source
        self._run = run
        self._timing = timing
        self._deadline = deadline
        self._warnings: list[str] = []
        self._pages = 0

    def repeat_refused(self) -> None:
        """Map the refused rows of former runs again: a partner or a code may be known by now."""
        repeated = self._run.refused_rows()
        if not repeated:
            return
        rows = [SourceRow(key, self._source.mapping.map_row(kept), kept) for key, kept in repeated]
        self._run.commit_rows(rows, replace(self._run.state, repeat_after=repeated[-1][0]))

    def read_pages(self, reader: JsonReader) -> bool:
        """Read and commit pages. Return True at the end of the list. Raises SourceFault."""
        declaration, state = self._source.declaration, self._run.state
        position = _stored_position(state) or start_position(declaration, state.cursor)
        progress = Progress(state.cursor, position)
        while progress.position is not None:
            if self._pages == declaration.limits.pages or self._is_late():
                return False
            boundary = progress.position.boundary
            since = parse_timestamp(boundary) if boundary else None
            page = reader.read(page_url(declaration, since, progress.position.place))
            self._pages += 1
            progress = self._take_page(progress, page)
        return True

    def report(
        self, outcome: Literal["complete", "partial", "failed"], fault: SourceFault | None = None
    ) -> RunReport:
        """Return the report of the run."""
        return RunReport(
            self._source.name,
            outcome,
            self._pages,
            self._run.counts,
            self._run.refused_count,
            self._run.codes,
            "" if fault is None else fault.code,
            "" if fault is None else f"{fault.detail}: {fault.fix}",
            tuple(self._warnings),
        )

    def _take_page(self, progress: Progress, page: JsonPage) -> Progress:
        """Commit the rows of a page with the progress after it."""
        declaration, position = self._source.declaration, progress.position
        assert position is not None
        documents = find_rows(declaration, page.document)
        rows = [read_row(declaration, self._source.mapping, document) for document in documents]
        following = next_place(declaration.paging, position.place, page, len(rows))
        after = advance(
            declaration, progress, rows, following, content_key(documents), self._ceiling(page)
        )
        mapped = [self._mapped_row(row) for row in rows]
        self._guard(mapped)
        if not rows and progress.cursor and after.position is None and self._pages == 1:
            # The row that the cursor comes from should be there, unless it was deleted.
            self._warnings.append("nothing-since")
        state = self._run.state
        if after.position is None:
            state = replace(state, completed_at=state.begun_at)
        stored = None if after.position is None else asdict(after.position)
        self._run.commit_rows(mapped, replace(state, cursor=after.cursor, position=stored))
        return after

    def _mapped_row(self, row: Row) -> SourceRow:
        if row.faults:
            # Its values are incomplete: they must not be mapped later as if they were empty.
            return SourceRow(row.key, MappedRow(faults=row.faults))
        return SourceRow(row.key, self._source.mapping.map_row(row.cells), row.cells)

    def _guard(self, rows: Sequence[SourceRow]) -> None:
        guard = self._source.declaration.guard
        refused = sum(1 for row in rows if row.mapped.faults)
        if refused > guard.refused_rows and refused > guard.refused_share * len(rows):
            first = next(fault for row in rows for fault in row.mapped.faults)
            raise SourceFault(
                "too-many-refused",
                f"{refused} of {len(rows)} rows of a page would be refused;"
                f" the first: {first.code} in column {first.column or '-'}",
            )

    def _ceiling(self, page: JsonPage) -> datetime:
        now = self._timing.now()
        return now if page.date is None else min(now, page.date)

    def _is_late(self) -> bool:
        return self._timing.monotonic() > self._deadline - RESERVED_SECONDS


def _end_faulted(run: SourceRun, fault: SourceFault, now: datetime) -> None:
    try:
        run.end(faulted_state(run.state, fault, now))
    except SourceFault:
        # Another run has the source by now, and its state is the one that counts.
        return


def _stored_position(state: SourceState) -> Position | None:
    stored: Any = state.position
    return None if stored is None else Position(**stored)
