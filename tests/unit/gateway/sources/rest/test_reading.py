"""The order of reading: no update is missed while rows move, and reading ends."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix_gateway.documents import timestamp
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.rest.declaration import RestDeclaration
from gridwix_gateway.sources.rest.paging import asked_time
from gridwix_gateway.sources.rest.reading import (
    MAX_PASSES,
    Position,
    Progress,
    next_progress,
    start_position,
)
from gridwix_gateway.sources.rest.rows import Row
from tests.examples import examples
from tests.fakes.gateway.source_runs import simple_source

BEGIN = datetime(2026, 3, 12, 8, tzinfo=UTC)
SECOND = {"column": "updated", "parameter": "since", "overlap_minutes": 0}
MINUTE = SECOND | {"format": "%Y/%m/%d %H:%M"}


class MovingList:
    """A list by offsets whose rows are updated between its pages."""

    def __init__(self, declaration: RestDeclaration, size: int, rows: int) -> None:
        self.declaration = declaration
        self.size = size
        self.now = BEGIN
        self.updated = {f"r{number:02}": BEGIN for number in range(rows)}
        self.seen: dict[str, str] = {}
        self.pages = 0

    def update(self, key: str, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.updated[key] = self.now

    def delete(self, key: str) -> None:
        self.updated.pop(key, None)

    def read_page(self, position: Position) -> tuple[Sequence[Row], int | None, str]:
        self.pages += 1
        since = self.declaration.since
        assert since is not None
        asked = asked_time(since, datetime.fromisoformat(position.boundary))
        order = sorted((moment, key) for key, moment in self.updated.items() if moment >= asked)
        offset = int(position.place or 0)
        rows = [Row(key, timestamp(moment), {}) for moment, key in order[offset:][: self.size]]
        self.seen |= {row.key: row.updated for row in rows}
        return rows, offset + len(rows) if rows else None, repr(rows)

    def run(self, cursor: str, moves: list[Any]) -> str:
        """Read to the end, with some moves before each page. Return the cursor."""
        progress = Progress(cursor, start_position(self.declaration, cursor))
        while progress.position is not None:
            for _ in range(min(len(moves), 2)):
                key, seconds, is_update = moves.pop()
                if is_update:
                    self.update(key, seconds)
                else:
                    self.delete(key)
            rows, following, page = self.read_page(progress.position)
            progress = next_progress(self.declaration, progress, rows, following, page, self.now)
        return progress.cursor


MOVES = st.lists(
    st.tuples(
        st.sampled_from([f"r{number:02}" for number in range(14)]),
        st.integers(0, 90),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=examples(100), deadline=None)
@given(MOVES, st.integers(1, 5), st.sampled_from([SECOND, MINUTE]))
def test_updates_when_rows_move_during_reading_then_none_is_missed(
    moves: list[Any], size: int, since: dict[str, Any]
) -> None:
    listed = MovingList(simple_source(since=since).declaration, size, 14)

    listed.run(listed.run("", list(moves)), [])

    present = {key: timestamp(moment) for key, moment in listed.updated.items()}
    assert {key: listed.seen.get(key) for key in present} == present
    assert listed.pages < 300


def test_row_when_a_pass_skips_it_then_the_next_pass_reads_it() -> None:
    listed = MovingList(simple_source(since=SECOND).declaration, 2, 6)
    progress = Progress("", start_position(listed.declaration, ""))
    skipped = []
    while progress.position is not None:
        # A row of the first page leaves while the second is read: the third begins one too late.
        if listed.pages == 2:
            listed.update("r00", 60)
        rows, following, page = listed.read_page(progress.position)
        if listed.pages == 3:
            skipped = [key for key in listed.updated if key not in listed.seen]
        progress = next_progress(listed.declaration, progress, rows, following, page, listed.now)

    assert skipped
    assert set(listed.seen) == set(listed.updated)


def test_list_when_it_moves_during_each_pass_then_the_run_stops() -> None:
    listed = MovingList(simple_source(since=SECOND).declaration, 1, 40)
    position = Position(timestamp(BEGIN), passes=MAX_PASSES - 1, seen_before="0" * 32)
    progress = Progress("", position)

    with pytest.raises(SourceFault) as raised:
        while progress.position is not None:
            rows, following, page = listed.read_page(progress.position)
            progress = next_progress(
                listed.declaration, progress, rows, following, page, listed.now
            )

    assert raised.value.code == "unstable"


def test_start_when_there_is_a_cursor_then_the_overlap_is_read_again() -> None:
    since = SECOND | {"overlap_minutes": 5, "start": "2026-03-01T00:00:00Z"}
    declaration = simple_source(since=since).declaration

    assert start_position(declaration, "").boundary == "2026-03-01T00:00:00.000Z"
    assert start_position(declaration, "2026-03-12T08:00:00.000Z").boundary.startswith(
        "2026-03-12T07:55"
    )
    assert start_position(declaration, "2026-03-01T00:01:00.000Z").boundary.startswith("2026-03-01")


def test_cursor_when_a_page_has_no_rows_then_it_stays() -> None:
    declaration = simple_source(since=SECOND).declaration
    progress = Progress(timestamp(BEGIN), Position(timestamp(BEGIN)))

    assert next_progress(declaration, progress, [], None, "", BEGIN) == Progress(
        timestamp(BEGIN), None
    )


def test_page_when_its_rows_are_hidden_then_the_next_is_followed() -> None:
    declaration = simple_source(since=SECOND).declaration
    progress = Progress("", Position(timestamp(BEGIN)))

    after = next_progress(declaration, progress, [], 3, "", BEGIN)

    assert after.position is not None
    assert (after.position.place, after.position.followed) == (3, 1)
