"""State machines of the community gateway profile, and the unlocking of onboarding steps. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from emulators.trading_grid.problems import Problem

type Document = dict[str, Any]

TRANSITIONS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "partners": {
        "invited": frozenset({"onboarding", "terminated"}),
        "onboarding": frozenset({"active", "terminated"}),
        "active": frozenset({"suspended", "terminated"}),
        "suspended": frozenset({"active", "terminated"}),
    },
    "compliance-checks": {
        "not_started": frozenset({"pending", "waived"}),
        "pending": frozenset({"passed", "failed", "waived"}),
        "failed": frozenset({"pending", "waived"}),
        "passed": frozenset({"expired", "waived"}),
        "expired": frozenset({"pending", "waived"}),
    },
    "cases": {
        "new": frozenset({"open", "cancelled"}),
        "open": frozenset({"awaiting_partner", "awaiting_internal", "resolved", "cancelled"}),
        "awaiting_partner": frozenset({"open"}),
        "awaiting_internal": frozenset({"open"}),
        "resolved": frozenset({"closed", "open"}),
    },
    "enrollments": {
        "invited": frozenset({"in_progress", "expired", "withdrawn", "rejected"}),
        "in_progress": frozenset({"on_hold", "completed", "withdrawn", "rejected"}),
        "on_hold": frozenset({"in_progress", "withdrawn", "rejected"}),
        "expired": frozenset({"invited"}),
    },
    "incidents": {
        "investigating": frozenset({"identified", "monitoring", "resolved"}),
        "identified": frozenset({"monitoring", "resolved"}),
        "monitoring": frozenset({"resolved"}),
        "resolved": frozenset({"investigating"}),
    },
    "maintenances": {
        "scheduled": frozenset({"in_progress", "cancelled"}),
        "in_progress": frozenset({"verifying", "completed", "cancelled"}),
        "verifying": frozenset({"completed", "cancelled"}),
    },
    "advisories": {"published": frozenset({"withdrawn"})},
    "collaboration-requests": {
        "received": frozenset({"triaged"}),
        "triaged": frozenset({"in_progress", "rejected", "duplicate"}),
        "in_progress": frozenset({"waiting_on_partner", "completed"}),
        "waiting_on_partner": frozenset({"in_progress"}),
    },
    "documents": {
        "draft": frozenset({"in_review", "withdrawn"}),
        "in_review": frozenset({"draft", "withdrawn"}),
        "published": frozenset({"superseded", "expired", "withdrawn"}),
        "expired": frozenset({"published"}),
    },
    "steps": {
        "available": frozenset({"in_progress", "waived"}),
        "in_progress": frozenset({"submitted", "waived"}),
        "submitted": frozenset({"completed", "changes_requested", "waived"}),
        "changes_requested": frozenset({"in_progress", "waived"}),
        "locked": frozenset({"waived"}),
        "completed": frozenset({"changes_requested"}),
    },
}

DONE = frozenset({"completed", "waived"})
REASON_REQUIRED = {("cases", "resolved", "open"), ("steps", "*", "waived")}


def require_transition(
    machine: str, subject: str, current: str, to: Any, reason: Any = None
) -> None:
    """Check that a record's status may change from ``current`` to ``to``.

    ``machine`` is a key of ``TRANSITIONS``. ``subject`` names the record in errors. Raises Problem
    if the transition is not allowed, or if it needs a reason and has none.
    """
    allowed = TRANSITIONS[machine].get(current, frozenset())
    if to not in allowed:
        choices = ", ".join(sorted(allowed)) or "nothing: it is final"
        raise Problem(
            "invalid-transition", f"{subject} is {current}; from there it can go to {choices}."
        )
    if REASON_REQUIRED & {(machine, current, to), (machine, "*", to)} and not reason:
        raise Problem(
            "validation",
            f"Going from {current} to {to} needs a reason.",
            errors=[{"pointer": "/reason", "code": "required", "detail": "reason is missing"}],
        )


def move_step(
    enrollment: Document, key: str, to: Any, reason: Any, now: str, *, cascade: bool = True
) -> tuple[Document, list[str], list[str]]:
    """Move one step of an enrollment to a status, and unlock or lock the dependent steps.

    Returns the new enrollment, the keys of the steps that were unlocked, and the keys of the steps
    that were locked again. Without ``cascade``, dependent steps stay locked; each is unlocked by a
    move of its own to ``available``, once its prerequisites are done. Raises Problem if there is no
    such step, or if the move is not allowed.
    """
    steps = {step["key"]: dict(step) for step in enrollment["steps"]}
    if key not in steps:
        raise Problem("not-found", f"There is no step {key}.")
    step = steps[key]
    ready = not cascade and all(steps[other]["status"] in DONE for other in step["waitsOn"])
    if step["status"] == "locked" and to == "available" and ready:
        return (
            {
                **enrollment,
                "steps": _with_step_unlocked(steps, key, now),
                **enrollment_progress(_with_step_unlocked(steps, key, now)),
            },
            [key],
            [],
        )
    if step["status"] == "locked" and to != "waived":
        waiting = ", ".join(
            f"{other}={steps[other]['status']}"
            for other in step["waitsOn"]
            if steps[other]["status"] not in DONE
        )
        raise Problem(
            "invalid-transition",
            f"Step {key} is locked: it waits on {waiting}.",
            errors=[{"pointer": "/to", "code": "blocked", "detail": f"waitsOn: {waiting}"}],
        )
    require_transition("steps", f"Step {key}", step["status"], to, reason)
    step["status"] = to
    if to == "submitted":
        step["submittedAt"] = now
    if to in DONE:
        step["completedAt"] = now
    open_again = [
        other
        for other in steps.values()
        if to == "changes_requested" and _depends_on(steps, other, key)
    ]
    relocked = [
        other["key"]
        for other in open_again
        if other["status"] not in DONE and other["status"] != "locked"
    ]
    for other in relocked:
        steps[other]["status"] = "locked"
    unlocked = unlock_steps(steps.values(), now) if cascade else []
    return (
        {**enrollment, "steps": list(steps.values()), **enrollment_progress(steps.values())},
        unlocked,
        relocked,
    )


def _with_step_unlocked(steps: Mapping[str, Document], key: str, now: str) -> list[Document]:
    return [
        {**step, "status": "available", "unlockedAt": now} if step["key"] == key else step
        for step in steps.values()
    ]


def unlock_steps(steps: Iterable[Document], now: str) -> list[str]:
    """Unlock, in place, each locked step if all its prerequisites are done.

    Returns the keys of the unlocked steps.
    """
    by_key = {step["key"]: step for step in steps}
    ready = [
        step
        for step in by_key.values()
        if step["status"] == "locked"
        and all(by_key[other]["status"] in DONE for other in step["waitsOn"])
    ]
    for step in ready:
        step["status"], step["unlockedAt"] = "available", now
    return [step["key"] for step in ready]


def enrollment_progress(steps: Iterable[Document]) -> Document:
    """Return the progress of an enrollment: ``percentComplete`` and ``currentStepKeys``.

    ``currentStepKeys`` are the keys of the steps that are neither done nor locked.

    >>> steps = [{"key": "a", "status": "completed"}, {"key": "b", "status": "available"}]
    >>> enrollment_progress(steps)
    {'percentComplete': 50, 'currentStepKeys': ['b']}
    """
    all_steps = list(steps)
    done = sum(step["status"] in DONE for step in all_steps)
    current = [
        step["key"]
        for step in all_steps
        if step["status"] not in DONE and step["status"] != "locked"
    ]
    return {
        "percentComplete": round(100 * done / len(all_steps)) if all_steps else 0,
        "currentStepKeys": current,
    }


def _depends_on(steps: Mapping[str, Document], step: Document, key: str) -> bool:
    # A prerequisite that is done stays done, so what waits on that one is not blocked.
    return any(
        other == key
        or (steps[other]["status"] not in DONE and _depends_on(steps, steps[other], key))
        for other in step["waitsOn"]
    )
