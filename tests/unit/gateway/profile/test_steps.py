"""The cascade of onboarding steps."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.trading_grid.problems import Problem as EmulatorProblem
from emulators.trading_grid.state_machines import enrollment_progress as emulator_progress
from emulators.trading_grid.state_machines import move_step as emulator_move
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.profile.state_machines import STEP_STATUSES
from gridwix_gateway.profile.steps import (
    DONE,
    enrollment_progress,
    is_complete,
    move_step,
    unlock_steps,
)

NOW = "2026-03-12T14:02:11.480Z"
LATER = "2026-03-12T14:02:12.480Z"


def step(key: str, status: str, *waits_on: str, **more: Any) -> Document:
    return {"key": key, "status": status, "waitsOn": list(waits_on), **more}


def statuses(steps: Sequence[Document]) -> dict[str, str]:
    return {each["key"]: each["status"] for each in steps}


@st.composite
def enrollments(draw: st.DrawFn, *, ordered: bool = True) -> list[Document]:
    """Steps that wait on earlier ones; on any ones, themselves and missing ones if not ordered."""
    keys = [f"s{number}" for number in range(draw(st.integers(1, 8)))]
    known = [*keys, "missing"]
    found = []
    for n, key in enumerate(keys):
        status = draw(st.sampled_from(STEP_STATUSES))
        choices = keys[:n] if ordered else known
        found.append(
            step(key, status, *draw(st.lists(st.sampled_from(choices), unique=True)))
            if choices
            else step(key, status)
        )
    return found


MOVES = st.tuples(st.integers(0, 7), st.sampled_from([*STEP_STATUSES, "odd"]))


@given(enrollments(), st.lists(MOVES, max_size=30))
def test_moves_end_as_by_the_emulator(steps: list[Document], moves: list[tuple[int, str]]) -> None:
    steps = list(unlock_steps(steps, NOW).steps)
    for number, target in moves:
        key = steps[number % len(steps)]["key"]
        move = {"to": target, "reason": "because"}
        try:
            theirs, unlocked, relocked = emulator_move(
                {"steps": steps}, key, target, "because", LATER
            )
        except EmulatorProblem as expected:
            with pytest.raises(Problem) as refused:
                move_step(steps, key, move, LATER)
            assert (refused.value.code, refused.value.detail) == (expected.code, expected.detail)
            continue
        ours = move_step(steps, key, move, LATER)
        assert not set(ours.unlocked) & set(ours.relocked)
        assert statuses(ours.steps) == statuses(theirs["steps"])
        assert (list(ours.unlocked), set(ours.relocked)) == (unlocked, set(relocked))
        assert enrollment_progress(ours.steps) == emulator_progress(ours.steps)
        steps = list(ours.steps)


@given(enrollments(ordered=False), st.lists(MOVES, max_size=20))
def test_steps_in_circles_or_behind_missing_ones_never_unlock_and_never_hang(
    steps: list[Document], moves: list[tuple[int, str]]
) -> None:
    for number, target in moves:
        key = steps[number % len(steps)]["key"]
        try:
            moved = move_step(steps, key, {"to": target, "reason": "because"}, NOW)
        except Problem:
            continue
        after = statuses(moved.steps)
        for unlocked in moved.unlocked:
            waits_on = moved.step(unlocked)["waitsOn"]
            assert all(after.get(other) in DONE for other in waits_on)
        steps = list(moved.steps)


def test_two_prerequisites_that_are_done_unlock_a_step_once() -> None:
    steps: list[Document] = [
        step("a", "submitted"),
        step("b", "submitted"),
        step("c", "locked", "a", "b"),
    ]

    first = move_step(steps, "a", {"to": "completed"}, NOW)
    second = move_step(first.steps, "b", {"to": "completed"}, LATER)

    assert (first.unlocked, second.unlocked) == ((), ("c",))
    assert second.step("c") == step("c", "available", "a", "b", unlockedAt=LATER)


def test_reopened_step_leaves_alone_what_waits_on_a_done_dependent() -> None:
    steps: list[Document] = [
        step("a", "completed"),
        step("b", "completed", "a"),
        step("c", "in_progress", "b"),
        step("d", "in_progress", "a"),
        step("e", "available", "d"),
    ]

    moved = move_step(steps, "a", {"to": "changes_requested"}, NOW)

    assert moved.relocked == ("d", "e")
    assert statuses(moved.steps)["c"] == "in_progress"


def test_submitted_step_keeps_its_evidence_and_its_times() -> None:
    steps = [step("a", "in_progress", evidence=[{"kind": "document", "id": "d1"}])]

    evidence = [{"kind": "formSubmission", "id": "f1"}]
    submitted = move_step(steps, "a", {"to": "submitted", "evidence": evidence}, NOW)
    completed = move_step(submitted.steps, "a", {"to": "completed"}, LATER).step("a")

    assert [each["id"] for each in completed["evidence"]] == ["d1", "f1"]
    assert (completed["submittedAt"], completed["completedAt"]) == (NOW, LATER)


def test_waived_step_needs_a_reason_and_keeps_it() -> None:
    steps = [step("a", "available")]

    with pytest.raises(Problem) as refused:
        move_step(steps, "a", {"to": "waived"}, NOW)
    waived = move_step(steps, "a", {"to": "waived", "reason": "Not needed"}, NOW).step("a")

    assert refused.value.errors[0].pointer == "/reason"
    assert waived["statusReason"] == "Not needed"


def test_percentage_of_many_steps_is_100_only_when_all_are_done() -> None:
    steps = [step(f"s{number}", "completed") for number in range(300)]
    open_steps = [*steps[:-1], step("last", "available")]

    assert enrollment_progress(open_steps) == {"percentComplete": 99, "currentStepKeys": ["last"]}
    assert enrollment_progress(steps)["percentComplete"] == 100
    assert is_complete(steps)
    assert not is_complete(open_steps)
