"""Ports of ``partner_messenger``: the outbox, records, members, invitations and channels."""

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
from gridwix.partner_messenger.invitations import InvitationRow
from gridwix.partner_messenger.member_settings import MemberSettings
from gridwix.ports import EnrollmentReader, PartnerReader, RecordMover, RecordReader
from gridwix.publication.ports import PortalCollections


class MessageSource(RecordReader, PartnerReader, Protocol):
    """Reads the records that messages are about, from Trading Grid.

    Raises :class:`gridwix.errors.UpstreamError`.
    """

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        """Return the partners of these ids, tombstones included. An unknown id is left out."""

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        """Return all compliance checks of these partners, tombstones included."""


class EnrollmentGateway(RecordReader, EnrollmentReader, RecordMover, Protocol):
    """Reads enrollments and unlocks their steps. Raises :class:`gridwix.errors.UpstreamError`."""


class Outbox(Protocol):
    """Store of dispatches (planned messages) and their results. Only stored dispatches are sent.

    Each change of a stored dispatch is conditional on its revision (optimistic locking). Raises
    :class:`gridwix.errors.UpstreamError`.
    """

    def add_dispatches(self, dispatches: Sequence[Dispatch]) -> Sequence[Dispatch]:
        """Store dispatches and return the new ones.

        Idempotent: a dispatch that is stored already stays as it is, and is not returned.
        """

    def add_to_digest(self, entry: Dispatch, digest: Dispatch) -> Collected:
        """Store a message and add it to a digest, the combined message of a day, in a transaction.

        Creates the digest if there is none. Returns ADDED, KNOWN if the message was stored before,
        or CLOSED if the digest was sent or is full.
        """

    def read_dispatches(self, ids: Collection[str]) -> Mapping[str, Dispatch]:
        """Return the stored dispatches with these ids, by id. An unknown id is left out."""

    def due_dispatches(self, until: datetime, limit: int) -> Sequence[Dispatch]:
        """Return at most ``limit`` dispatches that are due at ``until``, oldest first.

        Eventually consistent: claim a dispatch before acting on it.
        """

    def claim_dispatch(self, dispatch: Dispatch, *, until: datetime) -> Dispatch | None:
        """Take the lease of a dispatch until ``until``, so that no other worker sends it.

        Returns:
            The dispatch in state SENDING, with one attempt more. None if the dispatch has changed
            since it was read, for instance because another worker has claimed it.
        """

    def settle_dispatch(
        self,
        dispatch: Dispatch,
        state: DispatchState,
        *,
        reason: str = "",
        due_at: datetime | None = None,
    ) -> bool:
        """Store the result of an attempt to send a dispatch.

        Args:
            dispatch: The dispatch, as it was read or claimed.
            state: The new state of the dispatch.
            reason: Reason of the state, or "".
            due_at: Next attempt, for the state PLANNED.

        Returns:
            True if the result was stored; False, and nothing is stored, if the dispatch has changed
            since it was read.
        """

    def tell_once(self, key: str, dispatch_id: str) -> bool:
        """Claim a deduplication key for a dispatch: only one dispatch of a key is sent. Idempotent.

        Args:
            key: See :func:`gridwix.partner_messenger.selection.member_key`.
            dispatch_id: The dispatch.

        Returns:
            True if this dispatch has the key now; False if another dispatch has it.
        """

    def raise_watermark(self, key: str, version: int) -> None:
        """Raise the stored high-water mark of ``key`` to ``version``; never lower it.

        There are two kinds of marks. For a campaign that sends messages some hours after an event,
        the mark is the greatest known version of the record. For a daily task, such as removing old
        messages, the mark is the last day, or the last part of the work, that is done.
        """

    def watermarks(self, keys: Collection[str]) -> Mapping[str, int]:
        """Return the stored high-water mark under each key. A key without a mark is left out.

        :meth:`raise_watermark` says what the marks are for.
        """


class MemberDirectory(Protocol):
    """Reads members who act for partners, with their contacts, from the Wix site.

    Nothing is cached: once a link (a member's permission to act for a partner) or a subscription is
    withdrawn, the next call returns the new state. Raises UpstreamError or BudgetExhausted.
    """

    def partner_links(self, partner_ids: Collection[PartnerId]) -> Listing[Link]:
        """Return the links to these partners: the permissions of members to act for them.

        A link that cannot be read has a fault in the listing, with the partner's id as ``owner``.
        """

    def member_contacts(self, member_ids: Collection[str]) -> Listing[Contact]:
        """Return the Wix contacts of members.

        A member who may not log in, or has no contact, is left out. A contact that cannot be read
        has a fault in the listing, with the member's id as ``owner``.
        """

    def address_contacts(self, emails: Collection[str]) -> Mapping[str, Contact]:
        """Return the Wix contact of each normalized email address.

        An address without a contact is left out. Eventually consistent. A contact that cannot be
        read counts as none.
        """

    def member_settings(self, member_ids: Collection[str]) -> Listing[tuple[str, MemberSettings]]:
        """Return the message settings of members, as pairs of member id and settings.

        A member without settings is left out. Settings that cannot be read have a fault in the
        listing, with the member's id as ``owner``. If a call fails, each member of the call has
        such a fault, so that messages which do not depend on the settings can be sent. The only
        UpstreamError that is raised is Throttled.
        """

    def personal_rows(self, prefix: str) -> Sequence[PersonalRow]:
        """Return the portal rows that have data of members and an id that begins with ``prefix``.

        The prefix consists of hexadecimal digits.
        """

    def existing_members(self, member_ids: Collection[str]) -> Collection[str]:
        """Return those of these members that exist on the site, including blocked members."""

    def member_links(self, member_ids: Collection[str]) -> Collection[tuple[str, str]]:
        """Return the partners that these members act for, as pairs of member id and partner id."""


class InvitationStore(Protocol):
    """Reads invitations from Wix, and stores the hashes of their codes there.

    Raises UpstreamError or BudgetExhausted.
    """

    def read_invitations(self, ids: Collection[WixItemId]) -> Listing[InvitationRow]:
        """Return the invitations of these ids. An unknown id is left out.

        Strongly consistent: a used invitation is seen as used. An invitation that cannot be read
        has a fault in the listing, with the invitation's id as ``owner``.
        """

    def unannounced_invitations(self, now: datetime, limit: int) -> Sequence[InvitationRow]:
        """Return at most ``limit`` active invitations with an email address and no hash of a code.

        They were made on the portal, which cannot make codes. Invitations that have expired by
        ``now``, or cannot be read, are left out.
        """

    def store_code_hash(self, invitation_id: WixItemId, code_hash: str) -> None:
        """Store the hash of an invitation's code.

        Idempotent, so no error is ambiguous: a call can be repeated if its response was lost.
        """

    def store_code_hashes(self, hashes: Mapping[WixItemId, str]) -> None:
        """Store the hashes of several invitations' codes in one call.

        An invitation that was removed is left out.
        """


class MailPace(Protocol):
    """Rate limit of all emails of a Wix site, shared by all workers."""

    def take(self) -> float:
        """Count one email against the rate limit, if the limit permits it. Never sleeps.

        Returns:
            0.0 if the email may be sent, else the seconds after which to ask again.

        Raises:
            UpstreamError: The limit cannot be read.
        """


class MemberChannel(Protocol):
    """A channel that reaches one person per message, such as Wix Inbox."""

    @property
    def is_idempotent(self) -> bool:
        """True if retries with the same message id are delivered once.

        If false, a message that may have been sent is not sent again.
        """

    def can_reach(self, contact: Contact) -> bool:
        """True if the contact has an address, or Wix contact id, that this channel can use."""

    def send_message(self, message: MemberMessage) -> None:
        """Send a message over this channel.

        Raises UpstreamError, BudgetExhausted, or ConfigurationError if the channel is not set up.
        After an Unavailable error with ``ambiguous`` set the message may have been sent; after any
        other error it was not.
        """


class DatedCollections(PortalCollections, Protocol):
    """Portal collections with rows that are written once, and removed when they are old."""

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Insert up to 1,000 items. An item that exists is refused (``WDE0074``) and not changed.

        Raises the same errors as ``bulk_save``.
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
        """Return at most 1000 items with a date-time ``field`` before ``moment``, oldest first.

        Raises the same errors as ``bulk_save``.

        Args:
            collection: The collection.
            field: A date-time field.
            moment: Exclusive upper limit.
            fields: Fields of the items that are read.
            skip: Number of items to leave out, counted from the oldest.
        """
