"""Maps a submission to a request of Trading Grid, or to a row of ``PartnerRequests``. Pure.

The rows made here are those of follow-ups (members' actions on existing records), and of
submissions that are held for manual review with a message to the sender. All other rows are made in
``gridwix.partner_requests.projection``.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from gridwix.configuration.forms import FormDefinition
from gridwix.configuration.intake import Refusal
from gridwix.errors import RecordFault
from gridwix.files.types import file_label
from gridwix.form_intake.follow_up_orders import NOT_FOUND, record_of
from gridwix.form_intake.forms import read_form_values
from gridwix.form_intake.routing import Route
from gridwix.form_intake.states import submission_name
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.references import reference
from gridwix.mapping.texts import PartnerText, Texts, sentences_of
from gridwix.models.files import FileFault
from gridwix.models.ids import PartnerId
from gridwix.models.portal.partner_requests import PartnerRequestRow
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.models.texts import Sentence
from gridwix.models.trading_grid.requests import (
    ClaimedIdentifier,
    NewRequest,
    RequestAttachment,
    RequestRouting,
    Submitter,
)
from gridwix.partner_requests.projection import chosen_partner
from gridwix.partner_requests.submissions import (
    FieldFault,
    HoldReason,
    Match,
    Outcome,
    Reading,
    Submission,
)

HELD_REFUSALS: Mapping[HoldReason, Refusal] = {
    HoldReason.NOT_THEIRS: NOT_FOUND,
    HoldReason.ATTACHMENTS: "file_refused",
    HoldReason.NOT_ALLOWED: "not_allowed",
}
"""Messages to a member about a held follow-up, by the reason of the hold. A record of another
partner and one that does not exist must get the same message."""

FILE_REFUSALS: Mapping[str, Refusal] = {
    FileFault.DAMAGED: "file_damaged",
    FileFault.PROTECTED: "file_protected",
    FileFault.MACROS: "file_macros",
    FileFault.WEB_PAGE: "file_web_page",
    FileFault.XML_SPREADSHEET: "file_xml_spreadsheet",
    FileFault.TEXT_TABLE: "file_text_table",
    FileFault.WEB_DOCUMENT: "file_web_document",
    FileFault.RICH_TEXT: "file_rich_text",
    FileFault.UNREACHABLE: "file_unreachable",
    FileFault.PRIVATE_KEY: "file_private_key",
}
"""Messages to a member about a file that only the member can correct, by the file's fault."""


def file_refusal(submission: Submission) -> Refusal | None:
    """Return the code of the message that tells a member of the faulty file in a held submission.

    None if the submission has no faulty file, or if the member cannot correct the fault.
    """
    return FILE_REFUSALS.get(submission.file_fault)


def request_refusal(submission: Submission) -> Refusal | None:
    """Return the code of the message that tells a member why its new request was not created.

    The submission is held for manual review, because of the member's role or a file that the member
    can correct. None for any other submission; invalid answers have a message of their own
    (:func:`faults_message`).
    """
    if submission.held_for is HoldReason.NOT_ALLOWED:
        return HELD_REFUSALS[HoldReason.NOT_ALLOWED]
    return file_refusal(submission)


def held_refusal(submission: Submission) -> Refusal | None:
    """Return the code of the message that tells a member why its action was not carried out.

    The action (follow-up) is one on an existing record, such as a comment on a case, and is held
    for manual review. None if it is not held, or is held for a reason without such a message.
    """
    return file_refusal(submission) or (
        HELD_REFUSALS.get(submission.held_for) if submission.held_for else None
    )


def attachment_label(member_id: str, partner_id: str, form: str) -> str:
    """Return the label with which the portal's backend marks an upload for a request.

    It names one member, one partner and one form (by its key).
    """
    return file_label(member_id, partner_id, form)


def new_request(
    submission: Submission,
    key: str,
    definition: FormDefinition,
    reading: Reading,
    match: Match,
    owners: Mapping[IdentifierScheme, PartnerId | None],
    route: Route,
    attachments: Sequence[RequestAttachment],
) -> NewRequest:
    """Make the collaboration request that a submission becomes in Trading Grid.

    Args:
        submission: The submission.
        key: Key of the submission's form.
        definition: Definition of the form.
        reading: The parsed answers.
        match: The matched partner, if any.
        owners: The partner of each identifier that was looked up, a hint for the hub's staff.
        route: Team, priority and due date.
        attachments: The submission's files, as copied to Trading Grid.
    """
    identifiers = tuple(
        ClaimedIdentifier(scheme=scheme.value, value=value, partner_id=owners.get(scheme))
        for scheme, value in reading.identifiers.items()
    )
    return NewRequest(
        type=definition.type,
        partner_id=match.partner_id,
        partner_match=match.by,
        submitter=Submitter(
            name=reading.name,
            email=reading.email,
            company=reading.company,
            claimed_identifiers=identifiers,
        ),
        form_key=key,
        form_version=definition.version,
        answers=dict(reading.answers),
        attachments=tuple(attachments),
        routing=RequestRouting(team_key=route.team, rule_key=route.rule, reason=route.reason),
        priority=route.priority,
        due_at=route.due_at,
        source_submission_id=submission.id,
    )


def faults_message(key: str, faults: Sequence[FieldFault], texts: Texts) -> PartnerText | None:
    """Return the message to the sender about invalid answers; None if all are valid.

    Args:
        key: Key of the form.
        faults: The invalid answers.
        texts: Texts in all languages.
    """
    if not faults:
        return None
    each = (
        Sentence(
            code="unfit.of",
            values={
                "question": Sentence(code=f"question.{key}.{one.field}"),
                "fault": one.sentence,
            },
        )
        for one in faults
    )
    return texts.partner_text("unfit.all", faults=tuple(each))


def held_row(
    submission: Submission, key: str, definition: FormDefinition, fault: PartnerText, texts: Texts
) -> PartnerRequestRow:
    """Make the portal row of a submission that is held for manual review.

    Its status is ``not_possible``.

    Args:
        submission: The held submission.
        key: Key of the submission's form.
        definition: Definition of the form.
        fault: The message to the sender: what is invalid, and why.
        texts: Texts in all languages.
    """
    title = texts.partner_text(f"form.{key}")
    return PartnerRequestRow(
        partner_id=chosen_partner(submission),
        member_id=submission.member_id,
        kind=definition.action,
        reference=reference(submission.id),
        title=title.text,
        status="not_possible",
        status_label=texts.label("request.status", "not_possible"),
        open=False,
        message=fault.text,
        sentences=sentences_of(title=title, message=fault),
        submitted_at=submission.submitted_at,
    )


def follow_up_row(
    submission: Submission,
    key: str,
    definition: FormDefinition,
    outcome: Outcome | None,
    texts: Texts,
) -> PartnerRequestRow:
    """Make the portal row of a follow-up: a member's action on a record, such as a comment.

    Its status is ``done``, ``not_possible`` (with the reason) or ``received``.

    Args:
        submission: The submission of the follow-up.
        key: Key of the submission's form.
        definition: Definition of the form.
        outcome: The outcome in Trading Grid; None while the follow-up waits or is held.
        texts: Texts in all languages.
    """
    refused = outcome.refusal if outcome else held_refusal(submission)
    title, message = (
        texts.partner_text(f"form.{key}"),
        texts.partner_text(f"refusal.{refused}") if refused else None,
    )
    record = outcome.record if outcome else None
    if outcome is None and not refused:
        record = _named_record(submission, definition)
    status = _follow_up_status(outcome, refused)
    return PartnerRequestRow(
        partner_id=chosen_partner(submission),
        member_id=submission.member_id,
        kind=definition.action,
        record=record,
        reference=reference(submission.id),
        number=outcome.number if outcome else None,
        title=title.text,
        status=status,
        status_label=texts.label("request.status", status),
        open=status == "received",
        message=message.text if message else None,
        sentences=sentences_of(title=title, message=message),
        submitted_at=submission.submitted_at,
    )


def _follow_up_status(outcome: Outcome | None, refused: Refusal | Literal[""] | None) -> str:
    """Return the status of a follow-up's portal row: ``not_possible``, ``done`` or ``received``.

    ``refused`` is the reason why Trading Grid refused the member's action, or why the action is
    held for manual review; None or "" if it is neither. With a reason, the status is
    ``not_possible``. Without one, it is ``done`` if there is an ``outcome`` of Trading Grid, else
    ``received``.
    """
    if refused:
        return "not_possible"
    return "done" if outcome else "received"


def _named_record(submission: Submission, definition: FormDefinition) -> str | None:
    """Return the record (``collection/id``) that a submission for an existing record names.

    The submission's portal row repeats the record. By that, the portal knows that the member has
    answered, and stops asking for an answer about this record. None if the submission names no
    record, or its answers cannot be read; the row is then published without it.
    """
    try:
        with confine_to_record(submission_name(submission)):
            return record_of(definition, read_form_values(definition, submission.values))
    except RecordFault:
        return None
