"""What the services that speak to partners need from the outside world."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.dispatches import Collected, Dispatch, DispatchState, Link, Mail, Person
from gridwix.ports import EnrollmentReader, PartnerReader, RecordMover, RecordReader
from gridwix.publication.ports import PortalCollections


class MessageSource(RecordReader, PartnerReader, Protocol):
    """What messages are about. Raises :class:`gridwix.errors.UpstreamError`."""

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        """The partners of these ids, tombstones included; an unknown id is left out."""

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        """Every compliance check of these partners, tombstones included."""


class StepDesk(RecordReader, EnrollmentReader, RecordMover, Protocol):
    """Onboarding steps, as they are unlocked. Raises :class:`gridwix.errors.UpstreamError`."""


class Outbox(Protocol):
    """Everything that is to be said, and what became of it. Nothing is sent that is not in it. Raises :class:`gridwix.errors.UpstreamError`."""

    def plan(self, dispatches: Sequence[Dispatch]) -> Sequence[Dispatch]:
        """Record those that were never recorded, whatever became of them since, and return these."""

    def collect(self, entry: Dispatch, digest: Dispatch) -> Collected:
        """Record an entry and put it into a digest, which is begun if need be: both or neither."""

    def read(self, ids: Collection[str]) -> Mapping[str, Dispatch]:
        """These, as of now; one that is not known is left out."""

    def due(self, until: datetime, limit: int) -> Sequence[Dispatch]:
        """At most ``limit`` of those that are to be worked off by then, the longest due first. They may have changed since: only a claim is sure."""

    def claim(self, dispatch: Dispatch, *, until: datetime) -> Dispatch | None:
        """Take it, so that nobody else has it before ``until``; None if it has changed since it was read. It is then SENDING, with one attempt more."""

    def settle(self, dispatch: Dispatch, state: DispatchState, *, reason: str = "", due_at: datetime | None = None) -> bool:
        """Record what became of it, if it has not changed since it was read. ``due_at`` is for one that is PLANNED again."""

    def note(self, key: str, version: int) -> None:
        """Keep the greatest version that was seen under a key, or the greatest number of another kind."""

    def noted(self, keys: Collection[str]) -> Mapping[str, int]:
        """The greatest version under each key; a key without any is left out."""


class People(Protocol):
    """Who acts for partners, as of now. Raises UpstreamError or BudgetExhausted."""

    def links(self, partner_ids: Collection[PartnerId]) -> Listing[Link]:
        """The links of members to these partners; faults belong to the partner."""

    def persons(self, member_ids: Collection[str]) -> Listing[Person]:
        """The contacts behind members; faults belong to the member. One who may not log in, or whose contact does not exist, is left out."""


class MemberInbox(Protocol):
    """The site's inbox, which knows no idempotency."""

    def send(self, contact_id: str, text: str) -> None:
        """Send a message to a contact. Raises UpstreamError or BudgetExhausted; only for an Unavailable that is ``ambiguous`` it may have been sent."""


class MailTrigger(Protocol):
    """The site's automation that sends mails."""

    def send(self, mail: Mail) -> None:
        """Have a mail sent. Sent again under the same id it makes no second one where the automation looks at the id.

        Raises UpstreamError, or ConfigurationError without an automation.
        """


class DatedCollections(PortalCollections, Protocol):
    """Collections of the portal whose rows are removed by their age."""

    def ids_before(self, collection: CollectionId, field: str, moment: datetime, *, skip: int = 0) -> Sequence[WixItemId]:
        """At most 1000 items whose date-time in a field is before a moment, the oldest first and without the first ``skip``. Raises as ``bulk_save`` does."""
