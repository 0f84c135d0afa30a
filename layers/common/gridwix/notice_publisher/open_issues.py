"""Maps a case and its comments to the case's row on the portal. Pure."""

import re
from collections.abc import Iterable, Sequence, Set

from gridwix.mapping.case_texts import recognize_case_texts
from gridwix.mapping.comments import conversation
from gridwix.mapping.next_actor import current_next_step, next_actor
from gridwix.mapping.statuses import SETTLED_CASE_STATUSES
from gridwix.mapping.texts import PartnerText, Texts, sentences_of
from gridwix.models.portal.open_issues import AffectedDocument, OpenIssueRow, ShownStatusChange
from gridwix.models.trading_grid.cases import Case, StatusChange, TransactionRef
from gridwix.models.trading_grid.comments import Comment

MAX_AFFECTED = 50
"""Maximum number of affected documents in a row."""

MAX_HISTORY = 50
"""Maximum number of changes of the status in a row; the newest are kept."""

# Anything else may be free text, and free text may quote the document.
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_STANDARDS = {"x12": "X12", "edifact": "EDIFACT"}


def open_issue(
    case: Case, comments: Sequence[Comment], texts: Texts, hub_keys: Set[str] = frozenset()
) -> OpenIssueRow | None:
    """Return the portal row of a case; None if the case was deleted.

    Only public comments and public changes of the status are shown; an unknown visibility counts as
    not public. The changes of the status come from the gateway alone: if the gateway returns none,
    the row has none.

    Args:
        case: The case.
        comments: All comments of the case, internal ones included.
        texts: Configured texts and labels.
        hub_keys: Keys of the rules in ``config/case_rules.yaml`` by which the hub (the company that
            runs the network), and not the partner, has to take the next step of a case.
    """
    if case.deleted_at is not None:
        return None
    said, words, next_step = (
        conversation(comments),
        recognize_case_texts(case, texts),
        current_next_step(case, comments, hub_keys),
    )
    changes = public_status_changes(case.status_history or ())
    return OpenIssueRow(
        partner_id=case.partner_id,
        number=case.number,
        subject=case.subject,
        open=case.status not in SETTLED_CASE_STATUSES,
        status=case.status,
        status_label=texts.label("case.status", case.status),
        category=case.category,
        category_label=texts.label("case.category", case.category),
        priority=case.priority,
        priority_label=texts.label("case.priority", case.priority),
        affected=tuple(
            _affected_document(reference, texts)
            for reference in case.transaction_refs[:MAX_AFFECTED]
        ),
        more_affected=max(0, len(case.transaction_refs) - MAX_AFFECTED) or None,
        next_step=next_step,
        waits_for=next_actor(case, comments, hub_keys),
        due_at=case.due_at,
        comments=said.comments,
        earlier_comments=said.earlier,
        history=tuple(
            ShownStatusChange(
                status=change.status,
                status_label=texts.label("case.status", change.status),
                changed_at=change.at,
            )
            for change in changes[-MAX_HISTORY:]
        ),
        earlier_changes=max(0, len(changes) - MAX_HISTORY) or None,
        sentences=sentences_of(
            subject=words.subject, next_step=words.next_step if next_step else None
        ),
        opened_at=case.created_at,
        updated_at=case.updated_at,
    )


def public_status_changes(changes: Iterable[StatusChange]) -> list[StatusChange]:
    """Return the changes of a case's status that may leave Trading Grid, oldest first.

    An unknown visibility counts as not public. Changes at the same time keep their order.

    >>> hidden = StatusChange.model_construct(status="open", at=1, visibility="unheard_of")
    >>> public_status_changes([hidden])
    []
    """
    return sorted(
        (change for change in changes if change.visibility == "public"),
        key=lambda change: change.at,
    )


def _affected_document(reference: TransactionRef, texts: Texts) -> AffectedDocument:
    standard = reference.standard or ""
    shown = _STANDARDS.get(standard, standard)
    if reference.editype:
        name = PartnerText(f"{reference.editype} ({shown})" if shown else reference.editype)
    else:
        name = (
            texts.partner_text("affected.unnamed_standard", standard=shown)
            if shown
            else texts.partner_text("affected.unnamed")
        )
    return AffectedDocument(
        name=name.text,
        sentences=sentences_of(name=name),
        po_number=reference.po_number,
        shipment_id=reference.shipment_id,
        invoice_number=reference.invoice_number,
        exception=reference.exception,
        problem=reference.exception and texts.label("transaction.exception", reference.exception),
        error_code=reference.error_code if _CODE.fullmatch(reference.error_code or "") else None,
    )
