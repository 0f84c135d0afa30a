"""What a submission becomes: the request that Trading Grid is asked for, and the row of a submission that is none. Pure."""

from collections.abc import Mapping, Sequence

from gridwix.configuration.forms import FormDefinition
from gridwix.configuration.intake import Refusal
from gridwix.files.types import file_label
from gridwix.form_intake.follow_up_orders import NOT_FOUND, record_of
from gridwix.form_intake.forms import read_submission
from gridwix.form_intake.routing import Route
from gridwix.mapping.references import reference
from gridwix.mapping.texts import PartnerText, Texts, sentences_of
from gridwix.models.files import FileFault
from gridwix.models.portal.partner_requests import PartnerRequestRow
from gridwix.models.texts import Sentence
from gridwix.models.trading_grid.requests import ClaimedIdentifier, NewRequest, RequestAttachment, RequestRouting, Submitter
from gridwix.partner_requests.projection import chosen_partner
from gridwix.partner_requests.submissions import FieldFault, HoldReason, Match, Outcome, Reading, Submission

HELD_REFUSALS: Mapping[HoldReason, Refusal] = {HoldReason.NOT_THEIRS: NOT_FOUND, HoldReason.ATTACHMENTS: "file_refused"}
"""What a member is told of a follow-up that waits for a person. Of somebody else's records nothing may be said but that nothing was found."""

FILE_REFUSALS: Mapping[str, Refusal] = {
    FileFault.DAMAGED: "file_damaged",
    FileFault.PROTECTED: "file_protected",
    FileFault.MACROS: "file_macros",
    FileFault.WEB_PAGE: "file_web_page",
    FileFault.XML_SPREADSHEET: "file_xml_spreadsheet",
    FileFault.TEXT_TABLE: "file_text_table",
    FileFault.WEB_DOCUMENT: "file_web_document",
    FileFault.RICH_TEXT: "file_rich_text",
    FileFault.PRIVATE_KEY: "file_private_key",
}
"""What a member is told of a file that only the member can mend."""


def file_refusal(submission: Submission) -> Refusal | None:
    """What a member is told of the file for which a submission is held, in words that say what to do with it; None if there is nothing of the kind."""
    return FILE_REFUSALS.get(submission.file_fault)


def held_refusal(submission: Submission) -> Refusal | None:
    """What a member is told of a follow-up that is held; None if nothing."""
    return file_refusal(submission) or (HELD_REFUSALS.get(submission.held_for) if submission.held_for else None)


def attachment_label(member_id: str, partner_id: str, form: str) -> str:
    """What the portal's backend marks a file with that a member uploads for a request."""
    return file_label(member_id, partner_id, form)


def new_request(
    submission: Submission, key: str, definition: FormDefinition, reading: Reading, match: Match, route: Route, attachments: Sequence[RequestAttachment]
) -> NewRequest:
    """What Trading Grid is asked for. ``key`` is the form's."""
    identifiers = tuple(ClaimedIdentifier(scheme=scheme.value, value=value) for scheme, value in reading.identifiers.items())
    return NewRequest(
        type=definition.type,
        partner_id=match.partner_id,
        partner_match=match.by,
        submitter=Submitter(name=reading.name, email=reading.email, company=reading.company, claimed_identifiers=identifiers),
        form_key=key,
        form_version=definition.version,
        answers=dict(reading.answers),
        attachments=tuple(attachments),
        routing=RequestRouting(team_key=route.team, rule_key=route.rule, reason=route.reason),
        priority=route.priority,
        due_at=route.due_at,
        source_submission_id=submission.id,
    )


def faults_said(key: str, faults: Sequence[FieldFault], texts: Texts) -> PartnerText | None:
    """What the sender of a form, by its key, is told of answers that do not fit; None if all do."""
    if not faults:
        return None
    each = (Sentence(code="unfit.of", values={"question": Sentence(code=f"question.{key}.{one.field}"), "fault": one.sentence}) for one in faults)
    return texts.partner_text("unfit.all", faults=tuple(each))


def held_row(submission: Submission, key: str, definition: FormDefinition, fault: PartnerText, texts: Texts) -> PartnerRequestRow:
    """The row of a submission whose answers do not fit their questions: ``fault`` says which, and why. A person may have it delivered all the same."""
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


def follow_up_row(submission: Submission, key: str, definition: FormDefinition, outcome: Outcome | None, texts: Texts) -> PartnerRequestRow:
    """The row of something that a member did about a case or a step: what became of it, or that it was received. ``key`` is the form's."""
    refused = outcome.refusal if outcome else held_refusal(submission)
    title, message = texts.partner_text(f"form.{key}"), texts.partner_text(f"refusal.{refused}") if refused else None
    status = "not_possible" if refused else "done" if outcome else "received"
    return PartnerRequestRow(
        partner_id=chosen_partner(submission),
        member_id=submission.member_id,
        kind=definition.action,
        record=outcome.record if outcome else None if refused else _named_record(submission, definition),
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


def _named_record(submission: Submission, definition: FormDefinition) -> str | None:
    """What a follow-up that is on its way says that it is about, so that the portal no longer asks for it; None if it does not say."""
    try:
        return record_of(definition, read_submission(definition, submission.values))
    except KeyError:
        return None
