"""Builds the orders of follow-ups, and finds the reasons why a follow-up is not possible. Pure.

A follow-up is a member's action on a request, a case or an onboarding step. Its order is the call
to Trading Grid that carries it out.
"""

from collections.abc import Collection, Mapping

from gridwix.configuration.forms import FormDefinition
from gridwix.configuration.intake import Refusal
from gridwix.mapping.cuts import cut_text
from gridwix.mapping.statuses import SETTLED_CASE_STATUSES
from gridwix.mapping.step_actions import is_for_partner, is_of_partner, is_running
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.partner_requests.orders import (
    CommentOrder,
    FollowUp,
    RequestCommentOrder,
    ResolutionOrder,
    StepOrder,
)
from gridwix.partner_requests.projection import CLOSED
from gridwix.partner_requests.submissions import Reading

NOT_FOUND: Refusal = "not_found"
"""The refusal for a record that does not exist or belongs to another partner. Both get the same
answer, so that it does not leak the existence of a record."""

MAX_NAME = 200
"""Maximum length of an author's name, in characters."""

STEP_REFUSALS: Mapping[str, Refusal] = {
    "locked": "step_locked",
    "submitted": "step_submitted",
    "completed": "step_done",
    "waived": "step_done",
}
"""Reasons why a partner cannot submit an onboarding step, by the step's status."""


def record_of(definition: FormDefinition, reading: Reading) -> str:
    """Return the record (``collection/id``) that a follow-up, an action on a record, is about.

    Raises KeyError if the submission names none.
    """
    match definition.action:
        case "step_submission":
            return f"enrollments/{reading.subject['enrollment']}"
        case "request_comment":
            return f"collaboration-requests/{reading.subject['request']}"
        case "document_version":
            return f"documents/{reading.subject['document']}"
        case _:
            return f"cases/{reading.subject['case']}"


def follow_up_order(
    definition: FormDefinition,
    reading: Reading,
    entity: Entity | None,
    partners: Collection[PartnerId],
) -> FollowUp | None:
    """Build the order of a follow-up: the call to Trading Grid for a member's action on a record.

    Args:
        definition: The form. Its ``action`` decides the kind of order.
        reading: The parsed submission.
        entity: The record as it is now; None if there is none.
        partners: The partners that the member acts for.

    Returns:
        The order. None if the record (or its step) does not exist, or belongs to another partner.
    """
    if entity is None or entity.deleted_at is not None:
        return None
    about = reading.subject
    match entity, definition.action:
        case Case(partner_id=partner_id), "case_comment" if partner_id in partners:
            return CommentOrder(
                partner_id=partner_id,
                case_id=entity.id,
                body=about["comment"],
                author=cut_text(reading.name, MAX_NAME),
            )
        case CollaborationRequest(partner_id=str(partner_id)), "request_comment" if (
            partner_id in partners
        ):
            body, author = about["comment"], cut_text(reading.name, MAX_NAME)
            return RequestCommentOrder(
                partner_id=PartnerId(partner_id), request_id=entity.id, body=body, author=author
            )
        case Case(partner_id=partner_id), "case_resolution" if partner_id in partners:
            return ResolutionOrder(
                partner_id=partner_id,
                case_id=entity.id,
                accepted=about["accepted"] == "True",
                reason=about.get("comment", ""),
            )
        case Enrollment(partner_id=partner_id, steps=steps), "step_submission" if (
            partner_id in partners and about["step"] in {step.key for step in steps}
        ):
            note, answers = about.get("comment", ""), dict(reading.answers)
            return StepOrder(
                partner_id=partner_id,
                enrollment_id=entity.id,
                step_key=about["step"],
                note=note,
                answers=answers,
            )
    return None


def state_refusal(order: FollowUp, entity: Entity) -> Refusal | None:
    """Return the reason why a record's state does not allow a member's action on it, or None.

    A member can send an action that the portal's page does not offer. So it is refused here
    already, not only by Trading Grid. The reason is the code of a sentence in
    ``config/intake.yaml``.

    Args:
        order: The call to Trading Grid that would carry out the action.
        entity: The record that the action is about, as it was read.
    """
    match order, entity:
        case CommentOrder() | ResolutionOrder(), Case(status=status):
            if status in SETTLED_CASE_STATUSES:
                return "case_closed"
            is_answer = isinstance(order, ResolutionOrder)
            return "not_resolved" if is_answer and status != "resolved" else None
        case RequestCommentOrder(), CollaborationRequest(status=status):
            return "request_closed" if status in CLOSED else None
        case StepOrder(), Enrollment():
            return _step_refusal(order.step_key, entity)
    return None


def _step_refusal(key: str, enrollment: Enrollment) -> Refusal | None:
    """Return the reason why a partner may not submit an onboarding step; None if it may."""
    step = next((step for step in enrollment.steps if step.key == key), None)
    if step is None:
        return NOT_FOUND
    if is_for_partner(enrollment, step):
        return None
    if not is_running(enrollment):
        return "program_over"
    return STEP_REFUSALS.get(step.status, "other") if is_of_partner(step) else "step_not_yours"


def refusal_reason(order: FollowUp, entity: Entity | None) -> Refusal:
    """Return the reason why Trading Grid rejects a member's action in the record's current state.

    ``other`` if the state does not explain the rejection.
    """
    if entity is None or entity.deleted_at is not None:
        return NOT_FOUND
    return state_refusal(order, entity) or "other"
