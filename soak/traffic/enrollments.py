"""The hub's acts on enrollments and their steps, and on programs."""

from collections.abc import Callable, Mapping
from typing import Any

from soak.traffic.ports import Document
from soak.traffic.records import PROGRAMS, STEPS, new_enrollment
from soak.traffic.scene import Scene, next_mark

STEP_STATUSES = {
    "available": ("in_progress",),
    "in_progress": ("submitted",),
    "submitted": ("completed", "completed", "completed", "changes_requested"),
    "changes_requested": ("in_progress",),
}
"""Next statuses of a step that the traffic chooses from, by the current one. ``locked`` ends when
all steps that it waits for are done.
"""

DONE = frozenset({"completed", "waived"})
OVER = frozenset({"completed", "withdrawn", "rejected", "expired"})
TITLES = {key: title for key, title, *_ in STEPS}


def begin_enrollment(scene: Scene) -> Callable[[], None]:
    """Choose a partner's enrollment; return a function that moves one of its steps, or the
    enrollment, at each call.
    """
    population = scene.population
    partner = population.any_partner()
    number = population.count(partner, "e")

    def work() -> None:
        nonlocal number
        current = scene.record("e", partner, number) if number else None
        if current is None or current["status"] in OVER or current.get("deletedAt"):
            number = population.next_number(partner, "e")
            scene.create("e", partner, number, new_enrollment(scene, partner, number))
        else:
            work_on_enrollment(scene, current)

    return work


def work_on_enrollment(scene: Scene, current: Mapping[str, Any]) -> None:
    """Move one step of an enrollment, or sometimes the enrollment itself."""
    mark = next_mark("e", current)
    steps = titled_steps(current, mark)
    movable = [step for step in steps if step["status"] in STEP_STATUSES]
    status = current["status"]
    chance = scene.random.random()
    if status == "on_hold":
        status = "in_progress"
    elif chance < 0.02:
        status = "on_hold"
    elif chance < 0.025:
        status = "withdrawn"
    elif movable:
        step = scene.pick(movable)
        step["status"] = "waived" if chance > 0.98 else scene.pick(STEP_STATUSES[step["status"]])
        step["note"] = f"{mark} {scene.words()}"
        if step["status"] in DONE:
            step["completedAt"] = scene.now_text()
            _unlock(steps, scene.now_text())
    changes: Document = {**progress(steps), "steps": steps, "status": status}
    if changes["percentComplete"] == 100 and status == "in_progress":
        changes["status"] = "completed"
    scene.change("e", current, changes, mark)


def titled_steps(current: Mapping[str, Any], mark: str) -> list[Document]:
    """Return copies of the steps of an enrollment or a program, with a token in their titles.

    Args:
        current: The enrollment or the program.
        mark: The token.
    """
    steps = [step.copy() for step in current["steps"]]
    for step in steps:
        step["title"] = f"{mark} {TITLES[step['key']]}"
    return steps


def progress(steps: list[Document]) -> Document:
    """Return the progress of an enrollment, computed from its steps."""
    done = 0
    current: list[str] = []
    for step in steps:
        if step["status"] in DONE:
            done += 1
        elif step["status"] != "locked":
            current.append(step["key"])
    return {"percentComplete": 100 * done // len(steps), "currentStepKeys": current}


def _unlock(steps: list[Document], now: str) -> None:
    done = {step["key"] for step in steps if step["status"] in DONE}
    for step in steps:
        if step["status"] == "locked" and all(key in done for key in step["waitsOn"]):
            step["status"] = "available"
            step["unlockedAt"] = now


def begin_program(scene: Scene) -> Callable[[], None]:
    """Choose a program; return a function that changes the texts of its steps at each call."""
    number = 1 + int(scene.random.random() * PROGRAMS)

    def work() -> None:
        current = scene.record("g", 0, number)
        if current is None:
            return
        mark = next_mark("g", current)
        scene.change("g", current, {"steps": titled_steps(current, mark)}, mark)

    return work
