import pytest

from soak.planted import PLANTED, PlantedFault, play_planted
from soak.schedules.playing import play_schedule
from soak.schedules.provoking import provoking_schedule

QUICK = ("dropped-rows", "ignored-budget", "shown-internals")
"""Faults that the first world shows at once. ``python -m soak.planted`` plays all."""


def test_planted_faults_when_they_are_listed_then_each_has_a_name_of_its_own() -> None:
    names = [one.name for one in PLANTED]

    assert len(set(names)) == len(names) >= 10


@pytest.mark.parametrize(
    "fault", [one for one in PLANTED if one.name in QUICK], ids=lambda f: f.name
)
def test_planted_fault_when_a_world_is_played_then_a_judge_finds_it(fault: PlantedFault) -> None:
    verdict = play_planted(fault, 1)

    assert fault.kinds & verdict.counts.keys(), str(verdict)


def test_world_when_no_fault_is_planted_any_more_then_no_judge_finds_anything() -> None:
    for fault in PLANTED:
        with fault.plant():
            pass

    verdict = play_schedule(provoking_schedule(1))

    assert verdict.ok, str(verdict)
