"""Dependencies of onboarding steps: a done step unlocks its dependents, a reopened one locks them.

Pure. A step is done when it is completed or waived. A step is unlocked when all steps in its
``waitsOn`` are done. If ``waitsOn`` names a step that does not exist, the step stays locked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gridwix_gateway.documents import Document
from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.profile.state_machines import STEP_MACHINE

DONE = frozenset({"completed", "waived"})


@dataclass(frozen=True, slots=True)
class StepMove:
    """The steps of an enrollment after one step was moved, and the effects on other steps.

    Args:
        steps: All steps, in their order.
        unlocked: Keys of the steps that became available.
        relocked: Keys of the steps that were locked again.
    """

    steps: tuple[Document, ...]
    unlocked: tuple[str, ...]
    relocked: tuple[str, ...]

    def step(self, key: str) -> Document:
        """Return the step with this key."""
        return next(step for step in self.steps if step["key"] == key)


def move_step(steps: Sequence[Document], key: str, move: Document, at: str) -> StepMove:
    """Move one step of an enrollment, then unlock and lock the steps that depend on it.

    The given steps are not changed; the result has new ones.

    Args:
        steps: The enrollment's steps.
        key: Key of the step.
        move: The status ``to``, and maybe ``reason`` and ``evidence``, as in the OpenAPI schema
            ``Transition``.
        at: Time of the move.

    Raises:
        Problem: ``not-found``, ``invalid-transition`` or ``validation``.
    """
    by_key = {step["key"]: step for step in steps}
    if key not in by_key:
        raise Problem("not-found", "There is no such step.")
    step, target = by_key[key], move["to"]
    if step["status"] == "locked" and target != "waived":
        raise _blocked_problem(step, by_key)
    STEP_MACHINE.require_transition(f"Step {key}", step["status"], target, move.get("reason"))
    by_key[key] = _moved_step(step, move, at)
    relocked = _open_dependents(by_key, key) if target == "changes_requested" else ()
    by_key |= {name: {**by_key[name], "status": "locked"} for name in relocked}
    unlocked = unlock_steps(tuple(by_key.values()), at)
    return StepMove(unlocked.steps, unlocked.unlocked, relocked)


def unlock_steps(steps: Sequence[Document], at: str) -> StepMove:
    """Unlock each locked step if all its prerequisites are done: its status becomes ``available``.

    The given steps are not changed.

    Args:
        steps: The enrollment's steps.
        at: Time at which the steps become available.

    Returns:
        All steps, the unlocked ones changed, and the keys of the unlocked steps. None is relocked.
    """
    done = {step["key"] for step in steps if step["status"] in DONE}
    ready = {
        step["key"]
        for step in steps
        if step["status"] == "locked" and done.issuperset(step["waitsOn"])
    }
    after = (
        {**step, "status": "available", "unlockedAt": at} if step["key"] in ready else step
        for step in steps
    )
    return StepMove(tuple(after), tuple(s["key"] for s in steps if s["key"] in ready), ())


def enrollment_progress(steps: Collection[Document]) -> Document:
    """Return the progress of an enrollment: ``percentComplete`` and ``currentStepKeys``.

    ``currentStepKeys`` are the keys of the steps that are neither done nor locked.

    >>> steps = [{"key": "a", "status": "completed"}, {"key": "b", "status": "available"}]
    >>> enrollment_progress(steps)
    {'percentComplete': 50, 'currentStepKeys': ['b']}
    """
    done = sum(step["status"] in DONE for step in steps)
    percent = round(100 * done / len(steps)) if steps else 0
    # 100 percent of many steps must not come from rounding.
    percent = min(percent, 99) if done < len(steps) else percent
    open_steps = (s["key"] for s in steps if s["status"] not in DONE and s["status"] != "locked")
    return {"percentComplete": percent, "currentStepKeys": list(open_steps)}


def is_complete(steps: Iterable[Document]) -> bool:
    """Return True if all steps of an enrollment are done."""
    return all(step["status"] in DONE for step in steps)


def _moved_step(step: Document, move: Document, at: str) -> Document:
    target = move["to"]
    moved = {
        **step,
        "status": target,
        "evidence": [*step.get("evidence", []), *move.get("evidence", [])],
    }
    if target == "submitted":
        moved["submittedAt"] = at
    if target in DONE:
        moved["completedAt"] = at
    if move.get("reason") or "statusReason" in step:
        moved["statusReason"] = move.get("reason")
    return moved


def _open_dependents(steps: Mapping[str, Document], key: str) -> tuple[str, ...]:
    """Return the keys of the open steps that depend on a step, directly or through open steps.

    A step that is done stays done, so steps that depend on ``key`` only through it are left out.
    """
    waiting, dependents = {key}, set[str]()
    # Terminates with cycles too: each round adds a step, or is the last one.
    while waiting:
        waiting = {
            name
            for name, step in steps.items()
            if name not in dependents
            and name != key
            and step["status"] not in DONE
            and waiting & set(step["waitsOn"])
        }
        dependents |= waiting
    return tuple(
        name for name, step in steps.items() if name in dependents and step["status"] != "locked"
    )


def _blocked_problem(step: Document, steps: Mapping[str, Document]) -> Problem:
    statuses = {
        name: steps[name]["status"] if name in steps else "missing" for name in step["waitsOn"]
    }
    waiting = ", ".join(
        f"{name}={status}" for name, status in statuses.items() if status not in DONE
    )
    return Problem(
        "invalid-transition",
        f"Step {step['key']} is locked: it waits on {waiting}.",
        [FieldError("/to", "blocked", f"waitsOn: {waiting}")],
    )
