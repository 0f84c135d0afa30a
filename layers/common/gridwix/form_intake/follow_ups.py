"""Follow-ups of use cases 2, 3, 4 and 5: carries out members' actions on existing records.

A record is a case, a request, an onboarding step or a document.
"""

from gridwix.configuration.forms import FormDefinition
from gridwix.configuration.intake import Refusal
from gridwix.errors import InvalidEvent, NotFound, UpstreamConflict, UpstreamError
from gridwix.form_intake.document_uploads import DocumentUploads
from gridwix.form_intake.follow_up_orders import (
    NOT_FOUND,
    follow_up_order,
    record_of,
    refusal_reason,
    state_refusal,
)
from gridwix.form_intake.permissions import SenderPermissions
from gridwix.form_intake.ports import FollowUpDesk
from gridwix.mapping.references import idempotency_key
from gridwix.mapping.step_actions import is_for_partner
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import NewComment
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.models.trading_grid.transitions import StepEvidence, Transition
from gridwix.partner_requests.orders import (
    CommentOrder,
    DocumentOrder,
    FollowUp,
    RequestCommentOrder,
    ResolutionOrder,
    StepOrder,
)
from gridwix.partner_requests.submissions import Outcome, Reading

ATTEMPTS = 3
"""Attempts to write a record that changes between reading and writing (optimistic locking)."""


class FollowUps:
    """Carries out follow-ups: members' actions on existing records of Trading Grid.

    Idempotent: each call has a key that is made from the submission.

    Optimistic locking: a transition of a record names the version that was read (``If-Match``). If
    the record has changed since (412), it is read again. If the record's state does not allow the
    transition (409), the outcome has the reason, for the partner.
    """

    def __init__(self, desk: FollowUpDesk, documents: DocumentUploads) -> None:
        self._desk = desk
        self._documents = documents

    def build_order(
        self,
        definition: FormDefinition,
        reading: Reading,
        permissions: SenderPermissions,
        deadline: Deadline = NO_DEADLINE,
    ) -> FollowUp | Outcome | None:
        """Read the record that a member's action is about, and build the call that carries it out.

        This call to Trading Grid is the order.

        Args:
            definition: The form of the submission.
            reading: The parsed submission.
            deadline: If the action adds a document version, its file is copied before the deadline.
            permissions: The partners that the member acts for, and its role at each. The record
                must belong to one of the partners at which the role allows the form.

        Returns:
            The order. An outcome with its ``refusal`` if the record's state does not allow the
            action. None if there is no such record, or it belongs to another partner.

        Raises:
            FileRefused: The file of a document version cannot be taken over.
            NotAllowed: No role of the member allows the form, or sees the document.
            UpstreamError: The record cannot be read.
        """
        permissions.require_any()
        partners = permissions.partners()
        if not partners:
            return None
        try:
            if definition.action == "document_version":
                return self._documents.build_order(reading, partners, permissions, deadline)
            entity = self._desk.record(record_of(definition, reading))
        except InvalidEvent:
            # The id cannot be part of a URL, so there is no such record.
            return None
        order = follow_up_order(definition, reading, entity, partners)
        if order is None or entity is None:
            return None
        # Before the first attempt: what an attempt changes must not look like a refusal.
        refusal = state_refusal(order, entity)
        return order if refusal is None else _refused(order, entity, refusal)

    def carry_out(self, submission_id: str, order: FollowUp) -> Outcome:
        """Carry out a member's action on a record in Trading Grid.

        Args:
            submission_id: Id of the submission, from which the idempotency keys are made.
            order: The stored call that carries out the action.

        Returns:
            The outcome; its ``refusal`` says why the action is not possible, for instance because
            the record has moved to another partner, which would read what the member wrote.

        Raises:
            UpstreamError: The action is not carried out in full; a retry is safe. An
                UpstreamConflict means that the record kept changing.
        """
        if isinstance(order, ResolutionOrder) and not order.accepted and not order.reason:
            return Outcome(_record_name(order), refusal="reason_missing")
        if isinstance(order, DocumentOrder):
            return self._documents.carry_out(idempotency_key(submission_id), order)
        try:
            self._write(submission_id, order)
        except NotFound:
            return Outcome(_record_name(order), refusal=NOT_FOUND)
        except UpstreamConflict as conflict:
            if _has_changed(conflict):
                raise
            entity = self._desk.record(_record_name(order))
            return _refused(order, entity, refusal_reason(order, entity))
        return Outcome(
            _record_name(order), number=_record_number(self._desk.record(_record_name(order)))
        )

    def _write(
        self,
        submission_id: str,
        order: CommentOrder | RequestCommentOrder | ResolutionOrder | StepOrder,
    ) -> None:
        """Write to the record; raise NotFound if it has moved to another partner since."""
        entity = self._desk.record(_record_name(order))
        if (
            isinstance(entity, Case | CollaborationRequest | Enrollment)
            and order.partner_id is not None
            and entity.partner_id != order.partner_id
        ):
            raise NotFound(f"{entity.record} is another partner's", system="trading_grid")
        match order:
            case CommentOrder():
                self._add_comment(submission_id, order)
            case RequestCommentOrder():
                self._answer_request(submission_id, order)
            case ResolutionOrder():
                self._answer_resolution(submission_id, order)
            case StepOrder():
                self._submit_step(submission_id, order)

    def _add_comment(self, submission_id: str, order: CommentOrder) -> None:
        self._desk.add_comment(
            order.case_id,
            NewComment(body=order.body, author_name=order.author),
            idempotency_key(submission_id),
        )
        self._hand_back(submission_id, _record_name(order), waits="awaiting_partner", to="open")

    def _answer_request(self, submission_id: str, order: RequestCommentOrder) -> None:
        self._desk.add_request_comment(
            order.request_id,
            NewComment(body=order.body, author_name=order.author),
            idempotency_key(submission_id),
        )
        self._hand_back(
            submission_id, _record_name(order), waits="waiting_on_partner", to="in_progress"
        )

    def _hand_back(self, submission_id: str, record: str, *, waits: str, to: str) -> None:
        """Move a record from the status ``waits`` to ``to``, after the partner's comment.

        If the record has any other status, it keeps that status.
        """
        entity = self._desk.record(record)
        if not isinstance(entity, Case | CollaborationRequest) or entity.status != waits:
            return
        try:
            self._desk.move(
                record,
                Transition(to=to),
                version=entity.version,
                key=idempotency_key(submission_id, "reopen"),
            )
        except UpstreamConflict:
            # Another user has moved it meanwhile: that decision stands, and the comment is made.
            return

    def _answer_resolution(self, submission_id: str, order: ResolutionOrder) -> None:
        transition = Transition(
            to="closed" if order.accepted else "open", reason=order.reason or None
        )
        self._move_record(
            _record_name(order), _record_name(order), transition, idempotency_key(submission_id)
        )

    def _submit_step(self, submission_id: str, order: StepOrder) -> None:
        record = _record_name(order)
        step = f"{record}/steps/{order.step_key}"
        evidence = (StepEvidence(kind="formSubmission", id=submission_id, answers=order.answers),)
        submit = Transition(to="submitted", reason=order.note or None, evidence=evidence)
        try:
            # Submit first: an earlier attempt may have submitted it and lost the response. Then the
            # key returns that response, whatever the status of the step is now.
            self._move_record(record, step, submit, idempotency_key(submission_id))
        except UpstreamConflict as conflict:
            if _has_changed(conflict) or not self._can_begin(order):
                raise
            self._move_record(
                record, step, Transition(to="in_progress"), idempotency_key(submission_id, "begin")
            )
            self._move_record(record, step, submit, idempotency_key(submission_id))

    def _can_begin(self, order: StepOrder) -> bool:
        enrollment = self._desk.record(_record_name(order))
        return isinstance(enrollment, Enrollment) and any(
            step.key == order.step_key
            and step.status != "in_progress"
            and is_for_partner(enrollment, step)
            for step in enrollment.steps
        )

    def _move_record(self, record: str, path: str, transition: Transition, key: str) -> None:
        """Write a transition of ``record`` at ``path``, with the version of the record just read.

        After a version conflict, it reads and writes again, ``ATTEMPTS`` times in all.
        """
        for attempt in range(ATTEMPTS):
            entity = self._desk.record(record)
            if entity is None:
                raise NotFound(f"{record} does not exist", system="trading_grid")
            try:
                self._desk.move(path, transition, version=entity.version, key=key)
            except UpstreamConflict as conflict:
                if attempt == ATTEMPTS - 1 or not _has_changed(conflict):
                    raise
            else:
                return


def _has_changed(conflict: UpstreamError) -> bool:
    """Return True for a version conflict: the record has changed since it was read.

    Any other conflict means that the record's state does not allow the transition.
    """
    return conflict.vendor_code == "version-conflict" or conflict.status in (412, 428)


def _refused(order: FollowUp, entity: Entity | None, refusal: Refusal) -> Outcome:
    return Outcome(_record_name(order), number=_record_number(entity), refusal=refusal)


def _record_name(order: FollowUp) -> str:
    """Return the record (``collection/id``) that a follow-up, an action on a record, changes."""
    match order:
        case StepOrder():
            return f"enrollments/{order.enrollment_id}"
        case DocumentOrder():
            return f"documents/{order.document_id}"
        case RequestCommentOrder():
            return f"collaboration-requests/{order.request_id}"
        case _:
            return f"cases/{order.case_id}"


def _record_number(entity: Entity | None) -> str | None:
    """Return the number by which people quote a case or request; None for other records."""
    return entity.number if isinstance(entity, Case | CollaborationRequest) else None
