"""Read-through cache of one run: partners, records, links, contacts and settings, read once each.

Only invitations are read again for each page of planned messages.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.errors import RecordFault, SourceBehind
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.listings import Listing, first_fault_by_owner
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.dispatches import Contact, Dispatch, Link
from gridwix.partner_messenger.invitations import InvitationRow, invitation_id_of
from gridwix.partner_messenger.member_settings import DEFAULTS, MemberSettings
from gridwix.partner_messenger.ports import InvitationStore, MemberDirectory, MessageSource

type MessageRecord = Entity | InvitationRow
"""Record that a message is about."""


@dataclass(slots=True)
class RecordCache:
    """Cache of what one run reads from Trading Grid and Wix: records, partners, members.

    It does not outlive the run, so that a withdrawn link or consent is seen soon.

    A partner or record that cannot be read is cached as a fault. The fault is raised (RecordFault)
    only to callers that ask for this partner or record. Links and contacts that cannot be read are
    left out: call ``check_links`` or ``check_contact`` before concluding that there is no
    recipient. Settings that cannot be read are replaced by the defaults: call ``check_settings``
    before sending an optional message.
    """

    source: MessageSource
    directory: MemberDirectory
    invitations: InvitationStore
    _records: dict[str, Entity | None] = field(default_factory=dict)
    _partners: dict[PartnerId, Partner | RecordFault | None] = field(default_factory=dict)
    _links: dict[PartnerId, list[Link]] = field(default_factory=dict)
    _link_faults: dict[str, RecordFault] = field(default_factory=dict)
    _contacts: dict[str, Contact | None] = field(default_factory=dict)
    _contact_faults: dict[str, RecordFault] = field(default_factory=dict)
    _settings: dict[str, MemberSettings] = field(default_factory=dict)
    _setting_faults: dict[str, RecordFault] = field(default_factory=dict)
    _invitations: dict[WixItemId, InvitationRow | RecordFault | None] = field(default_factory=dict)
    _address_contacts: dict[str, Contact | None] = field(default_factory=dict)

    def current_record(self, name: str, minimum_version: int = 0) -> MessageRecord | None:
        """Return the record named ``collection/id``; None if there is none.

        The record is read again if the cached version is older than ``minimum_version``. Raises
        SourceBehind if Trading Grid still returns an older version: a retry will find the newer
        one.
        """
        invitation_id = invitation_id_of(name)
        if invitation_id is not None:
            return self.invitation(invitation_id)
        cached = self._records.get(name)
        if cached is None or cached.version < minimum_version:
            cached = self._records[name] = self.source.record(name)
        if cached is not None and cached.version < minimum_version:
            raise SourceBehind
        return cached

    def invitation(self, identifier: WixItemId) -> InvitationRow | None:
        """Return the invitation with this id; None if there is none.

        Raises RecordFault if the invitation cannot be read.
        """
        if identifier not in self._invitations:
            self.read_invitations([identifier])
        found = self._invitations[identifier]
        if isinstance(found, RecordFault):
            raise found
        return found

    def read_invitations(self, ids: Iterable[WixItemId]) -> Sequence[InvitationRow]:
        """Read invitations, also those that are cached already, and return the readable ones."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return ()
        listing = self.invitations.read_invitations(wanted)
        self._invitations.update(dict.fromkeys(wanted))
        self._invitations.update({WixItemId(fault.owner): fault for fault in listing.faults})
        self._invitations.update({invitation.id: invitation for invitation in listing.records})
        return listing.records

    def address_contact(self, email: str) -> Contact | None:
        """Return the Wix contact of a normalized email address; None if there is none."""
        self._read_address_contacts([email])
        return self._address_contacts[email]

    def _read_address_contacts(self, emails: Iterable[str]) -> None:
        missing = [email for email in dict.fromkeys(emails) if email not in self._address_contacts]
        if missing:
            found = self.directory.address_contacts(missing)
            self._address_contacts.update({email: found.get(email) for email in missing})

    def partner(self, identifier: PartnerId) -> Partner | None:
        """Return the partner with this id; None if there is none.

        Raises RecordFault if the partner cannot be read, and UpstreamError.
        """
        self.read_partners([identifier])
        found = self._partners[identifier]
        if isinstance(found, RecordFault):
            raise found
        return found

    def check_partner_version(self, identifier: PartnerId, minimum_version: int) -> None:
        """Raise SourceBehind if the cached partner is older than ``minimum_version``.

        A retry will find the version that a change has announced.
        """
        found = self.partner(identifier)
        if found is not None and found.version < minimum_version:
            raise SourceBehind

    def read_partners(self, ids: Iterable[PartnerId]) -> None:
        """Fill the cache with those of these partners that it does not have, in one call.

        Raises UpstreamError.
        """
        missing = [
            identifier for identifier in dict.fromkeys(ids) if identifier not in self._partners
        ]
        if missing:
            listing = self.source.partners(missing)
            # Only a response proves that a partner does not exist. After a failed call nothing is
            # cached, and the next caller reads again.
            self._partners.update(dict.fromkeys(missing))
            self._store_partners(listing)

    def _store_partners(self, listing: Listing[Partner]) -> None:
        self._partners.update(
            {PartnerId(fault.owner): fault for fault in listing.faults if fault.owner}
        )
        self._partners.update({partner.partner_id: partner for partner in listing.records})

    def partner_links(
        self, partner_ids: Collection[PartnerId]
    ) -> Mapping[PartnerId, Sequence[Link]]:
        """Return the readable links (permissions of members to act for a partner), by partner."""
        missing = [
            identifier for identifier in dict.fromkeys(partner_ids) if identifier not in self._links
        ]
        if missing:
            found: defaultdict[PartnerId, list[Link]] = defaultdict(list)
            listing = self.directory.partner_links(missing)
            for link in listing.records:
                found[link.partner_id].append(link)
            self._link_faults.update(first_fault_by_owner(listing.faults))
            self._links.update({identifier: found[identifier] for identifier in missing})
        return {identifier: self._links[identifier] for identifier in partner_ids}

    def member_contacts(self, member_ids: Iterable[str]) -> Mapping[str, Contact]:
        """Return the readable contacts of members, by member id.

        A member without a readable contact is left out.
        """
        wanted = list(dict.fromkeys(member_ids))
        missing = [member for member in wanted if member not in self._contacts]
        if missing:
            listing = self.directory.member_contacts(missing)
            found = {contact.member_id: contact for contact in listing.records}
            self._contacts.update({member: found.get(member) for member in missing})
            self._contact_faults.update(first_fault_by_owner(listing.faults))
        return {
            member: contact for member in wanted if (contact := self._contacts[member]) is not None
        }

    def member_settings(self, member_id: str) -> MemberSettings:
        """Return the settings of a member; the defaults stand in for missing or unreadable ones."""
        self._read_settings([member_id])
        return self._settings[member_id]

    def _read_settings(self, member_ids: Iterable[str]) -> None:
        missing = [member for member in dict.fromkeys(member_ids) if member not in self._settings]
        if missing:
            listing = self.directory.member_settings(missing)
            self._settings.update({**dict.fromkeys(missing, DEFAULTS), **dict(listing.records)})
            self._setting_faults.update(first_fault_by_owner(listing.faults))

    def check_settings(self, member_id: str) -> None:
        """Raise RecordFault if the settings of this member turned out to be unreadable."""
        if member_id in self._setting_faults:
            raise self._setting_faults[member_id]

    def check_links(self, partner_id: PartnerId) -> None:
        """Raise RecordFault if a member's link to this partner turned out to be unreadable."""
        if partner_id in self._link_faults:
            raise self._link_faults[partner_id]

    def check_contact(self, member_id: str) -> None:
        """Raise RecordFault if this member or the member's contact turned out to be unreadable."""
        if member_id in self._contact_faults:
            raise self._contact_faults[member_id]

    def prefetch_recipients(
        self, dispatches: Sequence[Dispatch], expanding: Iterable[PartnerId] = ()
    ) -> None:
        """Fill the cache with the partners and persons of dispatches, in as few calls as possible.

        Args:
            dispatches: Dispatches (planned messages) that are about to be processed.
            expanding: Partners for which messages to single members are about to be planned.
        """
        self.read_partners(dispatch.partner_id for dispatch in dispatches)
        personal = [dispatch for dispatch in dispatches if dispatch.recipient]
        linked = [*(dispatch.partner_id for dispatch in personal), *expanding]
        if linked:
            self.partner_links(list(dict.fromkeys(linked)))
        if personal:
            self.member_contacts(dispatch.recipient for dispatch in personal)
            self._read_settings(dispatch.recipient for dispatch in personal)
        invited = self.read_invitations(
            dispatch.invitation_id for dispatch in dispatches if dispatch.invitation_id is not None
        )
        self._read_address_contacts(
            one.email for one in invited if one.is_announced or one.says_end
        )
