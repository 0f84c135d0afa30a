"""State machines of the profile, against the emulator's, which are written independently."""

from itertools import product

import pytest

from emulators.trading_grid.problems import Problem as EmulatorProblem
from emulators.trading_grid.state_machines import TRANSITIONS, require_transition
from gridwix_gateway.problems import Problem
from gridwix_gateway.profile.state_machines import (
    MACHINES,
    NOTICE_MACHINES,
    STEP_MACHINE,
    StateMachine,
)

ALL: dict[str, StateMachine] = {
    **MACHINES,
    "steps": STEP_MACHINE,
    "incidents": NOTICE_MACHINES["incident"],
    "maintenances": NOTICE_MACHINES["maintenance"],
    "advisories": NOTICE_MACHINES["advisory"],
}


def outcome(machine: str, current: str, target: str, reason: str | None) -> str:
    try:
        ALL[machine].require_transition("x", current, target, reason)
    except Problem as problem:
        return f"{problem.code}: {problem.detail}"
    return "allowed"


def emulator_outcome(machine: str, current: str, target: str, reason: str | None) -> str:
    try:
        require_transition(machine, "x", current, target, reason)
    except EmulatorProblem as problem:
        return f"{problem.code}: {problem.detail}"
    return "allowed"


@pytest.mark.parametrize("machine", TRANSITIONS)
def test_each_pair_of_statuses_is_judged_as_by_the_emulator(machine: str) -> None:
    table = TRANSITIONS[machine]
    statuses = {*table, *(target for following in table.values() for target in following), "odd"}

    for current, target, reason in product(statuses, statuses, (None, "", "because")):
        assert outcome(machine, current, target, reason) == emulator_outcome(
            machine, current, target, reason
        )


def test_no_machine_is_missing() -> None:
    assert set(ALL) == set(TRANSITIONS)
