"""Rows of the Wix collection ``PartnerStatus``: the overview of each partner."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from gridwix.models.ids import PartnerId
from gridwix.models.portal.rows import ByPeople, Prose, ProseOrNone, RowModel, Sentences, Shrinking


class NextStepKind(StrEnum):
    """Kind of the record from which a partner's next step comes."""

    COMPLIANCE_CHECK = "compliance_check"
    CASE = "case"
    STEP = "step"


class NextStep(RowModel):
    """One task for the partner. ``reference`` is the record it comes from, as ``collection/id``.

    ``due_on`` is a calendar day. ``due_at`` is an instant: its day depends on the reader's time
    zone. A task has at most one of them.
    """

    kind: NextStepKind
    text: Prose
    sentences: Sentences | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    reference: str


class OpenCase(RowModel):
    """An open case of the hub, as the partner sees it in the overview.

    ``next_step`` is written for the partner; no person is named.
    """

    number: str
    subject: Prose
    category: str
    priority: str
    status: str
    next_step: ProseOrNone = None
    sentences: Sentences | None = None
    due_at: datetime | None = None


class DocumentRequest(RowModel):
    """A document that the hub expects from the partner."""

    document_types: tuple[str, ...]
    title: Prose
    due_on: date | None = None
    reference: str


class PartnerStatusRow(RowModel):
    """Status of a partner: the overview at the top of the partner's portal page.

    All values come from Trading Grid and none is the current time, so that an equal state gives an
    equal row.

    ``headline`` is one sentence for the top of the page. ``onboarding_percent`` is None if the
    partner has no enrollment, ``target_go_live`` is None if no enrollment is running. ``next_step``
    repeats the first of ``next_steps`` as plain text, for pages that show one line. ``updated_at``
    is the time of the last change of any record that the row shows. Each ``more_...`` field is the
    number of entries that did not fit into the list; None for none.
    """

    partner_id: PartnerId
    partner_name: Prose
    status: str
    headline: Prose
    onboarding_percent: int | None = None
    target_go_live: date | None = None
    current_steps: Annotated[tuple[str, ...], ByPeople(), Shrinking("more_current_steps")] = ()
    next_step: ProseOrNone = None
    next_steps: Annotated[tuple[NextStep, ...], Shrinking("more_next_steps")] = ()
    document_requests: Annotated[
        tuple[DocumentRequest, ...], Shrinking("more_document_requests")
    ] = ()
    failed_checks: int = 0
    open_cases: int = 0
    # ``open_cases`` counts them all.
    cases: Annotated[tuple[OpenCase, ...], Shrinking("")] = ()
    sentences: Sentences | None = None
    updated_at: datetime
    more_current_steps: int | None = None
    more_next_steps: int | None = None
    more_document_requests: int | None = None
