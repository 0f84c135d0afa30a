"""Rows of OnboardingSteps and OnboardingProgress."""

from datetime import date, datetime

from gridwix.models.ids import PartnerId
from gridwix.models.portal.rows import RowModel


class OnboardingStepRow(RowModel):
    """A step of a program in one language, as the program has it now.

    ``retired``: the program no longer has the step, but a partner may still be at it.
    ``program_id`` joins with the rows of OnboardingProgress. ``instructions`` is sanitized HTML;
    once an editor changes it on the portal, the portal owns it.
    """

    program_id: str
    program_key: str
    program_name: str
    program_version: int
    step_key: str
    locale: str
    position: int
    title: str
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
    instructions: str | None = None
    retired: bool = False


class ProgressStep(RowModel):
    """A step of one partner, in the version of the program that the partner is enrolled in.
    ``note`` is written for the partner.
    """

    key: str
    title: str
    status: str
    status_label: str
    owner: str
    owner_label: str
    kind: str
    waits_on: tuple[str, ...] = ()
    required_document_types: tuple[str, ...] = ()
    due_on: date | None = None
    note: str | None = None


class OnboardingProgressRow(RowModel):
    """A partner's run through a program.

    ``active``: something is still to do. A withdrawn, rejected, expired or completed enrollment
    stays as history. ``more_steps`` counts the steps that did not fit into the row; None for none.
    """

    partner_id: PartnerId
    program_id: str
    program_version: int
    status: str
    status_label: str
    active: bool
    percent_complete: int
    target_go_live: date | None = None
    steps: tuple[ProgressStep, ...] = ()
    more_steps: int | None = None
    updated_at: datetime
