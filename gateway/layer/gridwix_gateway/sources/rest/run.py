"""One run of a REST source: reads pages, maps rows, and commits them with the checkpoint."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from gridwix_gateway.documents import Document, parse_timestamp
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import JsonPage, JsonReader, Timing
from gridwix_gateway.sources.http_source import HttpSource, Reading
from gridwix_gateway.sources.mapping import CompiledMapping, MappedRow, compile_mapping
from gridwix_gateway.sources.rest.declaration import RestDeclaration
from gridwix_gateway.sources.rest.paging import next_place, page_url
from gridwix_gateway.sources.rest.reading import Position, Progress, next_progress, start_position
from gridwix_gateway.sources.rest.rows import Row, content_key, find_rows, read_row
from gridwix_gateway.sources.runs import SourceRow, SourceRun, SourceState

RESERVED_SECONDS = 20.0
"""Seconds before the deadline from which the run reads no further page."""

UNREAD = frozenset({"every_minutes", "guard", "limits", "headers", "authentication"})
"""Members of a declaration that do not affect how rows are read; changing them keeps the
checkpoint.
"""


@dataclass(frozen=True)
class RestSource(HttpSource[RestDeclaration]):
    """A declared source that reads records from a REST API, ready to run."""

    @cached_property
    def mapping(self) -> CompiledMapping:
        """The source's mapping from rows to records, compiled once."""
        return compile_mapping(self.declaration)

    @cached_property
    def digest(self) -> str:
        """Digest of the source's declaration, without fields that do not affect how rows are read.

        Such a field is ``every_minutes``. If the digest changes, the next run discards the
        checkpoint and reads the API's list from the beginning.
        """
        declared = self.declaration.model_dump(mode="json", exclude=set(UNREAD))
        return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:32]

    @property
    def longest_run(self) -> float:
        return self.declaration.limits.seconds

    @property
    def largest_answer(self) -> int:
        return self.declaration.limits.megabytes * 1_000_000

    @property
    def headers(self) -> Mapping[str, str]:
        return self.declaration.headers

    def make_reading(self, run: SourceRun, timing: Timing, deadline: float) -> Reading:
        return _Reading(self, run, timing, deadline)


def make_rest_source(name: str, declaration: Document) -> RestSource:
    """Return the REST source of a declaration that ``make config`` has validated."""
    return RestSource(name, RestDeclaration.model_validate(declaration))


class _Reading(Reading):
    """Reads pages of a REST source's API in one run, and commits their rows with the checkpoint."""

    def __init__(self, source: RestSource, run: SourceRun, timing: Timing, deadline: float) -> None:
        self._source = source
        self._run = run
        self._timing = timing
        self._deadline = deadline
        self.warnings: list[str] = []
        self.pages = 0

    def repeat_refused(self) -> None:
        """Map rows again that earlier runs have refused, and commit those that now pass.

        A record that such a row refers to may exist by now.
        """
        repeated = self._run.refused_rows()
        if not repeated:
            return
        rows = [SourceRow(key, self._source.mapping.map_row(kept), kept) for key, kept in repeated]
        self._run.commit_rows(rows, replace(self._run.state, turn=repeated[-1][0]))

    def read_all(self, reader: JsonReader) -> bool:
        """Read pages and commit their rows. Raises SourceFault.

        Return True at the list's end; False if the run's limits are reached, so that the next run
        continues.
        """
        declaration, state = self._source.declaration, self._run.state
        position = _stored_position(state) or start_position(declaration, state.cursor)
        progress = Progress(state.cursor, position)
        while progress.position is not None:
            if self.pages == declaration.limits.pages or self._is_late():
                return False
            boundary = progress.position.boundary
            since = parse_timestamp(boundary) if boundary else None
            page = reader.read_document(page_url(declaration, since, progress.position.place))
            self.pages += 1
            progress = self._take_page(progress, page)
        return True

    def _take_page(self, progress: Progress, page: JsonPage) -> Progress:
        """Commit a page's rows together with the checkpoint after the page, which is returned."""
        declaration, position = self._source.declaration, progress.position
        assert position is not None
        documents = find_rows(declaration, page.document)
        rows = [read_row(declaration, self._source.mapping, document) for document in documents]
        following = next_place(declaration.paging, position.place, page, len(rows))
        after = next_progress(
            declaration, progress, rows, following, content_key(documents), self._ceiling(page)
        )
        mapped = [self._mapped_row(row) for row in rows]
        self._guard(mapped)
        if not rows and progress.cursor and after.position is None and self.pages == 1:
            # The row that the cursor comes from should be there, unless it was deleted.
            self.warnings.append("nothing-since")
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


def _stored_position(state: SourceState) -> Position | None:
    stored: Any = state.position
    return None if stored is None else Position(**stored)
