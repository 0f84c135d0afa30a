"""Ports of ``partner_messenger``: the outbox, records, members, and the three channels."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.wix import BulkOutcome, DataItem
from gridwix.partner_messenger.dispatches import (
    Collected,
    Contact,
    Dispatch,
    DispatchState,
    Link,
    MemberMessage,
    PersonalRow,
)
from gridwix.partner_messenger.invitations import Invitation
from gridwix.partner_messenger.member_settings import MemberSettings
from gridwix.ports import EnrollmentReader, PartnerReader, RecordMover, RecordReader
from gridwix.publication.ports import PortalCollections


class MessageSource(RecordReader, PartnerReader, Protocol):
    """Reads the records that messages are about. Raises :class:`gridwix.errors.UpstreamError`."""

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        """The partners of these ids, tombstones included. An unknown id is left out."""

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        """All compliance checks of these partners, tombstones included."""


class EnrollmentGateway(RecordReader, EnrollmentReader, RecordMover, Protocol):
    """Reads enrollments and unlocks their steps. Raises :class:`gridwix.errors.UpstreamError`."""


class Outbox(Protocol):
    """Planned dispatches and their results. A message is sent only if its dispatch is stored here.

    Each change of a stored dispatch is conditional on its revision (optimistic locking). Raises
    :class:`gridwix.errors.UpstreamError`.
    """

    def add_dispatches(self, dispatches: Sequence[Dispatch]) -> Sequence[Dispatch]:
        """Store dispatches and return the new ones. Idempotent: one that is stored already stays as
        it is.
        """

    def add_to_digest(self, entry: Dispatch, digest: Dispatch) -> Collected:
        """Store an entry and add it to its digest, in one transaction. Creates the digest if there
        is none.
        """

    def read_dispatches(self, ids: Collection[str]) -> Mapping[str, Dispatch]:
        """The current dispatches of these ids. An unknown id is left out."""

    def due_dispatches(self, until: datetime, limit: int) -> Sequence[Dispatch]:
        """At most ``limit`` dispatches that are due at ``until``, oldest first.

        Eventually consistent: claim a dispatch before acting on it.
        """

    def claim_dispatch(self, dispatch: Dispatch, *, until: datetime) -> Dispatch | None:
        """Take the lease of a dispatch until ``until``.

        Returns:
            The dispatch in state SENDING, with one attempt more. None if it has changed since it
            was read, for instance because another worker has claimed it.
        """

    def settle_dispatch(
        self,
        dispatch: Dispatch,
        state: DispatchState,
        *,
        reason: str = "",
        due_at: datetime | None = None,
    ) -> bool:
        """Store the result of a dispatch.

        Args:
            dispatch: The dispatch, as it was read or claimed.
            state: Its new state.
            reason: Reason of the state, or "".
            due_at: Next attempt, for the state PLANNED.

        Returns:
            False if the dispatch has changed since it was read. Nothing is stored then.
        """

    def tell_once(self, key: str, dispatch_id: str) -> bool:
        """Claim a deduplication key for a dispatch: only one dispatch of a key is sent. Idempotent.

        Args:
            key: See :func:`gridwix.partner_messenger.selection.member_key`.
            dispatch_id: The dispatch.

        Returns:
            False if another dispatch has the key.
        """

    def raise_watermark(self, key: str, version: int) -> None:
        """Raise the high-water mark of a key to ``version``. A smaller number changes nothing."""

    def watermarks(self, keys: Collection[str]) -> Mapping[str, int]:
        """The high-water mark of each key. A key without one is left out."""


class MemberDirectory(Protocol):
    """Members who act for partners, and their contacts. Raises UpstreamError or BudgetExhausted.

    Reads are never cached: a link or subscription that was withdrawn counts at once.
    """

    def partner_links(self, partner_ids: Collection[PartnerId]) -> Listing[Link]:
        """The links of members to these partners. The owner of a link's fault is the partner."""

    def member_contacts(self, member_ids: Collection[str]) -> Listing[Contact]:
        """The Wix contacts of members. The owner of a contact's fault is the member.

        A member who may not log in, or has no contact, is left out.
        """

    def address_contacts(self, emails: Collection[str]) -> Mapping[str, Contact]:
        """The Wix contact of each normalized email address. An address without one is left out.

        Eventually consistent. A contact that cannot be read counts as none.
        """

    def member_settings(self, member_ids: Collection[str]) -> Listing[tuple[str, MemberSettings]]:
        """The settings of members, by member id. The owner of a setting's fault is the member.

        A member without settings is left out. Never raises an UpstreamError other than Throttled:
        if a call fails, there is a fault for each of its members, so that messages which do not
        depend on the settings can be sent.
        """

    def personal_rows(self, prefix: str) -> Sequence[PersonalRow]:
        """Rows with members' own data and an id that begins with a prefix of hexadecimal digits."""

    def existing_members(self, member_ids: Collection[str]) -> Collection[str]:
        """Return those of these members that exist on the site, including blocked ones."""

    def member_links(self, member_ids: Collection[str]) -> Collection[tuple[str, str]]:
        """The links of these members, as pairs of member and partner."""


class InvitationStore(Protocol):
    """Rows of invitations. Raises UpstreamError or BudgetExhausted."""

    def read_invitations(self, ids: Collection[WixItemId]) -> Listing[Invitation]:
        """The invitations of these ids. Strongly consistent: a used invitation is seen as used.

        An unknown id is left out. The owner of a fault is the invitation's id.
        """

    def unannounced_invitations(self, now: datetime, limit: int) -> Sequence[Invitation]:
        """At most ``limit`` active invitations with an address and without the hash of a code.

        They were made on the portal, which cannot make codes. Rows that have expired by
        ``now``, or cannot be read, are left out.
        """

    def store_code_hash(self, invitation_id: WixItemId, code_hash: str) -> None:
        """Store the hash of an invitation's code. Idempotent, so an error is never ambiguous."""

    def store_code_hashes(self, hashes: Mapping[WixItemId, str]) -> None:
        """Store the hashes of invitations' codes in one call. A removed invitation is left out."""


class MailPace(Protocol):
    """Rate limit of all emails of a site, shared by all workers."""

    def take(self) -> float:
        """Take one email from the rate limit. Never sleeps.

        Returns:
            0.0 if the email is granted, else the seconds after which it may be.

        Raises:
            UpstreamError: The limit cannot be read.
        """


class MemberChannel(Protocol):
    """A channel that reaches one person per message, such as Wix Inbox."""

    @property
    def is_idempotent(self) -> bool:
        """True if retries with the same message id are delivered once.

        Without it a message that may have been sent is not sent again.
        """

    def can_reach(self, contact: Contact) -> bool:
        """True if the contact has an address that this channel can use."""

    def send_message(self, message: MemberMessage) -> None:
        """Send a message over this channel.

        Raises UpstreamError, BudgetExhausted, or ConfigurationError if the channel is not set up.
        Only after an Unavailable that is ``ambiguous`` may the message have been sent.
        """


class DatedCollections(PortalCollections, Protocol):
    """Portal collections with rows that are written once, and removed by age."""

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Insert up to 1,000 items. One that exists is refused (``WDE0074``) and is not changed.

        Raises as ``bulk_save`` does.
        """

    def items_before(
        self,
        collection: CollectionId,
        field: str,
        moment: datetime,
        *,
        fields: Sequence[str],
        skip: int = 0,
    ) -> Sequence[DataItem]:
        """At most 1000 items with a date-time ``field`` before ``moment``, oldest first.

        Raises as ``bulk_save`` does.

        Args:
            collection: The collection.
            field: A date-time field.
            moment: Exclusive upper limit.
            fields: Fields of the items that are read.
            skip: Number of items to leave out, counted from the oldest.
        """
