"""The listed keys are sorted in parts, whatever their number and order, and no page of a run reads
more of a run's documents because the collection is larger.
"""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.reconciliation import FullPage, Phase
from gridwix.publication.drift import DeleteGuard
from gridwix.reconciler import sorting
from gridwix.reconciler.checkpoints import Checkpoints
from gridwix.reconciler.sorting import KeySort
from tests.factories import NOW
from tests.fakes.reconciliation import FakeContinuation, FakeDocuments
from tests.unit.reconciler.test_service import World, counts

KEY = st.text("abc", min_size=1, max_size=3)


def row_of(key: str) -> WixItemId:
    """The row of a key, which is ``record/row``."""
    return WixItemId(key.partition("/")[2])


@dataclass
class CountingDocuments(FakeDocuments):
    """Counts the documents that were read, by kind."""

    reads: Counter[str] = field(default_factory=Counter)

    def read_document(self, name: str) -> str | None:
        self.reads[name.rpartition("/")[2].partition("-")[0]] += 1
        return super().read_document(name)


def sort_parts(parts: list[list[str]]) -> tuple[FullPage, KeySort, int]:
    """Sort a list of keys; returns the page after it, and the number of messages."""
    queue = FakeContinuation()
    checkpoints = Checkpoints(FakeDocuments())
    page = FullPage(run="full-1", begun=NOW, collection=PARTNER_STATUS, phase=Phase.COMPARE)
    for number, keys in enumerate(parts):
        checkpoints.keep_keys(page.model_copy(update={"parts": number}), keys)
    queue.send(page.model_copy(update={"parts": len(parts)}))
    sort, messages = KeySort(checkpoints, queue), 0
    while True:
        waiting = queue.pages.pop()
        assert isinstance(waiting, FullPage)
        messages += 1
        if (found := sort.sort(waiting, row_of)) is not None:
            return found, sort, messages


@given(
    parts=st.lists(
        st.lists(st.tuples(st.sampled_from("123"), KEY), max_size=6), min_size=1, max_size=9
    )
)
def test_sort_of_any_parts_then_each_row_comes_once_in_order_with_the_key_that_was_listed_last(
    parts: list[list[tuple[str, str]]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "FAN_IN", 2)
        patch.setattr(sorting, "KEYS_PER_PART", 3)
        page, sort, _ = sort_parts([[f"{key}/{row}" for key, row in part] for part in parts])

        found = [key for _, key in sort.keys_after(page, 0, row_of)]

    last = {row: f"{key}/{row}" for part in parts for key, row in part}
    assert found == sorted(last.items())
    assert page.listed == len(last)
    assert page.sorted_parts == -(-len(last) // 3)


@pytest.mark.parametrize(("parts", "messages"), [(1, 1), (8, 1), (9, 3), (64, 9), (65, 9 + 2 + 1)])
def test_sort_of_many_parts_then_it_takes_one_message_for_each_eight_runs(
    parts: int, messages: int
) -> None:
    page, _, sent = sort_parts([[f"x/{part:03}"] for part in range(parts)])

    assert sent == messages
    assert page.listed == parts


def test_run_when_the_collection_is_larger_then_no_page_reads_more_documents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sorting, "KEYS_PER_PART", 4)

    def most_reads(partners: int) -> int:
        world = World(partners=partners, rows_per_page=2)
        documents = CountingDocuments()
        world.documents = documents
        world.reconciler = world.new_reconciler()
        world.begin()
        most = 0
        while world.queue.pages:
            page = world.queue.pages[0]
            assert isinstance(page, FullPage)
            documents.reads.clear()
            world.step()
            if page.phase is Phase.COMPARE and page.sorted_parts is not None:
                most = max(most, documents.reads.total())
        assert counts(world.report()) == {"rows": partners, "equal": partners}
        return most

    assert most_reads(40) == most_reads(12) == 3


def test_removal_when_there_are_many_pages_then_later_messages_read_their_chunk_alone() -> None:
    world = World(partners=3, rows_per_page=50, guard=DeleteGuard(share=1.0))
    for number in range(250):
        world.add(f"stray-{number:03}")
    documents = CountingDocuments()
    world.documents = documents
    world.reconciler = world.new_reconciler()
    world.begin()
    compared = []
    while world.queue.pages:
        documents.reads.clear()
        world.step()
        compared.append(documents.reads["compared"])

    assert compared[-2:] == [0, 0]
    assert world.report()["removed"] == 250


def test_run_of_an_earlier_release_when_it_is_compared_then_its_unsorted_list_is_sorted_first() -> (
    None
):
    world = World(partners=6, rows_per_page=2)
    world.begin()
    world.step()
    page = world.queue.pages.pop()
    assert isinstance(page, FullPage)
    world.documents.write(
        "runs/full-1/PartnerStatus/keys-0.json",
        '["GC0003","GC0000","GC0005","GC0001","GC0004","GC0002"]',
    )
    world.queue.pages.append(page.model_copy(update={"cursor": "GC0001", "page": 1}))

    while world.queue.pages:
        world.step()

    assert counts(world.report()) == {"rows": 4, "equal": 4}
