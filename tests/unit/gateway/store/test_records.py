"""Pages of large records: bounded, and all of them together complete."""

from functools import partial

import pytest

from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.records import MAX_SCANNED_BYTES, Filters, Records
from tests.fakes.gateway.memory_table import MemoryTable

COUNT = 80
LARGE = "x" * 300_000


def create_large_case(draft: Draft, number: int) -> None:
    members = {"id": f"c{number:03}", "partnerId": f"p{number % 8}", "status": "open"}
    draft.create("cases", {**members, "subject": LARGE}, None)


@pytest.fixture(scope="module")
def records() -> Records:
    table = MemoryTable()
    commits = Commits(table, "GC1", "t.")
    for number in range(COUNT):
        commits.run(partial(create_large_case, number=number))
    return Records(table)


@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters(frozenset(f"p{number}" for number in range(8)))],
    ids=["collection", "partners"],
)
def test_page_ends_at_a_number_of_bytes_and_the_next_goes_on(
    records: Records, filters: Filters
) -> None:
    found: list[str] = []
    position: str | None = ""
    while position is not None:
        page = records.list_page("cases", filters, position, 200)
        assert len(page.documents) <= MAX_SCANNED_BYTES // len(LARGE) + 1
        found += [document["id"] for document in page.documents]
        position = page.position

    assert found == [f"c{number:03}" for number in range(COUNT)]


def test_page_of_a_status_that_no_record_has_ends_and_goes_on(records: Records) -> None:
    page = records.list_page("cases", Filters(statuses=frozenset({"closed"})), "", 200)

    assert page.documents == ()
    assert page.position is not None
