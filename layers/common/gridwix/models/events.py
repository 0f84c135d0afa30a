"""The bus contract: what functions tell each other over EventBridge.

The bus carries *that* something changed, never the content: a consumer reads the current record from its source. So no personal data rests in
queues, archives or dead-letter queues, and an old event cannot carry an old state to the portal. ``docs/events/`` holds the JSON Schema.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gridwix.models.ids import CompanyId, PartnerId

TRADING_GRID_SOURCE = "gridwix.trading_grid"
"""``Source`` of every bus event that tells of Trading Grid."""

RESYNC_REQUESTED = "partner.resync_requested"
"""``DetailType`` of the event by which gridwix itself asks for something of a partner's to be read and projected anew: all of it if the subject is the partner,
else the record that the subject names."""

HUB_RESYNC_REQUESTED = "hub.resync_requested"
"""``DetailType`` of the event by which gridwix itself asks for records that belong to no partner (service notices, onboarding programs) to be read and
projected anew: all of them if the subject is ``EVERYTHING``, else the one that it names."""

EVERYTHING = "hub/all"

TRANSACTION_EXCEPTION = "transaction.exception"
"""``DetailType`` of the event that says that something has gone wrong with a transaction, or something else than before, or nothing any more. Its subject is
``transactions/`` and the correlation id; ``status`` says what (see ``gridwix.models.transactions.ExceptionKind``), with ``over`` for nothing."""

POLL_REQUESTED = "feed.poll_requested"
"""``DetailType`` of the event by which an unsigned webhook (a doorbell) asks for the feed to be read now."""


class BusModel(BaseModel):
    """Frozen, closed, camelCase on the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class StatusChange(BusModel):
    """The status before and after, so that a rule can fire on a transition. Raw values: an unknown one passes through."""

    before: str | None = None
    after: str | None = None


class Change(BusModel):
    """One record of Trading Grid has changed. ``DetailType`` of the envelope repeats ``type``.

    ``subject`` is the CloudEvents subject, such as ``compliance-checks/chk_1`` or ``enrollments/enr_1/steps/edi_testing``; its first two segments name
    the record, and ``version`` is that record's version. ``version`` is None where the sender did not say.
    """

    contract: Literal[1] = 1
    event_id: str = Field(min_length=1, max_length=200)
    type: str = Field(min_length=1, max_length=200)
    subject: str = Field(pattern=r"^[^/]+/[^/]+(/.*)?$", max_length=300)
    occurred_at: datetime
    company_id: CompanyId
    partner_id: PartnerId | None = None
    version: int | None = Field(default=None, ge=1)
    changed: tuple[str, ...] = ()
    status: StatusChange = StatusChange()
    sequence: str | None = None
    via: Literal["webhook", "feed", "resync", "poll"]

    @property
    def record(self) -> str:
        """The record that changed, as ``collection/id``: the key of the version vector."""
        return "/".join(self.subject.split("/", 2)[:2])

    @property
    def resync_partner_id(self) -> PartnerId | None:
        """The partner of whom everything is to be read anew; None if the change is no such wish."""
        return self.partner_id if self.type == RESYNC_REQUESTED and self.record == f"partners/{self.partner_id}" else None

    @property
    def is_record_resync(self) -> bool:
        """Whether its record is to be read anew, whatever is known of it."""
        return self.type in (RESYNC_REQUESTED, HUB_RESYNC_REQUESTED)

    @property
    def is_hub_resync(self) -> bool:
        """Whether everything that belongs to no partner is to be read anew."""
        return self.type == HUB_RESYNC_REQUESTED and self.record == EVERYTHING


WIX_SOURCE = "gridwix.wix"
"""``Source`` of every bus event that tells of the portal."""

FORM_SUBMITTED = "form.submitted"
"""``DetailType`` of the event that says that something was sent from the portal and is in the inbox. Its subject is ``submissions/`` and its id."""


class PortalEvent(BusModel):
    """Something has happened on the portal. ``subject`` names it as ``kind/id``, or ``items/collection/id`` for an item of a collection."""

    contract: Literal[1] = 1
    event_id: str = Field(min_length=1, max_length=200)
    type: str = Field(min_length=1, max_length=200)
    subject: str = Field(pattern=r"^[^/]+/[^/]+(/.*)?$", max_length=300)
    occurred_at: datetime


class PollRequest(BusModel):
    """Somebody rang: read the feed now. It carries nothing of the request, for an unsigned body is not to be believed."""

    contract: Literal[1] = 1
    requested_at: datetime
