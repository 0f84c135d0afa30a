"""From a case and its comments to the partner's open issue."""

import re
from collections.abc import Sequence

from gridwix.mapping.case_words import words_of
from gridwix.mapping.partner_status import SETTLED_CASE_STATUSES
from gridwix.mapping.texts import Said, Texts, sentences_of
from gridwix.models.portal import AffectedDocument, IssueComment, OpenIssueRow
from gridwix.models.trading_grid import Case, Comment, TransactionRef

MAX_COMMENTS = 100
"""The newest comments that a row holds, so that it stays far below Wix's 500 KB."""

MAX_COMMENT = 2_000
MAX_AFFECTED = 50

# What is no code may be a text, and a text may quote the document.
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_STANDARDS = {"x12": "X12", "edifact": "EDIFACT"}


def open_issue(case: Case, comments: Sequence[Comment], texts: Texts) -> OpenIssueRow | None:
    """The row; None when the case was deleted. Only comments that are public go through: one of a visibility that nobody knows does not."""
    if case.deleted_at is not None:
        return None
    public = sorted((comment for comment in comments if comment.visibility == "public"), key=lambda comment: (comment.created_at, comment.id))
    words = words_of(case, texts)
    return OpenIssueRow(
        partner_id=case.partner_id,
        number=case.number,
        subject=case.subject,
        open=case.status not in SETTLED_CASE_STATUSES,
        status=case.status,
        status_label=texts.of("case.status", case.status),
        category=case.category,
        category_label=texts.of("case.category", case.category),
        priority=case.priority,
        priority_label=texts.of("case.priority", case.priority),
        affected=tuple(_affected(reference, texts) for reference in case.transaction_refs[:MAX_AFFECTED]),
        next_step=case.next_step,
        due_at=case.due_at,
        comments=tuple(_comment(comment) for comment in public[-MAX_COMMENTS:]),
        sentences=sentences_of(subject=words.subject, next_step=words.next_step),
        opened_at=case.created_at,
        updated_at=case.updated_at,
    )


def _affected(reference: TransactionRef, texts: Texts) -> AffectedDocument:
    standard = reference.standard or ""
    shown = _STANDARDS.get(standard, standard)
    if reference.editype:
        name = Said(f"{reference.editype} ({shown})" if shown else reference.editype)
    else:
        name = texts.say("affected.unnamed_standard", standard=shown) if shown else texts.say("affected.unnamed")
    return AffectedDocument(
        name=name.text,
        sentences=sentences_of(name=name),
        po_number=reference.po_number,
        shipment_id=reference.shipment_id,
        invoice_number=reference.invoice_number,
        exception=reference.exception,
        problem=reference.exception and texts.of("transaction.exception", reference.exception),
        error_code=reference.error_code if _CODE.fullmatch(reference.error_code or "") else None,
    )


def _comment(comment: Comment) -> IssueComment:
    return IssueComment(author="partner" if comment.author.kind == "partner" else "hub", text=comment.body[:MAX_COMMENT], created_at=comment.created_at)
