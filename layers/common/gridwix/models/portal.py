"""The rows of the portal, as Wix stores them."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from gridwix.models.ids import CollectionId, PartnerId
from gridwix.models.texts import Sentence

PARTNER_STATUS = CollectionId("PartnerStatus")
"""The collection with one row per partner. Its definition is ``portal/collections/PartnerStatus.json``."""

PARTNER_REQUESTS = CollectionId("PartnerRequests")
"""The collection with one row per submission of the request forms, by the submission's id."""

PARTNER_LINKS = CollectionId("PartnerLinks")
"""The collection that says for which partners a member acts. gridwix reads it."""

PARTNER_MESSAGES = CollectionId("PartnerMessages")
"""The collection with one row per message to a partner, by the dispatch's id."""

ONBOARDING_STEPS = CollectionId("OnboardingSteps")
"""The collection with one row per program, step and locale: what the step is, for everybody. Its rows have two writers, see ``gridwix.publication.merge``."""

ONBOARDING_PROGRESS = CollectionId("OnboardingProgress")
"""The collection with one row per enrollment: how far a partner has come."""

OPEN_ISSUES = CollectionId("OpenIssues")
"""The collection with one row per case."""

SERVICE_NOTICES = CollectionId("ServiceNotices")
"""The collection with one row per service notice."""

PORTAL_FRESHNESS = CollectionId("PortalFreshness")
"""The collection whose one row says until when Trading Grid was asked what has changed. The portal's backend tells by it what is stale."""


PARTNER_DOCUMENTS = CollectionId("PartnerDocuments")
"""The collection with one row per document that some partner may see."""


type Sentences = Mapping[str, Sentence]
"""By a text field of the row or of the entry it is in: what gridwix says in it, for other languages. A field that is not named was written by people."""


class RowModel(BaseModel):
    """Frozen, closed, camelCase in the collection. Texts are in the default language."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


def fields(row: type[RowModel]) -> frozenset[str]:
    """The fields of a row, as the collection has them."""
    return frozenset(field.alias or name for name, field in row.model_fields.items())


class NextStepKind(StrEnum):
    """Why a partner has something to do."""

    COMPLIANCE_CHECK = "compliance_check"
    CASE = "case"
    STEP = "step"


class NextStep(RowModel):
    """One thing that the partner should do. ``reference`` is the record it comes from, as ``collection/id``."""

    kind: NextStepKind
    text: str
    sentences: Sentences | None = None
    due_on: date | None = None
    reference: str


class OpenCase(RowModel):
    """An open issue, as the partner sees it. ``next_step`` is written for the partner; no person is named."""

    number: str
    subject: str
    category: str
    priority: str
    status: str
    next_step: str | None = None
    sentences: Sentences | None = None
    due_at: datetime | None = None


class DocumentRequest(RowModel):
    """A document that the hub waits for."""

    document_types: tuple[str, ...]
    title: str
    due_on: date | None = None
    reference: str


class PartnerStatusRow(RowModel):
    """What a partner sees of its own standing. Every value comes from Trading Grid, none from a clock: equal state gives an equal row.

    ``headline`` is one sentence for the top of the page. ``onboarding_percent`` is None for a partner without an enrollment. ``next_step`` repeats the first of
    ``next_steps`` as plain text, for pages that show one line. ``updated_at`` is when the newest of the records that it shows last changed. ``more_...`` is how
    many entries a list has no room for; None for none.
    """

    partner_id: PartnerId
    partner_name: str
    status: str
    headline: str
    onboarding_percent: int | None = None
    current_steps: tuple[str, ...] = ()
    next_step: str | None = None
    next_steps: tuple[NextStep, ...] = ()
    document_requests: tuple[DocumentRequest, ...] = ()
    failed_checks: int = 0
    open_cases: int = 0
    cases: tuple[OpenCase, ...] = ()
    sentences: Sentences | None = None
    updated_at: datetime
    more_current_steps: int | None = None
    more_next_steps: int | None = None
    more_document_requests: int | None = None


class AffectedDocument(RowModel):
    """A business document that an issue is about, by the numbers that both sides know it by. ``name`` is such as ``856 (X12)``, ``problem`` such as
    ``Rejected``, which is the label of ``exception``."""

    name: str
    sentences: Sentences | None = None
    po_number: str | None = None
    shipment_id: str | None = None
    invoice_number: str | None = None
    exception: str | None = None
    problem: str | None = None
    error_code: str | None = None


class ShownComment(RowModel):
    """A public comment. ``author`` says which side wrote, never who: partner or hub. ``text`` is plain text; ``shortened`` if its end is missing."""

    author: str
    text: str
    created_at: datetime
    shortened: bool | None = None


class OpenIssueRow(RowModel):
    """A case as its partner sees it; a closed one stays as history, with ``open`` false. ``status`` is Trading Grid's, ``status_label`` is for people.
    ``waits_for``: partner, hub or nobody. ``more_affected`` and ``earlier_comments`` is how many the row has no room for; None for none."""

    partner_id: PartnerId
    number: str
    subject: str
    open: bool
    status: str
    status_label: str
    category: str
    category_label: str
    priority: str
    priority_label: str
    affected: tuple[AffectedDocument, ...] = ()
    more_affected: int | None = None
    next_step: str | None = None
    waits_for: str
    due_at: datetime | None = None
    comments: tuple[ShownComment, ...] = ()
    earlier_comments: int | None = None
    sentences: Sentences | None = None
    opened_at: datetime
    updated_at: datetime


class NoticeComponent(RowModel):
    name: str
    state: str
    state_label: str


class NoticeEntry(RowModel):
    """An entry of a notice's timeline. ``html`` holds only elements and attributes of the allow-list in ``gridwix.mapping.html``; ``shortened`` if its end is
    missing."""

    at: datetime
    status: str
    status_label: str
    html: str
    shortened: bool | None = None


class ServiceNoticeRow(RowModel):
    """A notice as its audience sees it. ``active`` puts it on the banner; one that is over stays in the history.

    ``for_everybody`` or ``partner_ids`` say who may see it. The ids are worked out here, from Trading Grid's partners: the portal only looks one up.
    ``earlier_entries`` is how many of the timeline the row has no room for; None for none.
    """

    kind: str
    kind_label: str
    title: str
    active: bool
    status: str
    status_label: str
    impact: str
    impact_label: str
    starts_at: datetime
    ends_at: datetime | None = None
    scheduled_for: datetime | None = None
    expected_until: datetime | None = None
    components: tuple[NoticeComponent, ...] = ()
    transaction_types: tuple[str, ...] = ()
    entries: tuple[NoticeEntry, ...] = ()
    earlier_entries: int | None = None
    workaround: str | None = None
    for_everybody: bool
    partner_ids: tuple[PartnerId, ...] = ()
    updated_at: datetime


class OnboardingStepRow(RowModel):
    """A step of a program in one language, as the program has it now. ``retired``: the program has it no longer, but somebody may still be at it.
    ``program_id`` is what the rows of OnboardingProgress name the program by.

    ``instructions`` is cleaned HTML; it is the portal's own as soon as somebody has edited it there.
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
    """A step as one partner meets it, in the version of the program that the partner is enrolled in. ``note`` is written for the partner."""

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
    """A partner's way through a program. ``active``: something is still to be done; a withdrawn, rejected, expired or completed enrollment stays as history.
    ``more_steps`` is how many steps the row has no room for; None for none."""

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


class PartnerRequestRow(RowModel):
    """What became of something that a partner has sent. ``reference`` is known at once, ``number`` once Trading Grid has it. Whoever sent it, if logged in, is
    ``member_id``; nothing of what the form asked is here. ``team`` is the team's name. ``kind``: request, request_comment, case_comment, case_resolution,
    step_submission; ``record`` (``collection/id``) is the request, or what a follow-up is about. ``message`` says why something could not be done.

    ``comments`` are the public ones of a request, ``earlier_comments`` how many older ones the row has no room for (None for none). ``answerable`` is there
    while a request waits for the partner: whether the gateway takes an answer.
    """

    partner_id: PartnerId | None = None
    member_id: str | None = None
    kind: str
    record: str | None = None
    reference: str
    number: str | None = None
    title: str
    status: str
    status_label: str
    open: bool
    team: str | None = None
    due_at: datetime | None = None
    next_step: str | None = None
    comments: tuple[ShownComment, ...] | None = None
    earlier_comments: int | None = None
    answerable: bool | None = None
    message: str | None = None
    sentences: Sentences | None = None
    submitted_at: datetime | None = None


class FormerVersion(RowModel):
    """A version of a document that another one has followed. Its bytes are no longer on the portal."""

    version: int
    file_name: str
    change_note: str = ""
    published_at: datetime | None = None


class ReviewedVersion(RowModel):
    """What a partner has sent for a document, and what became of it. ``status``: in_review, rejected, infected. ``comment`` was written for the partner."""

    version: int
    file_name: str = ""
    status: str
    status_label: str
    comment: str = ""
    at: datetime | None = None


class PartnerDocumentRow(RowModel):
    """A document as those see it who may. ``for_everybody`` or ``partner_ids`` say who may; ``partner_id`` is "" for one of the shared library.

    ``version`` is the version that can be opened, by ``file_id`` ("": none can be); of a ``restricted`` document, whose bytes never leave Trading Grid, the
    current one. ``problem`` says why a newer version is not shown: both sides have changed it (``conflict``), or its file could not be taken over.
    ``earlier_versions`` is how many former versions ``history`` has no room for; None for none.
    """

    partner_id: str
    for_everybody: bool
    partner_ids: tuple[PartnerId, ...] = ()
    title: str
    type: str
    category: str
    category_label: str
    status: str
    status_label: str
    restricted: bool
    version: int
    file_id: str = ""
    file_name: str = ""
    media_type: str = ""
    size_bytes: int | None = None
    private: bool
    change_note: str = ""
    effective_from: date | None = None
    expires_on: date | None = None
    published_at: datetime | None = None
    history: tuple[FormerVersion, ...] = ()
    earlier_versions: int | None = None
    review: ReviewedVersion | None = None
    conflict: bool = False
    problem: str = ""
    sentences: Sentences | None = None
    updated_at: datetime


class MessageWords(RowModel):
    """A message in one language. ``body`` is HTML that holds only what the allow-list in ``gridwix.mapping.html`` lets through."""

    title: str
    body: str


class PartnerMessageRow(RowModel):
    """What was said to a partner, for its members of these roles (all of them without ``roles``). ``locale`` is the partner's; ``record`` (``collection/id``)
    is what it is about."""

    partner_id: PartnerId
    roles: tuple[str, ...] = ()
    campaign: str
    texts: dict[str, MessageWords]
    locale: str
    kind: str
    importance: str
    record: str
    sent_at: datetime
