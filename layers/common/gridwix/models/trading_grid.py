"""The community gateway profile's entities, as far as gridwix reads them.

Shapes follow ``docs/community-gateway.openapi.yaml``. Members that are not named here are ignored, people's names (assignee, contacts, comment
authors) among them: what is not read cannot leak. An enum value that this release does not know is kept as the raw string.
"""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gridwix.models.ids import CompanyId, EntityId, PartnerId

FIRST_YEAR, LAST_YEAR = 1900, 9998
"""Years of a moment. At the ends of the calendar it could not be told in every time zone."""

LAST_RECORDED_YEAR = 2200
"""Last year in which a record can have been updated. Versions are made from that time, and one that lies millennia ahead could never be followed."""


def _tellable(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("the year is out of range")
    return moment


def _recorded(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_RECORDED_YEAR:
        raise ValueError("the year is out of range")
    return moment


MAX_ID = 200
"""Characters of an id: it becomes part of addresses, keys and events."""

MAX_VERSION = 2**53
"""Greatest version: what every JSON reader still tells apart, and DynamoDB stores (RFC 8259, section 6)."""

Moment = Annotated[AwareDatetime, AfterValidator(_tellable)]
"""An instant: a date-time with its offset (RFC 3339)."""

PastMoment = Annotated[AwareDatetime, AfterValidator(_recorded)]
"""An instant at which something was recorded."""


class Payload(BaseModel):
    """A vendor's payload: frozen, camelCase on the wire, unknown members ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Entity(Payload):
    """What every entity of the profile carries. ``version`` starts at 1 and grows by 1 with each change."""

    id: EntityId = Field(min_length=1, max_length=MAX_ID)
    company_id: CompanyId
    version: int = Field(ge=1, le=MAX_VERSION)
    created_at: Moment
    updated_at: PastMoment
    deleted_at: Moment | None = None

    COLLECTION: ClassVar[str]

    @property
    def record(self) -> str:
        """The record's name in subjects of events and in version vectors: ``collection/id``."""
        return f"{self.COLLECTION}/{self.id}"


class TransactionType(Payload):
    code: str
    standard: str
    direction: str
    state: str


class Partner(Entity):
    """A trading partner (spoke) of the hub. ``status``: invited, onboarding, active, suspended, terminated."""

    COLLECTION = "partners"

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
    form_key: str | None = None
    due_in_days: int | None = None
    locale: tuple[str, ...] = ()


class OnboardingProgram(Entity):
    """``status``: draft, published, retired."""

    COLLECTION = "onboarding-programs"

    key: str
    name: str
    status: str
    instructions_html: str | None = None
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
    phase: str | None = None
    due_on: date | None = None
    note: str | None = None


class Enrollment(Entity):
    """A partner's way through a program. ``status``: invited, in_progress, on_hold, completed, withdrawn, rejected, expired."""

    COLLECTION = "enrollments"

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

    COLLECTION = "compliance-checks"

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


class TransactionRef(Payload):
    """A transaction that a case is about. ``exception`` says what is wrong with it, ``over`` if nothing is any more.

    ``message`` is the vendor's text and may quote the document: it stays in Trading Grid.
    """

    lens_transaction_id: str | None = None
    correlation_id: str | None = None
    exception: str | None = None
    editype: str | None = None
    standard: str | None = None
    direction: str | None = None
    po_number: str | None = None
    shipment_id: str | None = None
    invoice_number: str | None = None
    error_code: str | None = None
    message: str | None = Field(default=None, repr=False)
    fa_status: str | None = None


class RoutedBy(Payload):
    """The rule that decided about a case."""

    rule_key: str


class Team(Payload):
    """A team of the hub."""

    key: str


class Case(Entity):
    """An open issue. ``status``: new, open, awaiting_partner, awaiting_internal, resolved, closed, cancelled. ``next_step`` is written for the partner;
    ``next_step_owner`` says who takes it (partner, hub), None from a gateway that does not know."""

    COLLECTION = "cases"

    partner_id: PartnerId
    number: str
    subject: str
    category: str
    priority: str
    status: str
    due_at: Moment | None = None
    next_step: str | None = None
    next_step_owner: str | None = None
    routed_by: RoutedBy | None = None
    transaction_refs: tuple[TransactionRef, ...] = ()


class NewCase(Payload):
    """A case that is to be opened."""

    partner_id: PartnerId
    subject: str = Field(min_length=1, max_length=300)
    category: str
    priority: str
    next_step: str | None = Field(default=None, max_length=1000)
    due_at: Moment | None = None
    routed_by: RoutedBy | None = None
    assignee_team: Team | None = None
    transaction_refs: tuple[TransactionRef, ...] = ()


class ClaimedIdentifier(Payload):
    """By what a submitter says who it is. ``scheme``: gln, duns, trading_address."""

    scheme: str
    value: str


class Submitter(Payload):
    """Who sent a request, as they say themselves."""

    name: str = ""
    email: str = ""
    company: str = ""
    claimed_identifiers: tuple[ClaimedIdentifier, ...] = ()


class RequestRouting(Payload):
    """Which team has a request, and by which rule. ``reason`` is for people."""

    team_key: str
    rule_key: str
    reason: str = ""


class RequestAttachment(Payload):
    """A file of a request, by the upload that brought it."""

    upload_id: str
    file_name: str


class NewRequest(Payload):
    """A collaboration request that is to be made. ``partner_id`` None: somebody has to find out whose it is; ``partner_match`` says what told (member, or a
    claimed identifier's scheme). ``answers`` hold decimals as texts."""

    type: str
    partner_id: PartnerId | None = None
    partner_match: str = ""
    submitter: Submitter
    form_key: str
    form_version: int
    answers: dict[str, Any]
    attachments: tuple[RequestAttachment, ...] = ()
    routing: RequestRouting
    priority: str
    due_at: Moment | None = None
    source_submission_id: str


class CollaborationRequest(Entity):
    """What became of a submission in Trading Grid. ``status``: received, triaged, in_progress, waiting_on_partner, completed, rejected, duplicate. Nothing of
    the submitter and of the answers is read."""

    COLLECTION = "collaboration-requests"

    number: str
    type: str
    form_key: str = ""
    partner_id: PartnerId | None = None
    status: str
    routing: RequestRouting | None = None
    due_at: Moment | None = None
    next_step: str | None = None
    source_submission_id: str | None = None


class CommentAuthor(Payload):
    """Which side wrote: partner, internal, system. The name is not read."""

    kind: str


class Comment(Payload):
    """A comment on a case or a collaboration request. ``visibility``: public, internal; only a public one may leave Trading Grid."""

    id: EntityId
    author: CommentAuthor
    visibility: str
    body: str
    created_at: Moment


class NewComment(Payload):
    """A comment that is to be added to a case or a collaboration request."""

    body: str = Field(min_length=1, max_length=10_000, repr=False)
    visibility: str = "public"
    author_kind: str = "partner"
    author_name: str = Field(default="", max_length=200, repr=False)
    source: str = "portal"


class StepEvidence(Payload):
    """What shows that a step was done. ``kind``: document, formSubmission, transaction. ``answers`` are a form's."""

    kind: str
    id: str
    answers: dict[str, Any] = Field(default_factory=dict, repr=False)


class Transition(Payload):
    """A record is to go to another status."""

    to: str
    reason: str | None = Field(default=None, max_length=1000, repr=False)
    evidence: tuple[StepEvidence, ...] | None = None


class Audience(Payload):
    """Whom a notice is for: ``all``, or whoever one of the lists names; nobody if it says nothing."""

    all: bool = False
    partner_ids: tuple[PartnerId, ...] = ()
    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


class AffectedComponent(Payload):
    """``state``: operational, degraded, partial_outage, major_outage, under_maintenance."""

    key: str
    name: str
    state: str


class AffectedTransactionType(Payload):
    code: str
    standard: str
    direction: str | None = None


class NoticeUpdate(Payload):
    """An entry of a notice's timeline. ``body_html`` is not to be trusted."""

    id: str
    at: Moment
    status: str
    body_html: str


class ServiceNotice(Entity):
    """An announcement of the hub. ``kind``: incident, maintenance, advisory. ``scheduled_until`` is when it is expected to be over."""

    COLLECTION = "service-notices"

    kind: str
    title: str
    impact: str
    status: str
    starts_at: Moment
    ends_at: Moment | None = None
    scheduled_for: Moment | None = None
    scheduled_until: Moment | None = None
    audience: Audience
    affected_components: tuple[AffectedComponent, ...] = ()
    affected_transaction_types: tuple[AffectedTransactionType, ...] = ()
    updates: tuple[NoticeUpdate, ...] = ()
    workaround: str | None = None


class CloudEvent(Payload):
    """An event of the feed or a webhook: CloudEvents 1.0 JSON with the profile's extension attributes (lowercase, as CloudEvents asks)."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=None)

    specversion: str
    id: str = Field(min_length=1, max_length=200)
    source: str
    type: str = Field(min_length=1, max_length=200)
    subject: str = Field(min_length=1, max_length=300)
    time: Moment
    sequence: str | None = None
    companyid: str
    partnerid: str | None = None
    data: dict[str, Any]


class EventPage(Payload):
    """One page of the event feed. ``next_cursor`` is the place to read on from, also when ``has_more`` is false. An item may be anything: each is read by
    itself."""

    items: tuple[Any, ...]
    next_cursor: str
    has_more: bool
