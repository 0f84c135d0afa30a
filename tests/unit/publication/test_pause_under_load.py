"""A function is paused for an hour while changes keep arriving, and resumed: nothing is lost,
nothing is written twice, and no row goes back.

The command's own pause and resume run here, and the function's own queue runner and service. SQS,
Lambda's switch and the clock are the test's.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.errors import Unavailable
from gridwix.mapping.wix_items import data_item
from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.publication.publisher import Publisher
from gridwix.runtime.configuration import configuration
from gridwix.runtime.publisher_runner import PublisherRunner
from gridwix.status_publisher.projection import status_row
from gridwix.status_publisher.service import PartnerStatusPublisher
from ops.aws import Aws
from ops.pausing import pause_functions, read_switch, resume_functions
from ops.stack import Stack
from tests.examples import examples
from tests.factories import case, change, check, partner, texts
from tests.fakes.clocked_queue import ClockedQueue
from tests.fakes.event_sources import SlowMappings
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, Trouble, lost_answer
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.trading_grid import FakeTradingGrid
from tests.fakes.wire import ManualClock

ARN = "arn:aws:sqs:eu-west-1:123456789012:queue"
PARTNERS = ("GC1", "GC2", "GC3")
KINDS = ("partner", "check", "case")
HOUR = 3600.0
BATCH = 10
"""Messages of one invocation: small, so that an hour's changes take many."""

MOST_FAULTS = 5
"""Faults of one run: a message that fails twenty times is a dead letter, paused or not."""

FAULTS = {
    "not carried out": lambda: Trouble(Unavailable(system="wix")),
    "answer lost": lambda: lost_answer(lands="now"),
    "request lost": lambda: lost_answer(lands=None),
}


@pytest.fixture(autouse=True)
def no_sleep() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ops.pausing.POLL", 0.0)
        yield


class World:
    """Trading Grid, a portal, and ``status_publisher`` behind its queue."""

    def __init__(self, **queue: Any) -> None:
        self.clock = ManualClock()
        self.grid, self.portal, ledger = FakeTradingGrid(), FakePortal(), MemoryLedger()
        self.queue = ClockedQueue(self.clock, ARN, **queue)
        self.mappings = SlowMappings({ARN: "Enabled"})
        # Lambda reads on until the mapping is in its new state.
        self.mappings.on_update = lambda _: self.work()
        self.versions: Counter[str] = Counter()
        publisher = Publisher(
            collections=self.portal,
            ledger=ledger,
            refused_items=FakeRefusedItems(),
            function="test",
            clock=self.clock,
            hold=90.0,
        )
        service = PartnerStatusPublisher(self.grid, ledger, publisher, configuration())
        self.runner = PublisherRunner(lambda: service, lambda: self.queue)
        outputs = {"StatusPublisherQueueUrl": "u", "StatusPublisherDeadLetterQueueUrl": "d"}
        aws: Any = SimpleNamespace(sqs=self.queue, functions=self.mappings)
        self.stack = Stack("gridwix", outputs, cast("Aws", aws))
        for partner_id in PARTNERS:
            self.change(partner_id, "partner")

    def change(self, partner_id: str, kind: str) -> None:
        """A record changes, and its event comes into the queue. Its text says its version."""
        identifier = partner_id if kind == "partner" else f"{kind}_{partner_id}"
        self.versions[identifier] += 1
        version = self.versions[identifier]
        text = f"{identifier}@{version}"
        if kind == "partner":
            self.grid.put(partner(identifier, version, name=text))
        elif kind == "check":
            self.grid.put(check(identifier, version, partnerId=partner_id, nextAction=text))
        else:
            self.grid.put(case(identifier, version, partnerId=partner_id, nextStep=text))
        collection = {"partner": "partners", "check": "compliance-checks", "case": "cases"}[kind]
        event = change(
            f"evt_{text}",
            type=f"{kind}.updated",
            subject=f"{collection}/{identifier}",
            partnerId=partner_id,
            version=version,
        )
        self.queue.send(json.dumps({"detail": event.model_dump(mode="json", by_alias=True)}))

    def run(self, records: list[dict[str, Any]]) -> None:
        """One invocation of the function."""
        if records:
            self.queue.settle(records, self.runner.process({"Records": records}))

    def work(self) -> None:
        """Lambda looks at the queue once, if its switch is on."""
        if self.mappings.states[ARN] in ("Enabled", "Disabling"):
            self.run(self.queue.receive(BATCH))

    def pause(self) -> None:
        switch = read_switch(self.stack, self.stack.queue("status_publisher"))
        pause_functions(self.stack, [switch], "user/ann", datetime.fromtimestamp(self.clock(), UTC))

    def resume(self) -> None:
        resume_functions(
            self.stack, [read_switch(self.stack, self.stack.queue("status_publisher"))]
        )

    def work_off(self) -> None:
        """Work until the queue is empty. Fails if it never is."""
        for _ in range(10_000):
            if not self.queue.messages:
                return
            self.clock.now = max(self.clock.now + 1, self.queue.next_visible)
            self.work()
        pytest.fail("the queue is never empty")

    def receives(self) -> dict[str, int]:
        return {name: message.receives for name, message in self.queue.messages.items()}

    def doubled(self) -> list[str]:
        """The rows that were written again with the same content."""
        contents = defaultdict(list)
        for row, item in self.portal.writes:
            contents[row].append(item)
        return [
            str(row) for row, items in contents.items() if len(items) > len(set(map(repr, items)))
        ]

    def assert_newest_rows(self) -> None:
        """Each partner's row shows the newest version of each of its records."""
        for partner_id in PARTNERS:
            expected = status_row(self.grid.current(PartnerId(partner_id)), texts())
            assert expected is not None
            item = data_item(partner_id, expected)
            assert self.portal.rows[PARTNER_STATUS, item.id] == item


steps = st.tuples(
    st.floats(0.5, 90.0),
    st.sampled_from(PARTNERS),
    st.sampled_from(KINDS),
    st.sampled_from([None, None, None, *FAULTS]),
)


@given(
    before=st.lists(steps, max_size=12),
    during=st.lists(steps, min_size=1, max_size=60),
    after=st.lists(steps, max_size=12),
    longer=st.floats(0, 3 * HOUR),
    in_flight=st.booleans(),
)
@settings(max_examples=examples(20), deadline=None)
def test_pause_of_an_hour_under_load_loses_doubles_and_reverses_nothing(
    before: list[Any], during: list[Any], after: list[Any], longer: float, *, in_flight: bool
) -> None:
    world = World()
    faulty = [step for step in (*before, *during, *after) if step[-1] is not None][:MOST_FAULTS]

    def play(some: list[Any]) -> None:
        for step in some:
            gap, partner_id, kind, fault = step
            world.clock.now += gap
            world.change(partner_id, kind)
            if any(step is one for one in faulty):
                world.portal.troubles.append(FAULTS[fault]())
            world.work()

    play(before)
    held = world.queue.receive(BATCH) if in_flight else []
    world.pause()
    begun = world.clock.now
    # An invocation that runs at the time of a pause ends its batch.
    world.run(held)
    receives, written = world.receives(), len(world.portal.writes)
    play(during)
    world.clock.now = max(world.clock.now, begun + HOUR) + longer
    world.work()

    assert len(world.portal.writes) == written
    assert {name: world.receives()[name] for name in receives} == receives
    assert len(world.receives()) == len(receives) + len(during)

    world.resume()
    play(after)
    world.work_off()

    assert (world.queue.dead, world.queue.expired) == ([], [])
    assert world.portal.fallen_versions() == []
    world.assert_newest_rows()
    faults = {fault for *_, fault in (*before, *during, *after)}
    # After a lost answer, nobody knows that the row was written.
    if not faults & {"answer lost", "request lost"}:
        assert world.doubled() == []


def test_hour_of_changes_every_second_is_worked_off_with_one_write_per_row_and_batch() -> None:
    world = World()
    world.work_off()
    world.pause()
    for number in range(int(HOUR)):
        world.clock.now += 1
        world.change(PARTNERS[number % 3], KINDS[number % 2])
        world.work()
    waiting, before = len(world.queue.messages), len(world.portal.writes)

    world.resume()
    world.work_off()

    assert waiting == HOUR
    # The rows are read when the first batch is processed, and are the newest from then on.
    assert len(world.portal.writes) == before + len(PARTNERS)
    assert world.portal.fallen_versions() == []
    assert world.queue.dead == []
    world.assert_newest_rows()


def test_message_that_is_deferred_before_a_pause_is_tried_again_after_it() -> None:
    world = World()
    world.portal.troubles.append(FAULTS["not carried out"]())
    world.work()
    waits = world.queue.next_visible
    world.pause()
    world.clock.now += HOUR
    world.work()
    untouched = world.receives()

    world.resume()
    world.work_off()

    assert waits < world.clock.now - HOUR + 60
    assert set(untouched.values()) == {1}
    assert len(world.portal.writes) == len(PARTNERS)
    world.assert_newest_rows()


def test_pause_that_is_longer_than_the_queue_keeps_messages_loses_them() -> None:
    """The queue of the test does what SQS does: a pause has a longest time."""
    world = World(retention=HOUR)
    world.work_off()
    world.pause()
    world.change("GC1", "check")
    world.clock.now += HOUR + 1

    world.resume()
    world.work_off()

    assert len(world.queue.expired) == 1


def test_pause_that_lets_lambda_receive_and_return_would_make_dead_letters() -> None:
    """What a reserved concurrency of 0 does, for comparison: each receive counts."""
    world = World()
    for _ in range(13):
        world.queue.receive(BATCH)
        world.clock.now += world.queue.visibility

    assert len(world.queue.dead) == len(PARTNERS)
