from dataclasses import replace
from typing import Any

import pytest

from soak.judges.verdict import Kind, Verdict
from soak.kernel.edges import Fault
from soak.schedules.describing import as_test, describe
from soak.schedules.faults import ScheduledFaults
from soak.schedules.playing import Outcome, play, shrink_schedule
from soak.schedules.schedule import Schedule, chosen, new_schedule
from soak.template import Template
from soak.traffic.burst_random import BurstRandom

SEED = 102
"""A seed whose world has faults and occasions, and queues that repeat messages."""

OK = Verdict({}, ())
LOST = Verdict({Kind.LOST: 1}, ("lost: something",))


def test_schedule_when_seeds_are_equal_then_it_is_equal() -> None:
    first, second, other = (new_schedule(seed) for seed in (1, 1, 2))

    assert first == second
    assert first != other


def test_schedules_when_they_are_made_then_their_worlds_differ_in_everything() -> None:
    schedules = [new_schedule(seed) for seed in range(50)]
    conditions = [one.plan.conditions for one in schedules]

    assert len({one.start for one in conditions}) > 5
    assert len({one.chances.out_of_order for one in conditions}) > 1
    assert len({str(one.parameters) for one in conditions}) > 5
    assert {fault for one in schedules for _, _, fault in one.faults} == set(Fault)
    assert any(not one.faults for one in schedules)


def test_schedule_when_all_its_bursts_are_chosen_then_the_same_happens() -> None:
    schedule = new_schedule(SEED, events=40)

    whole = play(schedule)
    same = play(replace(schedule, bursts=tuple(range(1, whole.bursts + 1))))

    assert whole.bursts > 5
    assert same == whole


def test_world_when_the_first_message_of_its_feed_is_late_then_the_traffic_waits() -> None:
    verdict = play(chosen(new_schedule("4107"), bursts=(1,))).verdict

    assert verdict.ok, str(verdict)


def test_bursts_when_one_is_left_out_then_the_chance_of_the_others_is_the_same() -> None:
    both, one = BurstRandom(7), BurstRandom(7)

    with both.following(both.of_burst(1)):
        both.random()
    with both.following(both.of_burst(2)):
        expected = [both.random(), both.choice(range(1000)), both.expovariate(1)]
    with one.following(one.of_burst(2)):
        found = [one.random(), one.choice(range(1000)), one.expovariate(1)]

    assert found == expected


def test_burst_random_when_no_step_runs_then_it_is_that_of_no_burst() -> None:
    chance, other = BurstRandom(7), BurstRandom(7)

    with chance.following(chance.of_burst(1)):
        chance.random()

    assert chance.random() == other.random()


def test_faults_when_they_are_planned_then_each_hits_one_call_until_the_calm() -> None:
    planned = [(10.0, "wix", Fault.SLOW), (99.0, "wix", Fault.LATE)]
    faults = ScheduledFaults(planned, BurstRandom(1), until=50.0)

    found = [faults.draw("wix", "save", at) for at in (9.0, 11.0, 12.0, 100.0)]

    assert found == [None, Fault.SLOW, None, None]


def test_faults_when_there_is_an_outage_then_most_calls_fail_until_its_end() -> None:
    faults = ScheduledFaults([], BurstRandom(1), until=50.0)
    faults.begin_outage("wix", 20.0)

    during = [faults.draw("wix", "save", 10.0) for _ in range(100)]

    assert 60 < sum(fault is not None for fault in during) < 100
    assert faults.draw("wix", "save", 21.0) is None
    assert faults.draw("ring", "ring", 10.0) is None


def test_shrinking_when_one_burst_and_one_fault_matter_then_they_alone_are_left() -> None:
    schedule = _stormy()
    needed = schedule.faults[3]

    def plays(one: Schedule) -> Outcome:
        bursts = range(1, 41) if one.bursts is None else one.bursts
        return Outcome(LOST if 17 in bursts and needed in one.faults else OK, 40)

    shrunk = shrink_schedule(schedule, plays, most=1000)

    assert shrunk.bursts == (17,)
    assert shrunk.faults == (needed,)
    assert shrunk.occasions == ()


def test_shrinking_when_another_kind_is_found_then_it_is_not_the_same_failure() -> None:
    schedule = _stormy()

    def plays(one: Schedule) -> Outcome:
        return Outcome(LOST if one.faults else Verdict({Kind.STALE: 1}, ()), 3)

    assert len(shrink_schedule(schedule, plays, most=1000).faults) == 1


def test_shrinking_when_the_tries_are_used_up_then_it_ends() -> None:
    tries = 0

    def plays(_: Schedule) -> Outcome:
        nonlocal tries
        tries += 1
        return Outcome(LOST if tries == 1 else OK, 40)

    shrink_schedule(_stormy(), plays, most=20)

    assert tries <= 21


def test_shrinking_when_nothing_fails_then_it_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fail"):
        shrink_schedule(_stormy(), lambda _: Outcome(OK, 1))


def test_description_when_it_is_run_as_a_test_then_it_plays_the_same_schedule() -> None:
    schedule = _stormy()
    some = replace(
        schedule,
        faults=schedule.faults[:2],
        occasions=schedule.occasions[:2],
        bursts=tuple(range(3, 80)),
    )
    played: list[Schedule] = []
    names: dict[str, Any] = {}

    exec(as_test(some), names)

    def note(one: Schedule) -> Verdict:
        played.append(one)
        return OK

    names["play_schedule"] = note
    names[f"test_schedule_{some.seed}_when_it_is_played_then_nothing_is_wrong"]()

    assert played == [some]


def test_description_when_there_is_a_verdict_then_it_names_what_happens_and_what_is_wrong() -> None:
    schedule = replace(_stormy(), bursts=(3,))

    text = describe(schedule, LOST)

    assert f"seed {schedule.seed}: bursts of traffic 3" in text
    assert schedule.occasions[0].what in text
    assert "lost: something" in text


def test_template_when_a_parameter_is_out_of_its_range_then_it_is_refused() -> None:
    with pytest.raises(ValueError, match="ReconcileRowsPerPage is from 100 to 1000, not 20"):
        Template({"ReconcileRowsPerPage": "20"})


def _stormy() -> Schedule:
    schedules = (new_schedule(seed) for seed in range(1, 100))
    return next(one for one in schedules if len(one.faults) > 100 and len(one.occasions) > 5)
