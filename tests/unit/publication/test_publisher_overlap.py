"""Chunks that are written at the same time: bounds, errors, and any order of their steps."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from threading import Barrier, Lock
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.errors import BudgetExhausted, GridwixError, Throttled, Unavailable
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import MAX_BULK_ITEMS, BulkOutcome, DataItem, Refusal
from gridwix.publication import publisher as engine
from gridwix.publication.models import Claim, Publication, RowKey, Versions
from gridwix.publication.publisher import (
    CHUNKS_IN_FLIGHT,
    Projection,
    Publisher,
    RowReport,
    Verdict,
)
from tests.examples import examples
from tests.fakes.aws import OneAtATime, as_client, create_table
from tests.fakes.interleaving import Killed, Turns, Worker
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, Trouble, lost_answer
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.wire import ManualClock

if TYPE_CHECKING:
    from gridwix.publication.ports import PublicationLedger

ROWS = CollectionId("Rows")
HOLD = 90.0


def projection(number: int, version: int = 1) -> Projection:
    identifier = WixItemId(f"row{number}")
    return Projection(
        RowKey(ROWS, identifier),
        Versions({f"records/{number}": version}),
        DataItem(identifier, {"version": version}),
        f"evt_{version}",
    )


def publisher(
    portal: Any,
    ledger: Any = None,
    refused_items: Any = None,
    clock: Callable[[], float] | None = None,
) -> Publisher:
    return Publisher(
        collections=portal,
        ledger=ledger or MemoryLedger(),
        refused_items=refused_items or FakeRefusedItems(),
        function="test",
        clock=clock or ManualClock(),
        hold=HOLD,
    )


@pytest.mark.threads
def test_chunks_are_written_at_the_same_time() -> None:
    # Passes only if four bulk calls meet: with fewer in flight the barrier would never open.
    meeting = Barrier(CHUNKS_IN_FLIGHT)

    class Portal(FakePortal):
        def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
            meeting.wait()
            return super().bulk_save(collection, items)

    rows = CHUNKS_IN_FLIGHT * MAX_BULK_ITEMS

    report = publisher(Portal()).publish([projection(number) for number in range(rows)])

    assert report.count(Verdict.WRITTEN) == rows


def test_stream_takes_projections_while_it_writes_and_only_as_many_as_are_bounded() -> None:
    taken = 0

    def projections() -> Iterator[Projection]:
        nonlocal taken
        for number in range(20 * MAX_BULK_ITEMS):
            taken += 1
            yield projection(number)

    reported = 0
    portal = FakePortal()
    for report in publisher(portal).publish_stream(projections()):
        reported += len(report.verdicts)
        # The chunks in flight, the one that is collected, and the batch that was read for it.
        assert taken - reported <= (CHUNKS_IN_FLIGHT + 2) * MAX_BULK_ITEMS

    assert reported == taken == len(portal.rows)


def test_stream_of_partly_unchanged_rows_fills_its_bulk_calls() -> None:
    portal, ledger = FakePortal(), MemoryLedger()
    publisher(portal, ledger).publish([projection(number) for number in range(0, 4000, 2)])
    portal.calls = 0

    report = publisher(portal, ledger).publish(projection(number) for number in range(4000))

    assert portal.calls == 2
    assert (report.count(Verdict.UNCHANGED), report.count(Verdict.WRITTEN)) == (2000, 2000)


def test_error_of_the_projections_is_raised_and_nothing_that_was_written_is_lost() -> None:
    portal, ledger = FakePortal(), MemoryLedger()
    rows = [projection(number) for number in range(2 * MAX_BULK_ITEMS)]

    def projections() -> Iterator[Projection]:
        yield from rows
        raise Unavailable(system="trading_grid")

    with pytest.raises(Unavailable):
        publisher(portal, ledger).publish(projections())

    again = publisher(portal, ledger).publish(rows)
    assert again.count(Verdict.UNCHANGED) == len(rows)


class Failing:
    """A port of which one method raises an error in the call that names the row ``marked``."""

    def __init__(self, port: object, method: str, marked: RowKey, error: GridwixError) -> None:
        self._port = port
        self._method = method
        self._marked = marked
        self._error = error

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if name != self._method:
            return method

        def call(rows: Collection[Any], **arguments: Any) -> Any:
            if self._marked in {_key_of(row) for row in rows}:
                raise self._error
            return method(rows, **arguments)

        return call


def _key_of(row: Any) -> RowKey:
    match row:
        case Refusal():
            return RowKey(row.collection, row.item_id)
        case Claim() | Publication():
            return row.key
        case _:
            return RowKey(*row)


@pytest.mark.parametrize("method", ["read_entries", "claim", "commit"])
def test_error_of_the_ledger_defers_the_rows_of_its_chunk_and_no_others(method: str) -> None:
    error = Throttled(system="aws", status=400)
    rows = [projection(number) for number in range(3 * MAX_BULK_ITEMS)]
    ledger = Failing(MemoryLedger(), method, rows[1500].key, error)

    report = publisher(FakePortal(), ledger).publish(rows)

    assert report.reasons == {row.key: error for row in rows[1000:2000]}
    assert report.count(Verdict.WRITTEN) == 2000


def test_row_whose_commit_failed_is_written_again_after_its_claim_has_expired() -> None:
    portal, kept, clock = FakePortal(), MemoryLedger(), ManualClock()
    failing = Failing(kept, "commit", projection(0).key, Unavailable(system="aws", status=500))
    publisher(portal, failing, clock=clock).publish([projection(0)])

    held = publisher(portal, kept, clock=clock).publish([projection(0)])
    clock.now += HOLD + 1
    settled = publisher(portal, kept, clock=clock).publish([projection(0)])

    assert held.reasons[projection(0).key].code == "row_held"
    assert settled.count(Verdict.WRITTEN) == 1


def test_refused_row_that_cannot_be_stored_is_deferred_and_the_others_are_written() -> None:
    error = Unavailable(system="aws", status=500)
    portal = FakePortal(refuse=lambda identifier: identifier == "row7")
    store = Failing(FakeRefusedItems(), "add", projection(7).key, error)

    report = publisher(portal, refused_items=store).publish([projection(n) for n in range(10)])

    assert report.reasons == {projection(7).key: error}
    assert report.count(Verdict.WRITTEN) == 9


def test_refusal_that_cannot_be_cleared_leaves_the_row_to_be_written_again() -> None:
    portal, ledger, refused, clock = FakePortal(), MemoryLedger(), FakeRefusedItems(), ManualClock()
    portal.refuse = lambda _: True
    publisher(portal, ledger, refused, clock).publish([projection(0)])
    portal.refuse = lambda _: False
    store = Failing(refused, "clear", projection(0).key, Unavailable(system="aws", status=500))

    publisher(portal, ledger, store, clock).publish([projection(0)])
    clock.now += HOLD + 1
    publisher(portal, ledger, refused, clock).publish([projection(0)])

    assert refused.items == {}


def test_claim_that_cannot_be_released_expires() -> None:
    portal, kept, clock = FakePortal(), MemoryLedger(), ManualClock()
    portal.troubles = [Trouble(BudgetExhausted(wait=3))]
    failing = Failing(kept, "release", projection(0).key, Unavailable(system="aws", status=500))

    report = publisher(portal, failing, clock=clock).publish([projection(0)])
    clock.now += HOLD + 1
    again = publisher(portal, kept, clock=clock).publish([projection(0)])

    assert report.reasons[projection(0).key].code == "budget_exhausted"
    assert again.count(Verdict.WRITTEN) == 1


def test_calls_in_flight_never_take_more_than_the_budget_grants() -> None:
    lock, left = Lock(), 3

    class Portal(FakePortal):
        def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
            nonlocal left
            with lock:
                if left == 0:
                    raise BudgetExhausted(wait=20)
                left -= 1
            return super().bulk_save(collection, items)

    portal = Portal()

    report = publisher(portal).publish([projection(n) for n in range(7 * MAX_BULK_ITEMS)])

    assert portal.calls == 3
    assert report.count(Verdict.WRITTEN) == 3 * MAX_BULK_ITEMS
    assert report.count(Verdict.DEFERRED) == 4 * MAX_BULK_ITEMS
    assert {error.code for error in report.reasons.values()} == {"budget_exhausted"}


TROUBLES: dict[str, Callable[[], Trouble]] = {
    "throttled": lambda: Trouble(Throttled(system="wix", status=429, wait=30)),
    "lost": lambda: lost_answer(lands=None),
    "landed": lambda: lost_answer(lands="now"),
    "late": lambda: lost_answer(lands="later"),
}


@settings(max_examples=examples(50), deadline=None)
@given(data=st.data())
def test_any_order_of_steps_gives_each_row_one_verdict_and_overwrites_nothing_newer(
    data: st.DataObject,
) -> None:
    publish_in_any_order(MemoryLedger, data)


@settings(
    max_examples=examples(4),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(data=st.data())
def test_any_order_of_steps_with_the_ledger_in_dynamodb_overwrites_nothing_newer(
    tables: OneAtATime, data: st.DataObject
) -> None:
    publish_in_any_order(
        lambda: DynamoDBLedger(as_client(tables), create_table(tables, "row")), data
    )


def publish_in_any_order(
    new_ledger: Callable[[], "PublicationLedger"], data: st.DataObject
) -> None:
    """Two publishers of the same rows, whose chunks stop before each call of a port."""
    portal, ledger, clock = FakePortal(), new_ledger(), ManualClock()
    rows = data.draw(st.integers(2, 7), label="rows")
    refused = data.draw(st.sets(st.integers(0, rows - 1), max_size=2), label="refused")
    portal.refuse = lambda identifier: int(identifier.removeprefix("row")) in refused
    portal.troubles = [
        TROUBLES[name]()
        for name in data.draw(st.lists(st.sampled_from(sorted(TROUBLES)), max_size=2))
    ]
    deaths = data.draw(st.integers(0, 1), label="deaths")
    others_turn = False

    def choose(workers: list[Worker]) -> Worker:
        nonlocal deaths, others_turn
        chosen = workers[data.draw(st.integers(0, len(workers) - 1))]
        if deaths and data.draw(st.integers(0, 9)) == 0:
            deaths -= 1
            chosen.kill()
        elif not others_turn and data.draw(st.integers(0, 3)) == 0:
            # The other publisher goes one chunk on, while this one's chunks stand where they are.
            others_turn = True
            died.append(_is_killed(other))
            others_turn = False
        return chosen

    turns = Turns(choose)
    reports: dict[int, list[RowReport]] = defaultdict(list)
    died: list[bool] = []

    def publish(version: int) -> Iterator[None]:
        found = publisher(turns.pausing(portal), turns.pausing(ledger), clock=clock)
        for report in found.publish_stream([projection(row, version) for row in range(rows)]):
            reports[version].append(report)
            yield

    with (
        patch.object(engine, "MAX_BULK_ITEMS", 2),
        patch.object(engine, "map_in_order", turns.map_in_order),
    ):
        versions = data.draw(st.permutations([1, 2]), label="versions")
        other = publish(versions[1])
        died.append(_is_killed(publish(versions[0]), to_the_end=True))
        others_turn = True
        died.append(_is_killed(other, to_the_end=True))
    portal.land()

    for version in versions:
        named = [key for report in reports[version] for key in report.verdicts]
        assert len(named) == len(set(named))
        assert any(died) or set(named) == {projection(row).key for row in range(rows)}
    for row in range(rows):
        shown = [item and item.data["version"] for item in portal.history(projection(row).key)]
        assert shown == sorted(shown, key=lambda version: version or 0)

    # A worker that died, or whose response was lost, leaves claims, and they expire.
    clock.now += HOLD + 1
    portal.troubles.clear()
    last = publisher(portal, ledger, clock=clock).publish(
        [projection(row, 3) for row in range(rows)]
    )
    assert {key.item_id for key, given in last.verdicts.items() if given is Verdict.WRITTEN} == {
        f"row{row}" for row in range(rows) if row not in refused
    }


def _is_killed(steps: Iterator[None], *, to_the_end: bool = False) -> bool:
    """Go one step on, or to the end; True if a worker was killed on the way."""
    try:
        if to_the_end:
            for _ in steps:
                pass
        else:
            next(steps, None)
    except Killed:
        return True
    return False
