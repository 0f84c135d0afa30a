"""The other half of use case 2, and the follow-ups of use cases 3 and 4: what a member does about a case, a request or an onboarding step."""

from gridwix.errors import Conflict, NotFound, UpstreamError
from gridwix.form_intake.document_uploads import DocumentUploads
from gridwix.form_intake.follow_up_orders import NOT_FOUND, refusal
from gridwix.form_intake.ports import FollowUpDesk
from gridwix.mapping.references import idempotency_key
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import NewComment
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.models.trading_grid.transitions import StepEvidence, Transition
from gridwix.partner_requests.orders import CommentOrder, DocumentOrder, FollowUp, RequestCommentOrder, ResolutionOrder, StepOrder
from gridwix.partner_requests.submissions import Outcome

ATTEMPTS = 3
"""How often a record is read again when it has changed between reading and writing."""


class FollowUps:
    """Does what members ask for, once however often it is tried: every call has a key that is made from the submission.

    A write names the version that was read. If the record has changed since, it is read again; if it is no longer in a state that allows the step, the
    outcome says so, for the partner.
    """

    def __init__(self, desk: FollowUpDesk, documents: DocumentUploads) -> None:
        self._desk = desk
        self._documents = documents

    def carry_out(self, submission_id: str, order: FollowUp) -> Outcome:
        """Do it, or find out why it cannot be done. Raises UpstreamError if it is to be tried again; a Conflict of versions among them."""
        if isinstance(order, ResolutionOrder) and not order.accepted and not order.reason:
            return Outcome(_record(order), refusal="reason_missing")
        if isinstance(order, DocumentOrder):
            return self._documents.carry_out(idempotency_key(submission_id), order)
        try:
            match order:
                case CommentOrder():
                    self._comment(submission_id, order)
                case RequestCommentOrder():
                    self._answer_request(submission_id, order)
                case ResolutionOrder():
                    self._answer_resolution(submission_id, order)
                case StepOrder():
                    self._submit_step(submission_id, order)
        except NotFound:
            return Outcome(_record(order), refusal=NOT_FOUND)
        except Conflict as conflict:
            if _has_changed(conflict):
                raise
            entity = self._desk.record(_record(order))
            return Outcome(_record(order), number=_number(entity), refusal=refusal(order, entity))
        return Outcome(_record(order), number=_number(self._desk.record(_record(order))))

    def _comment(self, submission_id: str, order: CommentOrder) -> None:
        self._desk.add_comment(order.case_id, NewComment(body=order.body, author_name=order.author), idempotency_key(submission_id))
        self._hand_back(submission_id, _record(order), waits="awaiting_partner", to="open")

    def _answer_request(self, submission_id: str, order: RequestCommentOrder) -> None:
        self._desk.add_request_comment(order.request_id, NewComment(body=order.body, author_name=order.author), idempotency_key(submission_id))
        self._hand_back(submission_id, _record(order), waits="waiting_on_partner", to="in_progress")

    def _hand_back(self, submission_id: str, record: str, *, waits: str, to: str) -> None:
        """Have a record that waits for the partner go on, after the partner has commented on it."""
        entity = self._desk.record(record)
        if not isinstance(entity, Case | CollaborationRequest) or entity.status != waits:
            return
        try:
            self._desk.move(record, Transition(to=to), version=entity.version, key=idempotency_key(submission_id, "reopen"))
        except Conflict:
            # Somebody has moved it meanwhile: it is no longer the comment that decides where the record stands.
            return

    def _answer_resolution(self, submission_id: str, order: ResolutionOrder) -> None:
        transition = Transition(to="closed" if order.accepted else "open", reason=order.reason or None)
        self._move(_record(order), _record(order), transition, idempotency_key(submission_id))

    def _submit_step(self, submission_id: str, order: StepOrder) -> None:
        record = _record(order)
        step = f"{record}/steps/{order.step_key}"
        evidence = (StepEvidence(kind="formSubmission", id=submission_id, answers=order.answers),)
        submit = Transition(to="submitted", reason=order.note or None, evidence=evidence)
        try:
            # First, since an earlier attempt may have come that far: the key has its answer, wherever the step has gone since.
            self._move(record, step, submit, idempotency_key(submission_id))
        except Conflict as conflict:
            if _has_changed(conflict) or not self._can_begin(order):
                raise
            self._move(record, step, Transition(to="in_progress"), idempotency_key(submission_id, "begin"))
            self._move(record, step, submit, idempotency_key(submission_id))

    def _can_begin(self, order: StepOrder) -> bool:
        enrollment = self._desk.record(_record(order))
        steps = enrollment.steps if isinstance(enrollment, Enrollment) else ()
        return any(step.key == order.step_key and step.status in ("available", "changes_requested") for step in steps)

    def _move(self, record: str, path: str, transition: Transition, key: str) -> None:
        for attempt in range(ATTEMPTS):
            entity = self._desk.record(record)
            if entity is None:
                raise NotFound(system="trading_grid")
            try:
                self._desk.move(path, transition, version=entity.version, key=key)
            except Conflict as conflict:
                if attempt == ATTEMPTS - 1 or not _has_changed(conflict):
                    raise
            else:
                return


def _has_changed(conflict: UpstreamError) -> bool:
    """Whether the record is of another version than was read, rather than in a state that does not allow it."""
    return conflict.vendor_code == "version-conflict" or conflict.status in (412, 428)


def _record(order: FollowUp) -> str:
    match order:
        case StepOrder():
            return f"enrollments/{order.enrollment_id}"
        case DocumentOrder():
            return f"documents/{order.document_id}"
        case RequestCommentOrder():
            return f"collaboration-requests/{order.request_id}"
        case _:
            return f"cases/{order.case_id}"


def _number(entity: Entity | None) -> str | None:
    return entity.number if isinstance(entity, Case | CollaborationRequest) else None
