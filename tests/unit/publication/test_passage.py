"""A change passes the bus once, and never less than once."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import Unavailable, UpstreamError
from gridwix.mapping.handovers import MAX_EVENTS
from gridwix.models.events import HUB_RESYNC_REQUESTED, RESYNC_REQUESTED, Change
from gridwix.publication.passage import Passage, key_of
from tests.factories import PRAIRIE_GOLD, change
from tests.fakes.stores import FakeBus, FakeHandovers


def sweep_request(
    record: str = "compliance-checks/chk_asn_timing_pgf", version: int = 1, **fields: Any
) -> Change:
    name = f"sweep-{record.replace('/', '-')}-{version}"
    return change(
        name, type=RESYNC_REQUESTED, subject=record, version=version, via="resync", **fields
    )


def test_put_of_a_change_that_came_by_webhook_leaves_it_out() -> None:
    bus, handovers = FakeBus(), FakeHandovers()
    Passage(bus, handovers).put([change(via="webhook")])

    report = Passage(bus, handovers).put([change(via="feed")])

    assert (report.put, report.left_out, len(bus.changes)) == (0, 1, 1)


def test_put_of_a_record_of_which_an_event_passed_leaves_out_the_sweeps_request() -> None:
    bus, handovers = FakeBus(), FakeHandovers()
    Passage(bus, handovers).put([change()])

    report = Passage(bus, handovers).put([sweep_request()])

    assert (report.put, report.left_out) == (0, 1)


@pytest.mark.parametrize(
    "other",
    [
        # Messages to partners are triggered by types: an older event of another type has to pass.
        change("evt_2", type="compliance.status_changed"),
        change("evt_2", type="case.commented"),
        change("evt_1", version=2),
        change("evt_1", subject="compliance-checks/chk_other"),
        sweep_request(version=2),
        sweep_request("compliance-checks/chk_other"),
        sweep_request("cases/chk_asn_timing_pgf"),
    ],
    ids=["event", "type", "version", "record", "swept version", "swept record", "swept kind"],
)
def test_put_of_anything_else_passes(other: Change) -> None:
    bus, handovers = FakeBus(), FakeHandovers()
    Passage(bus, handovers).put([change()])

    Passage(bus, handovers).put([other])

    assert bus.changes[1:] == [other]


@pytest.mark.parametrize(
    "wish",
    [
        change(version=None),
        change(type="weather.changed"),
        change(version=10**15 + 1),
        change("resync-1", type=RESYNC_REQUESTED, subject="cases/c1", version=None, via="resync"),
        change(
            "resync-2",
            type=HUB_RESYNC_REQUESTED,
            subject="hub/all",
            version=None,
            via="resync",
            partnerId=None,
        ),
    ],
    ids=["no version", "unknown type", "huge version", "record", "hub"],
)
def test_put_of_a_change_without_a_key_always_passes(wish: Change) -> None:
    bus, handovers = FakeBus(), FakeHandovers()

    for _ in range(2):
        Passage(bus, handovers).put([wish])

    assert bus.changes == [wish, wish]
    assert handovers.stored == {}


def test_put_of_a_resync_of_a_whole_partner_passes_although_its_events_did() -> None:
    bus, handovers = FakeBus(), FakeHandovers()
    record = f"partners/{PRAIRIE_GOLD}"
    Passage(bus, handovers).put([change(type="partner.updated", subject=record)])
    wish = change("resync", type=RESYNC_REQUESTED, subject=record, version=None, via="resync")

    Passage(bus, handovers).put([wish])
    Passage(bus, handovers).put([sweep_request(record)])

    assert bus.changes[1:] == [wish]


def test_put_when_the_bus_fails_records_nothing() -> None:
    bus, handovers = FakeBus(fails=1), FakeHandovers()

    with pytest.raises(Unavailable):
        Passage(bus, handovers).put([change("evt_1"), change("evt_2")])

    assert handovers.stored == {}


@pytest.mark.parametrize("failing", [1, 2], ids=["reading", "reading and recording"])
def test_put_when_handovers_fail_puts_everything_and_reports_the_error(failing: int) -> None:
    bus, handovers = FakeBus(), FakeHandovers()
    Passage(bus, handovers).put([change()])
    handovers.fails = failing

    report = Passage(bus, handovers).put([change()])

    assert isinstance(report.error, UpstreamError)
    assert (report.put, len(bus.changes)) == (1, 2)


def test_put_of_a_further_event_of_a_version_keeps_those_of_before() -> None:
    bus, handovers = FakeBus(), FakeHandovers()
    passage = Passage(bus, handovers)

    passage.put([change("evt_1"), change("evt_2")])
    passage.put([change("evt_3")])
    passage.put([change("evt_1"), change("evt_2"), change("evt_3")])

    assert len(bus.changes) == 3


def test_put_of_very_many_events_of_one_version_bounds_the_item_and_passes_the_rest() -> None:
    bus, handovers = FakeBus(), FakeHandovers()
    passage = Passage(bus, handovers)

    for number in range(3 * MAX_EVENTS):
        passage.put([change(f"evt_{number}")])

    assert len(bus.changes) == 3 * MAX_EVENTS
    assert [len(events) for events in handovers.stored.values()] == [MAX_EVENTS]


class Crash(Exception):
    """The process ends here."""


class Crashing:
    """Stops before or after the calls of both ports, as a list of booleans says."""

    def __init__(self, plan: Sequence[bool]) -> None:
        self._plan = iter(plan)

    def step(self) -> None:
        if next(self._plan, False):
            raise Crash


class CrashingBus(FakeBus):
    def __init__(self, crashing: Crashing) -> None:
        super().__init__()
        self._crashing = crashing

    def put(self, changes: Sequence[Change]) -> None:
        for one in changes:
            self._crashing.step()
            super().put([one])
        self._crashing.step()


class CrashingHandovers(FakeHandovers):
    def __init__(self, crashing: Crashing) -> None:
        super().__init__()
        self._crashing = crashing

    def record(self, events: Any) -> None:
        for key, ids in events.items():
            self._crashing.step()
            super().record({key: ids})
        self._crashing.step()


SUBJECTS = {
    "case.updated": "cases/c1",
    "step.unlocked": "enrollments/e1/steps/s1",
    "compliance.status_changed": "compliance-checks/k1",
    "case.commented": "cases/c1",
}
EVENTS = [
    change(f"evt_{number}", type=kind, subject=SUBJECTS[kind], version=1 + number // 4)
    for number, kind in enumerate([*SUBJECTS] * 3)
]
PASSAGES = [
    *([event] for event in EVENTS),
    EVENTS[:5],
    EVENTS[3:],
    [sweep_request(event.record, event.version or 0) for event in EVENTS],
]


@given(
    st.lists(st.tuples(st.sampled_from(PASSAGES), st.booleans()), max_size=12),
    st.lists(st.booleans(), max_size=60),
    st.lists(st.integers(0, 30), max_size=4),
)
def test_put_in_any_order_with_any_crash_loses_no_event_and_no_version(
    passages: list[tuple[list[Change], bool]], crashes: list[bool], outages: list[int]
) -> None:
    """A failed passage is repeated, as the feed's and the sweep's cursors have it be."""
    crashing = Crashing(crashes)
    bus, handovers = CrashingBus(crashing), CrashingHandovers(crashing)
    passed: list[Change] = []
    for number, (changes, is_stubborn) in enumerate(passages):
        handovers.fails = number in outages
        for _ in range(100):
            try:
                Passage(bus, handovers).put(changes)
            except Crash:
                if not is_stubborn:
                    # Its source gives up. Another passage has to bring the change.
                    break
            else:
                passed += changes
                break

    on_bus = {event.event_id for event in bus.changes}
    versions_on_bus = {key_of(event) for event in bus.changes}
    assert {event.event_id for event in passed if event.via != "resync"} <= on_bus
    assert {key_of(event) for event in passed} <= versions_on_bus


@given(st.permutations(PASSAGES[:-1]))
def test_put_without_faults_puts_each_event_once_whatever_the_order(
    passages: list[list[Change]],
) -> None:
    bus, handovers = FakeBus(), FakeHandovers()

    for changes in [*passages, PASSAGES[-1]]:
        Passage(bus, handovers).put(changes)

    assert sorted(event.event_id for event in bus.changes) == sorted(
        event.event_id for event in EVENTS
    )
