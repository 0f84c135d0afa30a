"""Enrollments of partners in onboarding programs, and their steps."""

from typing import NamedTuple

from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.profile.collections import STATUS_EVENTS
from gridwix_gateway.profile.steps import (
    StepMove,
    enrollment_progress,
    is_complete,
    move_step,
    unlock_steps,
)
from gridwix_gateway.store.commits import Draft

COLLECTION = "enrollments"

MAX_EVENTS = 90
"""Maximum dependent steps that one move may unlock or lock: each adds an event, and a commit holds
100 items.
"""

STEP_MEMBERS = ("key", "title", "phase", "owner", "kind", "waitsOn", "requiredDocumentTypes")
"""Members of an enrollment's step that are copied from its definition in the program."""


class MovedStep(NamedTuple):
    """Result of moving a step of an enrollment.

    It holds the enrollment, the step, and the keys of the steps that were locked again.
    """

    enrollment: Document
    step: Document
    relocked: tuple[str, ...]


def enroll_partner(
    draft: Draft, identifier: str, partner_id: str, program: Document, fields: Document
) -> Document:
    """Enroll a partner in an onboarding program. Steps without prerequisites are available at once.

    Args:
        draft: The commit: its reads and buffered writes.
        identifier: Id of the enrollment.
        partner_id: The partner.
        program: The program. The enrollment keeps its present steps, even if the program changes.
        fields: Other members of the enrollment, such as ``targetGoLive``.

    Returns:
        The enrollment.
    """
    steps: list[Document] = [
        {
            **{name: step[name] for name in STEP_MEMBERS if name in step},
            "status": "locked",
            "evidence": [],
            "note": None,
        }
        for step in program["steps"]
    ]
    unlocked = list(unlock_steps(steps, draft.at).steps)
    enrollment = {
        "id": identifier,
        "partnerId": partner_id,
        "programId": program["id"],
        "programVersion": program["version"],
        "status": "in_progress",
        "targetGoLive": None,
        **fields,
        "steps": unlocked,
        **enrollment_progress(unlocked),
    }
    return draft.create(COLLECTION, enrollment, "enrollment.created")


def move_enrollment_step(draft: Draft, enrollment: Document, key: str, move: Document) -> MovedStep:
    """Move a step of an enrollment, and unlock or lock its dependent steps in the same commit.

    The enrollment is completed when its last step is done.

    Args:
        draft: The commit: its reads and buffered writes.
        enrollment: The enrollment, as read within the commit.
        key: Key of the step.
        move: The new status ``to``, and maybe ``reason`` and ``evidence``.

    Returns:
        The enrollment and the step after the move, and the keys of the steps locked again.

    Raises:
        Problem: ``not-found``, ``invalid-transition`` or ``validation``; ``payload-too-large`` if
            more than 90 dependent steps change at once.
    """
    moved = move_step(enrollment["steps"], key, move, draft.at)
    if len(moved.unlocked) + len(moved.relocked) > MAX_EVENTS:
        raise Problem("payload-too-large", f"More than {MAX_EVENTS} steps change at once.")
    steps = list(moved.steps)
    changes: Document = {"steps": steps, **enrollment_progress(steps)}
    if is_complete(steps) and enrollment["status"] == "in_progress":
        changes["status"] = "completed"
    changed = draft.change(COLLECTION, enrollment, changes, None)
    _append_step_events(draft, enrollment, changed, key, moved)
    return MovedStep(changed, moved.step(key), moved.relocked)


def _append_step_events(
    draft: Draft, before: Document, after: Document, key: str, moved: StepMove
) -> None:
    former = {step["key"]: step["status"] for step in before["steps"]}
    verbs = [
        (key, "status_changed"),
        *((name, "unlocked") for name in moved.unlocked),
        *((name, "status_changed") for name in moved.relocked),
    ]
    for name, verb in verbs:
        draft.append_event(
            f"step.{verb}",
            COLLECTION,
            after,
            f"{COLLECTION}/{after['id']}/steps/{name}",
            ["status"],
            {"status": former[name]},
            entity="step",
            after=moved.step(name),
        )
    if after["status"] != before["status"]:
        draft.append_event(
            STATUS_EVENTS[COLLECTION],
            COLLECTION,
            after,
            f"{COLLECTION}/{after['id']}",
            ["status"],
            {"status": before["status"]},
        )
