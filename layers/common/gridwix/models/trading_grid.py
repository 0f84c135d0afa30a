"""The community gateway profile's entities, as far as gridwix reads them.

Shapes follow ``docs/community-gateway.openapi.yaml``. Members that are not named here are ignored, people's names (assignee, contacts, comment
authors) among them: what is not read cannot leak. An enum value that this release does not know is kept as the raw string.
"""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gridwix.models.ids import CompanyId, EntityId, PartnerId


class Payload(BaseModel):
    """A vendor's payload: frozen, camelCase on the wire, unknown members ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Entity(Payload):
    """What every entity of the profile carries. ``version`` starts at 1 and grows by 1 with each change."""

    id: EntityId
    company_id: CompanyId
    version: int = Field(ge=1)
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


class TransactionType(Payload):
    code: str
    standard: str
    direction: str
    state: str


class Partner(Entity):
    """A trading partner (spoke) of the hub. ``status``: invited, onboarding, active, suspended, terminated."""

    name: str
    country: str | None = None
    role: str
    status: str
    transaction_types: tuple[TransactionType, ...] = ()

    @property
    def partner_id(self) -> PartnerId:
        return PartnerId(self.id)


class StepDefinition(Payload):
    """One step of a program. ``owner``: partner, hub, joint. ``kind``: form, document, check, test, approval, info."""

    key: str
    title: str
    phase: str
    owner: str
    kind: str
    waits_on: tuple[str, ...] = ()
    required_document_types: tuple[str, ...] = ()
    due_in_days: int | None = None


class OnboardingProgram(Entity):
    key: str
    name: str
    status: str
    steps: tuple[StepDefinition, ...] = ()


class StepInstance(Payload):
    """A step as one partner meets it. ``status``: locked, available, in_progress, submitted, changes_requested, completed, waived."""

    key: str
    status: str
    title: str | None = None
    owner: str | None = None
    kind: str | None = None
    required_document_types: tuple[str, ...] = ()
    waits_on: tuple[str, ...] = ()
    due_on: date | None = None
    note: str | None = None


class Enrollment(Entity):
    """A partner's way through a program. ``status``: invited, in_progress, on_hold, completed, withdrawn, rejected, expired."""

    partner_id: PartnerId
    program_id: EntityId
    program_version: int
    status: str
    percent_complete: int = Field(ge=0, le=100)
    current_step_keys: tuple[str, ...] = ()
    target_go_live: date | None = None
    steps: tuple[StepInstance, ...] = ()


class ComplianceCheck(Entity):
    """A rule's verdict on a partner. ``status``: not_started, pending, passed, failed, waived, expired. ``valid_until`` is the source's, never computed."""

    partner_id: PartnerId
    enrollment_id: EntityId | None = None
    rule_key: str
    title: str
    category: str
    status: str
    severity: str | None = None
    due_on: date | None = None
    valid_until: date | None = None
    required_document_type: str | None = None
    case_id: EntityId | None = None
    next_action: str | None = None


class Case(Entity):
    """An open issue. ``status``: new, open, awaiting_partner, awaiting_internal, resolved, closed, cancelled. ``next_step`` is written for the partner."""

    partner_id: PartnerId
    number: str
    subject: str
    category: str
    priority: str
    status: str
    due_at: datetime | None = None
    next_step: str | None = None


class CloudEvent(Payload):
    """An event of the feed or a webhook: CloudEvents 1.0 JSON with the profile's extension attributes (lowercase, as CloudEvents asks)."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=None)

    specversion: str
    id: str = Field(min_length=1, max_length=200)
    source: str
    type: str = Field(min_length=1, max_length=200)
    subject: str = Field(min_length=1, max_length=300)
    time: datetime
    sequence: str | None = None
    companyid: str
    partnerid: str | None = None
    data: dict[str, Any]


class EventPage(Payload):
    """One page of the event feed. ``next_cursor`` is the place to read on from, also when ``has_more`` is false."""

    items: tuple[dict[str, Any], ...]
    next_cursor: str
    has_more: bool
