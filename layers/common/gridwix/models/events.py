"""The bus contract: the events that functions exchange over EventBridge.

An event says *that* something changed and never carries content: a consumer reads the current
record from its source. So no personal data is stored in queues, archives or dead-letter queues, and
an old event cannot bring an old state to the portal. ``docs/events/`` holds the JSON Schemas.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gridwix.models.ids import CompanyId, PartnerId

TRADING_GRID_SOURCE = "gridwix.trading_grid"
"""``Source`` of every bus event about Trading Grid."""

RESYNC_REQUESTED = "partner.resync_requested"
"""``DetailType`` of a resync request: re-read records of a partner and republish their rows. It
covers all records if the subject is the partner, else the record that the subject names.
"""

HUB_RESYNC_REQUESTED = "hub.resync_requested"
"""``DetailType`` of a resync request for records that belong to no partner (service notices,
onboarding programs): all of them if the subject is ``EVERYTHING``, else the record that it names.
"""

EVERYTHING = "hub/all"
"""Subject of a hub resync request that covers all records."""

AUDIENCES_CHANGED = "hub.audiences_changed"
"""Type of the message by which a function asks itself for an audience refresh: partners have
changed, so all audiences are resolved again. It goes to the function's own queue and never on the
bus.
"""

AUDIENCES = "hub/audiences"
"""Subject of an audience refresh."""

TRANSACTION_EXCEPTION = "transaction.exception"
"""``DetailType`` of the event for a new, changed or resolved transaction exception. Its subject is
``transactions/`` and the correlation id. ``status`` is the kind
(``gridwix.models.transactions.ExceptionKind``), or ``over`` once nothing is wrong any more.
"""

POLL_REQUESTED = "feed.poll_requested"
"""``DetailType`` of the event that triggers a poll of the feed after an unsigned webhook
(doorbell).
"""


class BusModel(BaseModel):
    """Base model of messages on the bus: frozen, no unknown members, camelCase in JSON."""

    # Built when the first one is read, so that a cold start pays only for models in use.
    model_config = ConfigDict(
        defer_build=True,
        hide_input_in_errors=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
    )


class TolerantModel(BusModel):
    """Base model of messages that another release may have written: unknown members are ignored.

    During a deployment, and after one is rolled back, messages and documents of the newer release
    reach the older one (``docs/upgrades.md``).
    """

    model_config = ConfigDict(extra="ignore")


class StatusTransition(TolerantModel):
    """The status before and after a change, so that a rule can match a transition.

    Values are raw: an unknown status passes through.
    """

    before: str | None = None
    after: str | None = None


class Change(TolerantModel):
    """A change of one Trading Grid record. ``DetailType`` of the envelope repeats ``type``.

    ``subject`` is the CloudEvents subject, such as ``compliance-checks/chk_1`` or
    ``enrollments/enr_1/steps/edi_testing``. Its first two segments name the record, and ``version``
    is the version of that record; None if the sender did not give it. ``traceparent`` is the W3C
    trace context of the sender, if it gave one.
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
    status: StatusTransition = StatusTransition()
    sequence: str | None = None
    traceparent: str | None = Field(default=None, max_length=200)
    via: Literal["webhook", "feed", "resync", "poll"]

    @property
    def record(self) -> str:
        """Name of the changed record, ``collection/id``, which is its key in version vectors."""
        return "/".join(self.subject.split("/", 2)[:2])

    @property
    def resync_partner_id(self) -> PartnerId | None:
        """Id of the partner if all its records are to be read again (resync), else None."""
        return (
            self.partner_id
            if self.type == RESYNC_REQUESTED and self.record == f"partners/{self.partner_id}"
            else None
        )

    @property
    def renewed_partner_id(self) -> PartnerId | None:
        """Id of the partner if the partner's own record has changed, or is to be resynced.

        None for a change of any other record, also if it belongs to a partner.
        """
        collection, _, identifier = self.record.partition("/")
        of_a_partner = self.type.startswith("partner.") and collection == "partners"
        return PartnerId(identifier) if of_a_partner else None

    @property
    def is_record_resync(self) -> bool:
        """True for a resync request: records are read again even if nothing has changed.

        It may cover one record, all records of a partner, or all that belong to no partner.
        """
        return self.type in (RESYNC_REQUESTED, HUB_RESYNC_REQUESTED)

    @property
    def is_hub_resync(self) -> bool:
        """True for a resync request that covers all records that belong to no partner."""
        return self.type == HUB_RESYNC_REQUESTED and self.record == EVERYTHING

    @property
    def is_audience_refresh(self) -> bool:
        """True for an audience refresh: gridwix computes again which partners see shared records.

        A shared record is a notice or document for several partners (its audience). After changes
        of partners, a function sends the request for this refresh to its own queue.
        """
        return self.type == AUDIENCES_CHANGED


WIX_SOURCE = "gridwix.wix"
"""``Source`` of every bus event about the portal."""

FORM_SUBMITTED = "form.submitted"
"""``DetailType`` of the event for a form submission that the webhook function has stored. Its
subject is ``submissions/`` and the submission's id.
"""


class PortalEvent(TolerantModel):
    """An event on the bus about the portal, such as a new submission or a ready file.

    ``subject`` is ``kind/id``, or ``items/collection/id`` for an item of a collection.
    """

    contract: Literal[1] = 1
    event_id: str = Field(min_length=1, max_length=200)
    type: str = Field(min_length=1, max_length=200)
    subject: str = Field(pattern=r"^[^/]+/[^/]+(/.*)?$", max_length=300)
    occurred_at: datetime
    traceparent: str | None = Field(default=None, max_length=200)


class PollRequest(TolerantModel):
    """A request to poll the event feed now, triggered by an unsigned webhook (doorbell).

    It carries no data of the webhook, because an unsigned body is not trusted.
    """

    contract: Literal[1] = 1
    requested_at: datetime
