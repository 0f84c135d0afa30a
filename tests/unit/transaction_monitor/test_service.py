"""The transaction monitor: what goes wrong is on the bus once, whatever is read twice, late, or
lost on the way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from gridwix.configuration.case_rules import CaseRules
from gridwix.errors import Unavailable
from gridwix.mapping.transactions import group_by_process, transaction_exception
from gridwix.models.cursors import FeedCursor
from gridwix.models.events import TRANSACTION_EXCEPTION
from gridwix.models.ids import CompanyId
from gridwix.runtime.configuration import configuration
from gridwix.transaction_monitor.service import (
    CURSOR_NAME,
    LATE_CURSOR_NAME,
    MonitorReport,
    TransactionMonitor,
)
from tests.examples import examples
from tests.factories import HUB, NOW, entry
from tests.fakes.deadlines import deadline_after
from tests.fakes.stores import FakeBus, FakeCursors
from tests.fakes.transactions import FakeKnownExceptions, FakeLens

OVERLAP = timedelta(minutes=15)
LATE = timedelta(hours=24)
RULES: CaseRules = configuration().case_rules


@dataclass
class World:
    now: datetime = NOW
    lens: FakeLens = field(default_factory=FakeLens)
    known: FakeKnownExceptions = field(default_factory=FakeKnownExceptions)
    bus: FakeBus = field(default_factory=FakeBus)
    cursors: FakeCursors = field(default_factory=FakeCursors)

    def __post_init__(self) -> None:
        self.lens.now = lambda: self.now
        self.monitor = TransactionMonitor(
            search=self.lens,
            known=self.known,
            bus=self.bus,
            cursors=self.cursors,
            rules=RULES,
            company_id=CompanyId(HUB),
            clock=lambda: self.now.timestamp(),  # noqa: PLW0108 -- the clock moves
            overlap=OVERLAP,
            late=LATE,
        )

    def run(self, turns: int = 1000) -> MonitorReport:
        return self.monitor.announce_exceptions(deadline_after(turns - 1))

    def statuses(self) -> list[tuple[str, str | None, str | None]]:
        return [
            (change.record, change.status.before, change.status.after)
            for change in self.bus.changes
        ]


def test_exception_is_put_on_the_bus_with_its_kind_and_nothing_of_the_document() -> None:
    world = World()
    world.lens.put(entry(status="V", externalerrormessage="MAN02 4711 not on manifest"))

    report = world.run()

    (change,) = world.bus.changes
    assert (change.type, change.subject, change.status.after, change.via) == (
        TRANSACTION_EXCEPTION,
        "transactions/c-1",
        "validation_error",
        "poll",
    )
    assert (report.entries, report.raised.total()) == (1, 1)
    assert "4711" not in change.model_dump_json() and "450018" not in change.model_dump_json()


def test_second_poll_puts_nothing_more_on_the_bus() -> None:
    world = World()
    world.lens.put(entry(status="F"))
    world.run()
    world.now += timedelta(minutes=5)

    report = world.run()

    assert (report.entries, report.raised.total(), len(world.bus.changes)) == (1, 0, 1)


def test_entry_that_fails_between_two_polls_is_one_exception() -> None:
    world = World()
    world.lens.put(entry(status="D"))
    world.run()
    world.now += timedelta(minutes=5)
    world.lens.put(entry(status="H", statusdate=world.now))
    world.run()
    world.now += timedelta(minutes=5)
    world.lens.put(entry(status="F", statusdate=world.now))

    world.run()

    assert world.statuses() == [("transactions/c-1", None, "delivery_failed")]


def test_error_text_that_comes_first_and_the_failure_after_it_are_one_exception_that_changes() -> (
    None
):
    world = World()
    world.lens.put(entry("TG-1-F", transactionlevel="File", status="C", errorcode="DLV-0431"))
    world.run()
    world.now += timedelta(minutes=5)
    world.lens.put(entry("TG-1", status="F", statusdate=world.now))

    report = world.run()

    assert world.statuses() == [
        ("transactions/c-1", None, "processing_error"),
        ("transactions/c-1", "processing_error", "delivery_failed"),
    ]
    assert (report.raised.total(), report.changed) == (0, 1)


def test_overdue_acknowledgment_that_comes_is_over() -> None:
    world = World()
    world.lens.put(entry(fastatus="T", fastatusdate=NOW))
    world.run()
    world.now += timedelta(hours=3)
    world.lens.put(entry(fastatus="A", fastatusdate=world.now))

    report = world.run()

    assert world.statuses()[-1] == ("transactions/c-1", "acknowledgment_overdue", "over")
    assert report.over == 1


def test_good_news_of_one_entry_does_not_hide_the_fault_of_another() -> None:
    """The second poll sees only the entry that has changed; the other one is hours old."""
    world = World()
    world.lens.put(entry("TG-1", status="F"))
    world.lens.put(entry("TG-2", fastatus="W"))
    world.run()
    world.now += timedelta(hours=5)
    world.lens.put(entry("TG-2", fastatus="A", fastatusdate=world.now))

    report = world.run()

    assert (report.over, len(world.bus.changes)) == (0, 1)


@pytest.mark.parametrize(
    "late", [timedelta(minutes=10), timedelta(hours=7)], ids=["within the overlap", "hours later"]
)
def test_entry_that_is_shown_late_is_found(late: timedelta) -> None:
    world = World()
    world.run()
    world.now += timedelta(minutes=1)
    world.lens.put(entry(status="F", statusdate=world.now), shown=world.now + late)
    for _ in range(30):
        world.now += timedelta(hours=1)
        world.run()

    assert world.statuses() == [("transactions/c-1", None, "delivery_failed")]


def test_long_pause_is_made_up_for_hour_by_hour() -> None:
    world = World()
    world.run()
    for hour in range(6):
        world.lens.put(
            entry(
                f"TG-{hour}",
                f"c-{hour}",
                status="F",
                statusdate=NOW + timedelta(hours=hour, minutes=30),
            ),
            shown=NOW,
        )
    world.now += timedelta(hours=6)

    first = world.run(turns=2)
    rest = world.run()

    assert (first.more, rest.more) == (True, False)
    assert len({change.subject for change in world.bus.changes}) == len(world.bus.changes) == 6


def test_failed_bus_leaves_the_cursor_and_the_exception_unknown() -> None:
    world = World()
    world.run()
    stood = world.cursors.read_cursor(CURSOR_NAME)
    world.now += timedelta(minutes=5)
    world.lens.put(entry(status="F", statusdate=world.now))
    world.bus.fails = 1

    with pytest.raises(Unavailable):
        world.run()

    assert world.cursors.read_cursor(CURSOR_NAME) == stood
    world.run()
    assert world.statuses() == [("transactions/c-1", None, "delivery_failed")]


def test_event_that_is_put_again_after_a_crash_has_the_same_id() -> None:
    world = World()
    world.lens.put(entry(status="F"))
    record = world.known.record

    def fails_after_the_bus(exceptions: Mapping[str, str], *, at: float) -> None:
        if world.bus.changes:
            raise Unavailable(system="aws")
        record(exceptions, at=at)

    world.known.record = fails_after_the_bus  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        world.run()
    world.known.record = record  # type: ignore[method-assign]

    world.run()

    first, second = world.bus.changes
    assert first.event_id == second.event_id


def test_process_whose_id_could_not_be_an_address_is_counted_and_left() -> None:
    world = World()
    world.lens.put(entry("TG-1", "a/../b", status="F"))

    report = world.run()

    assert (report.unnamed, world.bus.changes) == (1, [])


def test_run_that_was_overtaken_says_so() -> None:
    world = World()
    advance = world.cursors.advance
    world.cursors.advance = lambda name, cursor: (  # type: ignore[method-assign]
        None if name == CURSOR_NAME else advance(name, cursor)
    )

    assert world.run().overtaken


class Days(RuleBasedStateMachine):
    """Entries come, change, are shown late; polls come when they want, and fail now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.failed = False

    @initialize()
    def start(self) -> None:
        self.world.run()

    @rule(
        process=st.integers(0, 3),
        number=st.integers(0, 1),
        status=st.sampled_from(["P", "S", "D", "H", "F", "V"]),
        fa=st.sampled_from([None, "W", "A", "R", "T"]),
        error=st.sampled_from([None, "MAP-1"]),
        late=st.sampled_from([0, 0, 5, 300]),
    )
    def entry_changes(
        self, process: int, number: int, status: str, fa: str | None, error: str | None, late: int
    ) -> None:
        identifier = f"TG-{process}-{number}"
        shown = (
            None
            if identifier in self.world.lens.entries
            else self.world.now + timedelta(minutes=late)
        )
        made = entry(
            identifier,
            f"c-{process}",
            status=status,
            fastatus=fa,
            errorcode=error,
            statusdate=self.world.now,
            fastatusdate=self.world.now,
        )
        self.world.lens.put(made, shown=shown)

    @rule(minutes=st.sampled_from([1, 5, 20, 90, 700]))
    def time_passes(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)

    @rule(turns=st.integers(1, 30), bus_fails=st.booleans(), record_fails=st.booleans())
    def poll(self, turns: int, bus_fails: bool, record_fails: bool) -> None:
        self.world.bus.fails, self.world.known.fails = int(bus_fails), int(record_fails)
        try:
            self.world.run(turns)
        except Unavailable:
            self.failed = True
        self.world.bus.fails = self.world.known.fails = 0

    def teardown(self) -> None:
        """In the end the bus has told of each process what Lens says of it."""
        for _ in range(40):
            self.world.now += timedelta(hours=1)
            self.world.run()
        for process, group in group_by_process(self.world.lens.entries.values()).items():
            told = [
                change.status.after
                for change in self.world.bus.changes
                if change.record == f"transactions/{process}"
            ]
            kind = transaction_exception(group, RULES.ignored_error_codes).kind
            assert (told[-1] if told else "over") == (kind or "over")
            if not self.failed:
                assert all(one != other for one, other in pairwise(told)), (
                    "the bus was told the same twice"
                )


TestDays = Days.TestCase
TestDays.settings = settings(
    max_examples=examples(20),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_both_cursors_are_where_they_should_be_after_a_run() -> None:
    world = World()

    world.run()

    expected = {CURSOR_NAME: NOW, LATE_CURSOR_NAME: NOW - LATE}
    assert {
        name: FeedCursor(cursor=moment.isoformat(), revision=1) for name, moment in expected.items()
    } == world.cursors.stored
