"""Parses a submission by its form, and decides if a person has to review it before delivery."""

from collections.abc import Sequence

from gridwix.configuration.everything import Configuration
from gridwix.configuration.files import AttachmentRules
from gridwix.configuration.forms import FormDefinition
from gridwix.form_intake.forms import locale_of, read_form_values
from gridwix.form_intake.projection import faults_message
from gridwix.form_intake.sender_limits import SenderLimits
from gridwix.form_intake.states import Hold, ReadSubmission, ReadyOrder
from gridwix.mapping.texts import Texts
from gridwix.models.files import AttachedFile
from gridwix.partner_requests.projection import form_definition
from gridwix.partner_requests.submissions import HoldReason, Reading, Submission


class SubmissionReader:
    """Parses submissions and applies the rules by which a submission needs manual review.

    The rules are about the honeypot field, invalid answers, attachments, and rate limits
    (submissions in an hour).
    """

    def __init__(self, limits: SenderLimits, configuration: Configuration) -> None:
        self._limits = limits
        self._configuration = configuration
        self._texts = Texts(configuration)

    def read_submission(self, submission: Submission) -> ReadSubmission | ReadyOrder | Hold:
        """Parse a submission. Idempotent: a repeated call counts it once against the rate limits.

        Returns:
            ReadSubmission, or ReadyOrder if an earlier run has stored the submission's order (the
            call to Trading Grid that delivers it). Hold if a person has to review the submission
            first.

        Raises:
            UpstreamError: The inbox cannot count the submission.
        """
        form = form_definition(submission.form, self._configuration.forms)
        if form is None:
            return Hold(HoldReason.UNKNOWN_FORM)
        key, definition = form
        if submission.order_fault:
            return Hold(HoldReason.UNREADABLE, detail=submission.order_fault)
        reading = read_form_values(
            definition, submission.values, locale=locale_of(submission), plain=submission.plain
        )
        reason = self._hold_reason(submission, definition, reading)
        if reason is not None:
            detail = _lost_fields(definition, reading) if submission.released else ""
            return Hold(
                reason, reading.faults if reason is HoldReason.INVALID else (), detail=detail
            )
        note = faults_message(key, reading.doubts, self._texts)
        if submission.order is not None:
            return ReadyOrder(submission, submission.order, note)
        return ReadSubmission(submission, key, definition, reading, note)

    def _hold_reason(
        self, submission: Submission, definition: FormDefinition, reading: Reading
    ) -> HoldReason | None:
        """Return the reason why a person has to review a submission, or None.

        The reason is the first rule that the submission breaks.
        """
        # An operator has released it, or an earlier run has passed it: no rule is applied twice.
        if submission.order is not None:
            return None
        if submission.released:
            # Without these there is nothing to deliver, whoever wants it delivered.
            return HoldReason.INVALID if _lost_fields(definition, reading) else None
        if reading.trapped:
            return HoldReason.HONEYPOT
        if reading.faults:
            return HoldReason.INVALID
        # A file that becomes a version of a document is checked by the rules of documents.
        is_version = _is_version(definition) and any(file.file_id for file in reading.files)
        if not is_version and not _are_allowed(
            reading.files, self._configuration.intake.attachments
        ):
            return HoldReason.ATTACHMENTS
        return self._limits.sender_excess(submission, reading)


def _lost_fields(definition: FormDefinition, reading: Reading) -> str:
    """Return a text that lists the invalid answers that make a follow-up impossible, or "".

    A follow-up, an action on an existing record, needs its record, its text and its file. The text
    is also "" for a new request, which is delivered without its invalid answers if an operator
    releases it.
    """
    if definition.action == "request":
        return ""
    invalid = {fault.field for fault in reading.faults}
    lost = [
        field.name
        for field in definition.fields
        if field.name in invalid
        and (field.meaning is not None or (_is_version(definition) and field.kind == "files"))
    ]
    return f"it cannot be done without {', '.join(lost)}" if lost else ""


def _is_version(definition: FormDefinition) -> bool:
    return definition.action == "document_version"


def _are_allowed(files: Sequence[AttachedFile], rules: AttachmentRules) -> bool:
    """Return True if number, stated sizes and file name extensions of the files are allowed.

    A file without a stated size passes. Its size and content are checked when it is copied.
    """
    return len(files) <= rules.most and all(
        (file.size or 0) <= rules.most_bytes and file.name.rpartition(".")[2].lower() in rules.types
        for file in files
    )
