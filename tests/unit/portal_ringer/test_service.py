"""Counting, ringing and repeating: what is counted once, rung again, and given up."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import BudgetExhausted, ConfigurationError, GridwixError, OutOfTime, Unavailable
from gridwix.models.portal.sections import SECTIONS
from gridwix.portal_ringer.messages import LAST_REPEAT, ChangesMessage, RingMessage, parse_message
from gridwix.portal_ringer.rings import MAX_BYTES, MAX_RINGS, merge_rings, split_rings
from gridwix.portal_ringer.service import PortalRinger, RingReport
from tests.fakes.deadlines import PASSED
from tests.fakes.ringing import FakeNumbers, FakeRepeats, FakeSite

DOWN = Unavailable(system="wix_site", status=503)
AWS_DOWN = Unavailable(system="aws")


class Tower:
    """A ringer with its ports."""

    def __init__(self) -> None:
        self.numbers, self.site, self.repeats = FakeNumbers(), FakeSite(), FakeRepeats()
        self.ringer = PortalRinger(self.numbers, self.site, self.repeats)

    def change(self, **changes: list[str]) -> RingReport:
        return self.ringer.send_rings(
            {"m1": ChangesMessage.model_validate({"changes": changes})}, {}
        )

    def ring(self, repeat: int, **rings: dict[str, int]) -> RingReport:
        return self.ringer.send_rings(
            {}, {"m1": RingMessage.model_validate({"rings": rings, "repeat": repeat})}
        )

    @property
    def queued(self) -> list[tuple[Any, int, int]]:
        return [(message.rings, message.repeat, delay) for message, delay in self.repeats.sent]


def test_change_is_counted_rung_with_its_number_and_queued_as_the_first_repeat() -> None:
    tower = Tower()

    report = tower.change(GC1=["issues", "status"], everybody=["notices"])

    rings = {"GC1": {"issues": 1, "status": 1}, "everybody": {"notices": 1}}
    assert tower.site.requests == [rings]
    assert tower.queued == [(rings, 1, 2)]
    assert (report.changed, report.rung, report.failures) == (2, 2, {})


def test_messages_of_a_batch_are_one_count_and_one_request() -> None:
    tower = Tower()
    changes = {
        f"m{number}": ChangesMessage(changes={"GC1": ("issues",), f"GC{number}": ("status",)})
        for number in range(10)
    }

    tower.ringer.send_rings(changes, {})

    assert (tower.numbers.calls, len(tower.site.requests)) == (1, 1)
    assert tower.numbers.rows["GC1"] == {"issues": 1, "status": 1}


def test_ring_goes_out_four_times_with_the_same_numbers_and_is_counted_once() -> None:
    tower = Tower()
    tower.change(GC1=["issues"])

    delays = [0]
    while tower.repeats.sent:
        message, delay = tower.repeats.sent.pop(0)
        delays.append(delay)
        tower.ringer.send_rings({}, {"again": message})

    assert tower.site.requests == [{"GC1": {"issues": 1}}] * 4
    assert [sum(delays[: number + 1]) for number in range(4)] == [0, 2, 4, 7]
    assert tower.numbers.rows == {"GC1": {"issues": 1}}


def test_changes_of_a_portal_that_is_not_rung_are_counted_and_nothing_else() -> None:
    tower = Tower()
    silent = PortalRinger(tower.numbers, None, tower.repeats)

    report = silent.send_rings(
        {"m1": ChangesMessage(changes={"GC1": ("issues",)})},
        # From before the ring was turned off.
        {"m2": RingMessage(rings={"GC2": {"status": 4}}, repeat=0)},
    )

    assert tower.numbers.rows == {"GC1": {"issues": 1}}
    assert (tower.site.requests, tower.queued) == ([], [])
    assert (report.changed, report.rung, report.dropped, report.failures) == (1, 0, 1, {})


def test_change_of_a_portal_that_is_not_rung_comes_again_if_it_cannot_be_counted() -> None:
    tower = Tower()
    tower.numbers.errors.append(BudgetExhausted(wait=3.0))
    silent = PortalRinger(tower.numbers, None, tower.repeats)

    report = silent.send_rings({"m1": ChangesMessage(changes={"GC1": ("issues",)})}, {})

    assert list(report.failures) == ["m1"]


@pytest.mark.parametrize("error", [BudgetExhausted(wait=3.0), Unavailable(system="wix")])
def test_changes_that_cannot_be_counted_come_again_and_ring_nobody(error: GridwixError) -> None:
    tower = Tower()
    tower.numbers.errors.append(error)

    report = tower.change(GC1=["issues"])

    assert report.failures == {"m1": error}
    assert (tower.site.requests, tower.queued) == ([], [])


def test_repeats_ring_although_changes_cannot_be_counted() -> None:
    tower = Tower()
    tower.numbers.errors.append(BudgetExhausted())

    report = tower.ringer.send_rings(
        {"m1": ChangesMessage(changes={"GC1": ("issues",)})},
        {"m2": RingMessage(rings={"GC2": {"status": 4}}, repeat=1)},
    )

    assert tower.site.requests == [{"GC2": {"status": 4}}]
    assert list(report.failures) == ["m1"]


@pytest.mark.parametrize(
    "error", [DOWN, ConfigurationError("is empty", secret="wix/webhook", remedy="store it")]
)
def test_first_ring_that_fails_is_queued_with_its_numbers_and_not_counted_again(
    error: GridwixError,
) -> None:
    tower = Tower()
    tower.site.errors.append(error)

    report = tower.change(GC1=["issues"])
    ((message, _),) = tower.repeats.sent
    again = tower.ringer.send_rings({}, {"m2": message})

    assert (report.failures, report.failed, report.errors) == ({}, 1, (error,))
    assert (message.repeat, message.rings) == (0, {"GC1": {"issues": 1}})
    assert tower.numbers.rows == {"GC1": {"issues": 1}}
    assert (again.rung, tower.queued[-1][1]) == (1, 1)


def test_first_ring_that_fails_and_cannot_be_queued_is_counted_again() -> None:
    tower = Tower()
    tower.site.errors.append(DOWN)
    tower.repeats.errors.append(AWS_DOWN)

    report = tower.change(GC1=["issues"])

    assert report.failures == {"m1": AWS_DOWN}


def test_queued_first_ring_that_fails_comes_again_and_a_repeat_that_fails_is_dropped() -> None:
    tower = Tower()
    tower.site.errors += [DOWN, DOWN]

    first, repeat = tower.ring(0, GC1={"issues": 1}), tower.ring(2, GC1={"issues": 1})

    assert (first.failures, first.failed, first.dropped) == ({"m1": DOWN}, 1, 0)
    assert (repeat.failures, repeat.failed, repeat.dropped) == ({}, 0, 1)
    assert tower.queued == []


def test_repeat_that_cannot_be_queued_is_dropped_and_fails_nothing() -> None:
    tower = Tower()
    tower.repeats.errors.append(AWS_DOWN)

    report = tower.change(GC1=["issues"])

    assert (report.failures, report.dropped, report.errors) == ({}, 1, (AWS_DOWN,))


def test_last_repeat_is_followed_by_nothing() -> None:
    tower = Tower()

    tower.ring(LAST_REPEAT, GC1={"issues": 1})

    assert tower.queued == []


def test_request_that_fails_ends_the_ringing_and_only_what_was_not_rung_is_tried_again() -> None:
    tower = Tower()
    tower.site.errors += [None, DOWN]
    changes = {f"GC{number:04}": ["issues"] for number in range(3 * MAX_RINGS)}

    report = tower.change(**changes)

    assert len(tower.site.requests) == 2
    assert (report.rung, report.failed) == (MAX_RINGS, 2 * MAX_RINGS)
    assert [(len(rings), repeat) for rings, repeat, _ in tower.queued] == [
        (MAX_RINGS, 1),
        (MAX_RINGS, 0),
        (MAX_RINGS, 0),
    ]


def test_near_the_deadline_nothing_is_sent_to_the_site_and_the_ring_is_queued() -> None:
    tower = Tower()

    report = tower.ringer.send_rings(
        {"m1": ChangesMessage(changes={"GC1": ("issues",)})}, {}, PASSED
    )

    assert (tower.site.requests, report.failures) == ([], {})
    assert isinstance(report.errors[0], OutOfTime)
    assert tower.queued == [({"GC1": {"issues": 1}}, 0, 2)]


def test_rings_of_a_batch_that_overtook_each_other_go_out_with_the_greatest_number() -> None:
    tower = Tower()

    tower.ringer.send_rings(
        {},
        {
            "late": RingMessage(rings={"GC1": {"issues": 8, "status": 1}}, repeat=1),
            "early": RingMessage(rings={"GC1": {"issues": 7}}, repeat=2),
        },
    )

    assert tower.site.requests == [{"GC1": {"issues": 8, "status": 1}}]


def test_partner_whose_id_is_no_item_id_is_left_out_and_rings_no_other_wrong() -> None:
    tower = Tower()

    tower.change(**{"GC1": ["issues"], "../GC2": ["issues"], "x" * 51: ["issues"]})

    assert tower.site.requests == [{"GC1": {"issues": 1}}]


@pytest.mark.parametrize("rung", [True, False])
def test_change_that_wix_refuses_to_count_comes_again_and_holds_up_no_other(*, rung: bool) -> None:
    tower = Tower()
    tower.numbers.refused = {"GC1"}
    ringer = PortalRinger(tower.numbers, tower.site if rung else None, tower.repeats)

    report = ringer.send_rings(
        {
            "m1": ChangesMessage(changes={"GC1": ("issues",)}),
            "m2": ChangesMessage(changes={"GC2": ("issues",), "../GC3": ("issues",)}),
        },
        {},
    )

    assert {name: error.code for name, error in report.failures.items()} == {
        "m1": "upstream_refused"
    }
    assert tower.numbers.rows == {"GC2": {"issues": 1}}
    assert tower.site.requests == [{"GC2": {"issues": 1}}] * rung


@pytest.mark.parametrize(
    "body",
    [
        '{"changes": {"GC1": ["salaries"]}}',
        '{"rings": {"GC1": {"issues": "many"}}, "repeat": 1}',
        '{"rings": {"GC1": {"issues": 1}}, "repeat": 4}',
        '{"changes": {}, "rings": {}, "repeat": 0}',
        "[]",
        "no JSON",
    ],
)
def test_malformed_message_is_told_apart(body: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        parse_message(body)


rings = st.dictionaries(
    st.text("GC0123456789", min_size=1, max_size=50),
    st.dictionaries(st.sampled_from(SECTIONS), st.integers(0, 2**53), max_size=8),
    max_size=500,
)


@given(rings)
def test_split_loses_nothing_and_every_part_fits_into_a_request(given_rings: Any) -> None:
    parts = list(split_rings(given_rings))

    assert merge_rings(parts) == given_rings
    assert all(0 < len(part) <= MAX_RINGS for part in parts)
    assert all(
        len(RingMessage(rings=part, repeat=0).model_dump_json()) <= MAX_BYTES for part in parts
    )


steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("change"),
            st.sampled_from(["GC1", "GC2", "everybody"]),
            st.sampled_from(SECTIONS),
        ),
        st.tuples(st.just("deliver"), st.integers(0, 20), st.booleans()),
        st.tuples(st.just("site fails")),
        st.tuples(st.just("count fails")),
        st.tuples(st.just("queue fails")),
    ),
    min_size=1,
    max_size=25,
)


@given(steps)
def test_whatever_order_and_duplication_numbers_only_grow_and_the_newest_is_heard(  # noqa: C901 - one case per step
    todo: list[Any],
) -> None:
    """A queue that delivers in any order, perhaps twice, and ports that fail now and then."""
    tower = Tower()
    queue: list[ChangesMessage | RingMessage] = []
    changed: defaultdict[str, set[str]] = defaultdict(set)
    seen: dict[tuple[str, str], int] = {}

    def deliver(number: int, *, twice: bool) -> None:
        message = queue.pop(number % len(queue))
        report = (
            tower.ringer.send_rings({"m": message}, {})
            if isinstance(message, ChangesMessage)
            else tower.ringer.send_rings({}, {"m": message})
        )
        queue.extend(sent for sent, _ in tower.repeats.sent)
        tower.repeats.sent.clear()
        # A redelivery, or a delivery that SQS repeats by itself.
        if report.failures or twice:
            queue.append(message)
        for reader, numbers in tower.numbers.rows.items():
            for section, value in numbers.items():
                assert value >= seen.get((reader, section), 0)
                seen[reader, section] = value

    for step in todo:
        match step:
            case ("change", reader, section):
                queue.append(ChangesMessage(changes={reader: (section,)}))
                changed[reader].add(section)
            case ("deliver", number, twice) if queue:
                deliver(number, twice=twice)
            case ("site fails",):
                tower.site.errors.append(DOWN)
            case ("count fails",):
                tower.numbers.errors.append(BudgetExhausted())
            case ("queue fails",):
                tower.repeats.errors.append(AWS_DOWN)
    while queue:
        deliver(0, twice=False)

    assert {reader: set(numbers) for reader, numbers in tower.numbers.rows.items()} == changed
    assert tower.site.heard == tower.numbers.rows
