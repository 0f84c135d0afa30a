"""A story costs the same in tables of any size: requests are counted, and a scan has no answer."""

from collections.abc import Iterator

import pytest

from benchmarks.trace import CASE, PARTNER, World
from ops.story.subjects import MAX_ENTRIES

IDENTIFIERS = [
    CASE,
    "case_7",
    PARTNER,
    "evt_case_7_3",
    "OpenIssues/case_7",
    f"PartnerStatus/{PARTNER}",
    "nothing_of_this_id",
]


@pytest.fixture(scope="module")
def worlds() -> Iterator[tuple[World, World]]:
    yield World(10, 30, slow=False), World(10_000, 9_000, slow=False)


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_story_asks_and_reads_as_much_in_large_tables_as_in_small_ones(
    worlds: tuple[World, World], identifier: str
) -> None:
    (story, few), (same, many) = (world.read(identifier) for world in worlds)

    assert (few.requests, few.items, few.calls) == (many.requests, many.items, many.calls)
    assert (story.entries, story.rows) == (same.entries, same.rows)


@pytest.mark.parametrize("identifier", [CASE, PARTNER])
def test_story_of_a_busy_record_reads_no_more_entries_than_it_tells(
    worlds: tuple[World, World], identifier: str
) -> None:
    world = worlds[0]

    story, reading = world.read(identifier)

    rows = len(story.rows)
    assert len(story.entries) == MAX_ENTRIES
    assert story.more
    assert reading.items <= MAX_ENTRIES + 2 * rows


def test_requests_are_of_keys_alone(worlds: tuple[World, World]) -> None:
    assert worlds[1].store.requests.keys() <= {"Query", "BatchGetItem"}


def test_scan_has_no_answer(worlds: tuple[World, World]) -> None:
    with pytest.raises(KeyError, match="Scan"):
        worlds[0].store.client().scan(TableName="ledger")
