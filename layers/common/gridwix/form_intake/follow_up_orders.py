"""Follow-ups of members on requests, cases and steps: their orders for Trading Grid, and the
reasons why one is not possible. Pure."""

from collections.abc import Collection, Mapping

from gridwix.configuration.forms import FormDefinition
from gridwix.configuration.intake import Refusal
from gridwix.mapping.cuts import cut_text
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
"""No such record, or it belongs to another partner. Both give the same answer, which does not leak
the existence of a record."""

MAX_NAME = 200
"""Maximum length of an author's name, in characters."""

CLOSED_CASE = frozenset({"closed", "cancelled"})
"""Statuses in which a case accepts no follow-up."""

STEP_REFUSALS: Mapping[str, Refusal] = {
    "locked": "step_locked",
    "submitted": "step_submitted",
    "completed": "step_done",
    "waived": "step_done",
    "": NOT_FOUND,
}
"""Reasons why a step cannot be submitted, by its status; "" stands for a step that is missing."""


def record_of(definition: FormDefinition, reading: Reading) -> str:
    """The record (``collection/id``) that a follow-up names. Raises KeyError if it names none."""
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
    """Build the order of a follow-up.

    Args:
        definition: The form, whose ``action`` decides the kind of order.
        reading: The parsed submission.
        entity: The record as it is now; None if there is none.
        partners: The partners that the member acts for.

    Returns:
        None if the record (or its step) does not exist, or belongs to another partner.
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


def refusal_reason(order: FollowUp, entity: Entity | None) -> Refusal:
    """The reason why Trading Grid rejects a follow-up in the record's current state.

    ``other`` if the state does not explain it. The code names a sentence in
    ``config/intake.yaml``.
    """
    if isinstance(entity, Case) and entity.deleted_at is None:
        if entity.status in CLOSED_CASE:
            return "case_closed"
        return "not_resolved" if isinstance(order, ResolutionOrder) else "other"
    if isinstance(entity, CollaborationRequest) and entity.deleted_at is None:
        return "request_closed" if entity.status in CLOSED else "other"
    if (
        isinstance(entity, Enrollment)
        and isinstance(order, StepOrder)
        and entity.deleted_at is None
    ):
        status = next((step.status for step in entity.steps if step.key == order.step_key), "")
        return STEP_REFUSALS.get(status, "other")
    return NOT_FOUND
