"""Rows of the Wix collections ``OnboardingSteps`` and ``OnboardingProgress``."""

from datetime import date, datetime
from typing import Annotated, ClassVar

from gridwix.models.ids import PartnerId
from gridwix.models.portal.rows import (
    MAX_ROW_BYTES,
    ByPeople,
    Prose,
    ProseOrNone,
    RowModel,
    Shrinking,
)


class OnboardingStepRow(RowModel):
    """A step of an onboarding program in one language, in the program's current version.

    ``retired``: the program no longer has the step, but partners that enrolled earlier may still
    have to do it. ``program_id`` joins with the rows of OnboardingProgress. ``instructions`` is
    sanitized HTML; once an editor changes it on the portal, gridwix does not overwrite it.
    """

    program_id: str
    program_key: str
    program_name: Prose
    program_version: int
    step_key: str
    locale: str
    position: int
    title: Prose
    phase: str
    phase_label: str
    owner: str
    owner_label: str
    kind: str
    kind_label: str
    waits_on: tuple[str, ...] = ()
    required_document_types: tuple[str, ...] = ()
    form_key: str | None = None
    due_in_days: int | None = None
    instructions: Annotated[str | None, ByPeople(is_html=True)] = None
    retired: bool = False

    # Wix's item holds up to four copies of each value: the field, the merge base, and a conflict.
    max_bytes: ClassVar[int] = MAX_ROW_BYTES // 4


class ProgressStep(RowModel):
    """A partner's step in the program version in which the partner is enrolled, with its status.

    ``note`` is written for the partner.
    """

    key: str
    title: Prose
    status: str
    status_label: str
    owner: str
    owner_label: str
    kind: str
    waits_on: tuple[str, ...] = ()
    required_document_types: tuple[str, ...] = ()
    due_on: date | None = None
    note: ProseOrNone = None


class OnboardingProgressRow(RowModel):
    """A partner's run through an onboarding program, with the progress of its steps.

    ``active``: something is still to do. The row of a withdrawn, rejected, expired or completed
    enrollment stays on the portal as history. ``more_steps`` counts the steps that did not fit into
    the row; None for none.
    """

    partner_id: PartnerId
    program_id: str
    program_version: int
    status: str
    status_label: str
    active: bool
    percent_complete: int
    target_go_live: date | None = None
    steps: Annotated[tuple[ProgressStep, ...], Shrinking("more_steps")] = ()
    more_steps: int | None = None
    updated_at: datetime
