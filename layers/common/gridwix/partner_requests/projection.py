"""Maps a form submission and its collaboration request to a row on the portal. Pure."""

from collections.abc import Mapping, Sequence

from gridwix.configuration.forms import FormDefinition
from gridwix.mapping.comments import conversation
from gridwix.mapping.references import reference
from gridwix.mapping.texts import PartnerText, Texts, sentences_of
from gridwix.models.ids import PartnerId
from gridwix.models.portal.partner_requests import PartnerRequestRow
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.partner_requests.submissions import Submission

WAITS = "waiting_on_partner"
"""Status of a request while the hub's team waits for the partner's answer."""

CLOSED = frozenset({"completed", "rejected", "duplicate"})
"""Final statuses of a request."""


def form_definition(
    form: str, forms: Mapping[str, FormDefinition]
) -> tuple[str, FormDefinition] | None:
    """Return the key and the definition of a form; None if the form is unknown.

    Args:
        form: Key of the form, or id of a Wix form.
        forms: All definitions, by key.
    """
    if form in forms:
        return form, forms[form]
    return next(
        ((key, definition) for key, definition in forms.items() if form in definition.wix_forms),
        None,
    )


def source_submission(
    submission: Submission | None, request: CollaborationRequest | None
) -> str | None:
    """Return the id of the submission that a row is about.

    None if the request was not made by a submission of the portal, but in Trading Grid.
    """
    if submission is not None:
        return submission.id
    return request.source_submission_id if request else None


def request_row(
    submission: Submission | None,
    request: CollaborationRequest | None,
    forms: Mapping[str, FormDefinition],
    texts: Texts,
    comments: Sequence[Comment] | None = (),
) -> PartnerRequestRow | None:
    """Return the portal row of a submission, of its request, or of both.

    Args:
        submission: The submission; None if the inbox no longer has it.
        request: The request that the submission became; None if Trading Grid does not have it yet.
            The row has the sender's reference (such as GX-7K3M-92QF) in both cases.
        forms: Form definitions, by key.
        texts: Configured texts and labels.
        comments: Comments of the request, of which only public ones are shown; None if the gateway
            has no comments on requests.

    Returns:
        The row; None if the request was deleted or did not come from the portal, or if there is
        neither a submission nor a request.
    """
    if request is not None and (
        request.deleted_at is not None or request.source_submission_id is None
    ):
        return None
    source = source_submission(submission, request)
    if source is None:
        return None
    submitted_form = submission.form if submission else ""
    form = form_definition(request.form_key if request else submitted_form, forms)
    status = request.status if request else "received"
    team_key = f"team.{request.routing.team_key}" if request and request.routing else ""
    team = texts.partner_text(team_key) if texts.has_sentence(team_key) else None
    outcome = submission.outcome if submission else None
    note = PartnerText(outcome.note, outcome.note_sentence) if outcome and outcome.note else None
    title = (
        texts.partner_text(f"form.{form[0]}")
        if form
        else PartnerText(texts.neutral_label("request.title"))
    )
    said = conversation(comments or ())
    created_at = request.created_at if request else None
    return PartnerRequestRow(
        partner_id=request.partner_id if request else chosen_partner(submission),
        member_id=submission.member_id if submission else None,
        kind="request",
        record=request.record if request else None,
        reference=reference(source),
        number=request.number if request else None,
        title=title.text,
        status=status,
        status_label=texts.label("request.status", status),
        open=status not in CLOSED,
        team=team.text if team else None,
        due_at=request.due_at if request else None,
        next_step=request.next_step if request else None,
        comments=said.comments or None,
        earlier_comments=said.earlier,
        answerable=comments is not None if status == WAITS else None,
        message=note.text if note else None,
        sentences=sentences_of(title=title, team=team, message=note),
        submitted_at=submission.submitted_at if submission else created_at,
        changed_at=request.updated_at if request else None,
    )


def chosen_partner(submission: Submission | None) -> PartnerId | None:
    """Return the partner that the member has chosen in the form; None for a visitor.

    This partner owns the submission's row until the request is created. The partner that a
    visitor's submission names does not count.
    """
    if submission is None or not submission.member_id or not submission.partner_id:
        return None
    return PartnerId(submission.partner_id)
