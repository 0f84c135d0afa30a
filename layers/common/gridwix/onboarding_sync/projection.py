"""Maps an onboarding program to its step rows, and an enrollment to its progress row. Pure."""

from collections.abc import Sequence

from gridwix.mapping.html import sanitize_html
from gridwix.mapping.labels import Labels
from gridwix.mapping.step_actions import is_running, step_owner
from gridwix.models.portal.onboarding import OnboardingProgressRow, OnboardingStepRow, ProgressStep
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram

DEFAULT_LOCALE = "en"
"""Locale of a step that names none."""

MAX_STEPS = 200
"""Maximum number of steps of a program, and of steps in an enrollment's row."""


def step_key(row: OnboardingStepRow) -> str:
    """Return the natural key of a step's row, made of program, step and locale."""
    return f"{row.program_key}.{row.step_key}.{row.locale}"


def step_rows(program: OnboardingProgram, labels: Labels) -> Sequence[OnboardingStepRow]:
    """Return the portal rows of a program: one for each step and locale; none for a draft.

    The rows of a retired or deleted program have ``retired`` set. Of steps with one key, and of
    equal locales of a step, the first counts.
    """
    if program.status == "draft":
        return ()
    retired = program.status == "retired" or program.deleted_at is not None
    instructions = (
        None if program.instructions_html is None else sanitize_html(program.instructions_html)
    )
    rows = [
        OnboardingStepRow(
            program_id=program.id,
            program_key=program.key,
            program_name=program.name,
            program_version=program.version,
            step_key=step.key,
            locale=locale,
            position=position,
            title=step.title,
            phase=step.phase,
            phase_label=labels.label("step.phase", step.phase, _language_code(locale)),
            owner=step.owner,
            owner_label=labels.label("step.owner", step.owner, _language_code(locale)),
            kind=step.kind,
            kind_label=labels.label("step.kind", step.kind, _language_code(locale)),
            waits_on=step.waits_on,
            required_document_types=step.required_document_types,
            form_key=step.form_key,
            due_in_days=step.due_in_days,
            instructions=instructions,
            retired=retired,
        )
        for position, step in enumerate(program.steps[:MAX_STEPS], start=1)
        for locale in step.locale or (DEFAULT_LOCALE,)
    ]
    return list({step_key(row): row for row in reversed(rows)}.values())[::-1]


def _language_code(locale: str) -> str:
    # Labels are configured by language, and locales carry a region (``de-AT``).
    return locale[:2].lower()


def progress_row(enrollment: Enrollment, labels: Labels) -> OnboardingProgressRow | None:
    """Return the portal row of an enrollment; None if the enrollment was deleted.

    The row has the steps of the enrollment itself. These are the steps of the program version in
    which the partner is enrolled, until the enrollment is migrated to a newer version.
    """
    if enrollment.deleted_at is not None:
        return None
    return OnboardingProgressRow(
        partner_id=enrollment.partner_id,
        program_id=enrollment.program_id,
        program_version=enrollment.program_version,
        status=enrollment.status,
        status_label=labels.label("enrollment.status", enrollment.status),
        active=is_running(enrollment),
        percent_complete=enrollment.percent_complete,
        target_go_live=enrollment.target_go_live,
        steps=tuple(
            ProgressStep(
                key=step.key,
                title=step.title or step.key,
                status=step.status,
                status_label=labels.label("step.status", step.status),
                owner=step_owner(step),
                owner_label=labels.label("step.owner", step_owner(step)),
                kind=step.kind or "info",
                waits_on=step.waits_on,
                required_document_types=step.required_document_types,
                due_on=step.due_on,
                note=step.note,
            )
            for step in enrollment.steps[:MAX_STEPS]
        ),
        more_steps=max(0, len(enrollment.steps) - MAX_STEPS) or None,
        updated_at=enrollment.updated_at,
    )
