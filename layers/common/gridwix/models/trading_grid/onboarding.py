"""Onboarding programs and enrollments of the community gateway profile."""

from datetime import date
from math import floor, isfinite
from typing import Annotated

from pydantic import BeforeValidator, Field

from gridwix.models.ids import EntityId, PartnerId
from gridwix.models.trading_grid.entities import Entity, Payload


def _round_half_up(value: object) -> object:
    # Anything that is no fraction is for the model to judge, NaN and Infinity as well.
    if isinstance(value, float) and isfinite(value):
        return floor(value + 0.5)
    return value


Percentage = Annotated[int, Field(ge=0, le=100), BeforeValidator(_round_half_up)]
"""A percentage for show: a fraction is rounded to the nearest integer."""


class StepDefinition(Payload):
    """Definition of one step of an onboarding program.

    ``owner``: partner, hub, joint. ``kind``: form, document, check, test, approval, info.
    """

    key: str
    title: str
    phase: str
    owner: str
    kind: str
    waits_on: tuple[str, ...] = ()
    required_document_types: tuple[str, ...] = ()
    form_key: str | None = None
    due_in_days: int | None = None
    locale: tuple[str, ...] = ()


class OnboardingProgram(Entity):
    """An onboarding program with its steps. ``status``: draft, published, retired."""

    COLLECTION = "onboarding-programs"

    key: str
    name: str
    status: str
    instructions_html: str | None = None
    steps: tuple[StepDefinition, ...] = ()


class StepInstance(Payload):
    """A step of one partner's enrollment, with its status.

    ``status``: locked, available, in_progress, submitted, changes_requested, completed, waived.
    """

    key: str
    status: str
    title: str | None = None
    owner: str | None = None
    kind: str | None = None
    required_document_types: tuple[str, ...] = ()
    waits_on: tuple[str, ...] = ()
    phase: str | None = None
    due_on: date | None = None
    note: str | None = None


class Enrollment(Entity):
    """A partner's run through an onboarding program.

    ``status``: invited, in_progress, on_hold, completed, withdrawn, rejected, expired.
    """

    COLLECTION = "enrollments"

    partner_id: PartnerId
    program_id: EntityId
    program_version: int
    status: str
    percent_complete: Percentage
    current_step_keys: tuple[str, ...] = ()
    target_go_live: date | None = None
    steps: tuple[StepInstance, ...] = ()
