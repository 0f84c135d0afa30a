"""The shared call budget: many workers, one limit."""

from _thread import LockType
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from gridwix.clients.aws.budget import MAX_BLOCK, ROUNDS, DynamoDBCallBudget
from gridwix.errors import NotFound, Unavailable
from tests.fakes.aws import OneAtATime, as_client, create_table

if TYPE_CHECKING:
    from gridwix.ports import CallBudget

START = 1_780_000_000.0


class Time:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def table(tables: OneAtATime) -> str:
    tables.before_call = lambda name: None
    return create_table(tables, "site")


def budget(
    tables: OneAtATime,
    table: str,
    clock: Time,
    *,
    calls_per_minute: int = 60,
    burst: int = 30,
    site: str = "site-1",
) -> DynamoDBCallBudget:
    return DynamoDBCallBudget(
        as_client(tables),
        table,
        site,
        calls_per_minute=calls_per_minute,
        burst=burst,
        clock=clock,
        chance=lambda: 0.5,
    )


def test_budget_is_what_the_services_ask_for(tables: OneAtATime, table: str) -> None:
    port: CallBudget = budget(tables, table, Time())

    assert port.take() == 0.0


def test_take_when_the_burst_is_spent_tells_the_wait_until_the_next_call(
    tables: OneAtATime, table: str
) -> None:
    clock = Time()
    shared = budget(tables, table, clock)
    assert shared.take(30) == 0.0

    wait = shared.take()

    assert wait == 2.0
    clock.now += wait
    assert shared.take() == 0.0


def test_take_by_another_worker_counts_too(tables: OneAtATime, table: str) -> None:
    clock = Time()
    one, other = budget(tables, table, clock), budget(tables, table, clock)
    one.take(20)

    assert other.take(11) > 0
    assert other.take(10) == 0.0
    assert one.take() > 0


def test_take_for_another_site_does_not_count(tables: OneAtATime, table: str) -> None:
    clock = Time()
    budget(tables, table, clock).take(30)

    assert budget(tables, table, clock, site="site-2").take(30) == 0.0


def test_take_again_by_the_same_worker_costs_one_call_of_dynamodb(
    tables: OneAtATime, table: str
) -> None:
    shared = budget(tables, table, Time())
    shared.take()
    before = tables.calls.total()

    shared.take()

    assert tables.calls.total() - before == 1


def test_take_when_others_are_always_faster_ends_with_a_short_wait(
    tables: OneAtATime, table: str
) -> None:
    clock = Time()
    rival = budget(tables, table, clock, calls_per_minute=1000, burst=900)
    shared = budget(tables, table, clock, calls_per_minute=1000, burst=900)
    races = 0

    def lose(name: str) -> None:
        nonlocal races
        if name == "update_item":
            races += 1
            tables.before_call = lambda name: None
            rival.take()
            tables.before_call = lose

    tables.before_call = lose

    assert shared.take() == pytest.approx(0.175)
    assert races == ROUNDS


def test_take_that_loses_one_race_is_granted_on_top_of_the_rivals(
    tables: OneAtATime, table: str
) -> None:
    clock = Time()
    rival, shared = budget(tables, table, clock), budget(tables, table, clock)
    shared.take()

    def lose_once(name: str) -> None:
        tables.before_call = lambda name: None
        rival.take(28)

    tables.before_call = lose_once

    assert shared.take() == 0.0
    assert rival.take() > 0


def test_exhaust_stops_everybody_until_then(tables: OneAtATime, table: str) -> None:
    clock = Time()
    one, other = budget(tables, table, clock), budget(tables, table, clock)
    other.take()

    one.exhaust(45.0)

    assert one.take() == 45.0
    assert other.take() == 45.0
    clock.now += 45.0
    assert other.take() == 0.0


def test_exhaust_on_an_untouched_site_stops_everybody(tables: OneAtATime, table: str) -> None:
    shared = budget(tables, table, Time())

    shared.exhaust(45.0)

    assert shared.take() == 45.0


def test_exhaust_never_shortens_a_block(tables: OneAtATime, table: str) -> None:
    shared = budget(tables, table, Time())
    shared.exhaust(45.0)

    shared.exhaust(5.0)

    assert shared.take() == 45.0


def test_exhaust_while_a_take_is_under_way_is_not_lost(tables: OneAtATime, table: str) -> None:
    clock = Time()
    one, other = budget(tables, table, clock), budget(tables, table, clock)
    one.take()

    def exhaust_first(name: str) -> None:
        tables.before_call = lambda name: None
        other.exhaust(45.0)

    tables.before_call = exhaust_first

    assert one.take() == 45.0


def test_exhaust_is_bounded(tables: OneAtATime, table: str) -> None:
    shared = budget(tables, table, Time())

    shared.exhaust(1e9)

    assert shared.take() == MAX_BLOCK


def test_block_that_an_operator_lifts_ends_at_once(tables: OneAtATime, table: str) -> None:
    shared = budget(tables, table, Time())
    shared.exhaust(3600.0)
    assert shared.take() > 0

    tables.delete_item(TableName=table, Key={"site": {"S": "site-1"}})

    assert shared.take() == 0.0


def test_clock_that_goes_back_grants_nothing_more_and_recovers(
    tables: OneAtATime, table: str
) -> None:
    clock = Time()
    shared = budget(tables, table, clock)
    shared.take(30)

    clock.now -= 10.0
    assert shared.take() == 12.0
    clock.now += 12.0

    assert shared.take() == 0.0


class SharedTime:
    """A clock that all workers see and each of them moves on a little; ``read`` is what this worker
    was told last.
    """

    def __init__(self, time: Time, guard: LockType) -> None:
        self._time, self._guard = time, guard
        self.read = START

    def __call__(self) -> float:
        with self._guard:
            self._time.now += 0.2
            self.read = self._time.now
        return self.read


def test_concurrent_takers_never_get_more_than_the_limit_in_any_minute(
    tables: OneAtATime, table: str
) -> None:
    time, guard = Time(), Lock()
    granted: list[float] = []

    def work() -> None:
        clock = SharedTime(time, guard)
        shared = DynamoDBCallBudget(
            as_client(tables), table, "site-1", calls_per_minute=40, burst=15, clock=clock
        )
        while time.now < START + 180.0:
            if shared.take() == 0.0:
                granted.append(clock.read)

    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(work) for _ in range(4)]:
            done.result()

    assert max(sum(begin <= at <= begin + 60.0 for at in granted) for begin in granted) <= 40
    assert len(granted) > 60


def test_concurrent_takers_at_one_instant_get_the_burst_and_no_more(
    tables: OneAtATime, table: str
) -> None:
    clock = Time()

    def work() -> int:
        shared = budget(tables, table, clock, calls_per_minute=40, burst=15)
        return sum(shared.take() == 0.0 for _ in range(20))

    with ThreadPoolExecutor(4) as workers:
        counts = [done.result() for done in [workers.submit(work) for _ in range(4)]]

    assert sum(counts) == 15


def test_threads_that_share_a_budget_get_the_burst_and_lose_no_race(
    tables: OneAtATime, table: str
) -> None:
    shared = budget(tables, table, Time())
    shared.take()
    before = tables.calls["update_item"]

    with ThreadPoolExecutor(8) as workers:
        waits = list(workers.map(lambda _: shared.take(), range(40)))

    granted = waits.count(0.0)
    assert granted == 29
    assert tables.calls["update_item"] - before == granted


def test_budget_that_cannot_be_kept_is_an_error(tables: OneAtATime, table: str) -> None:
    with pytest.raises(ValueError, match="burst"):
        budget(tables, table, Time(), calls_per_minute=60, burst=60)


def test_missing_table_is_not_found(tables: OneAtATime) -> None:
    with pytest.raises(NotFound):
        budget(tables, "no-such-table", Time()).take()


def test_unreachable_dynamodb_is_unavailable_and_not_ambiguous(
    tables: OneAtATime, table: str
) -> None:
    def fail(name: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb")

    tables.before_call = fail

    with pytest.raises(Unavailable) as raised:
        budget(tables, table, Time()).take()

    assert not raised.value.ambiguous
