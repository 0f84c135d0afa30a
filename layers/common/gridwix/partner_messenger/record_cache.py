"""Read-through cache of partners, records, links and contacts for one run: each is read once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.errors import RecordFault
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, first_fault_by_owner
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.dispatches import Dispatch, Link, Person
from gridwix.partner_messenger.ports import MessageSource, People


@dataclass(slots=True)
class RecordCache:
    """Reads through to Trading Grid and the portal. It lives as long as one run, so that a link or a consent that was taken away counts soon.

    A partner or record that cannot be read is remembered as such: the RecordFault is raised for whoever asks for it, and for nobody else. Links and contacts
    that cannot be read are left out; ``check_links`` and ``check_person`` raise their faults where a message would go to nobody.
    """

    source: MessageSource
    people: People
    _records: dict[str, Entity | None] = field(default_factory=dict)
    _partners: dict[PartnerId, Partner | RecordFault | None] = field(default_factory=dict)
    _links: dict[PartnerId, list[Link]] = field(default_factory=dict)
    _link_faults: dict[str, RecordFault] = field(default_factory=dict)
    _persons: dict[str, Person | None] = field(default_factory=dict)
    _person_faults: dict[str, RecordFault] = field(default_factory=dict)

    def record(self, name: str, least: int = 0) -> Entity | None:
        """The record, at least as new as ``least`` if it can be had; None if there is none."""
        known = self._records.get(name)
        if known is None or known.version < least:
            self._records[name] = self.source.record(name)
        return self._records[name]

    def everybody(self) -> Listing[Partner]:
        """Every partner."""
        found = self.source.every_partner()
        self._keep(found)
        return found

    def partner(self, identifier: PartnerId) -> Partner | None:
        """The partner; None if there is none. Raises RecordFault if it cannot be read, and UpstreamError."""
        self.read_partners([identifier])
        found = self._partners[identifier]
        if isinstance(found, RecordFault):
            raise found
        return found

    def read_partners(self, ids: Iterable[PartnerId]) -> None:
        """Read those of these partners that were not read yet, at once. Raises UpstreamError."""
        missing = [identifier for identifier in dict.fromkeys(ids) if identifier not in self._partners]
        if missing:
            found = self.source.partners(missing)
            # Only an answer says that there is no such partner: after a failed call, the next who asks has to ask again.
            self._partners.update(dict.fromkeys(missing))
            self._keep(found)

    def _keep(self, listing: Listing[Partner]) -> None:
        self._partners.update({PartnerId(fault.owner): fault for fault in listing.faults if fault.owner})
        self._partners.update({partner.partner_id: partner for partner in listing.records})

    def links(self, partner_ids: Collection[PartnerId]) -> Mapping[PartnerId, Sequence[Link]]:
        """The links of members to each partner."""
        missing = [identifier for identifier in dict.fromkeys(partner_ids) if identifier not in self._links]
        if missing:
            found: defaultdict[PartnerId, list[Link]] = defaultdict(list)
            listing = self.people.links(missing)
            for link in listing.records:
                found[link.partner_id].append(link)
            self._link_faults.update(first_fault_by_owner(listing.faults))
            self._links.update({identifier: found[identifier] for identifier in missing})
        return {identifier: self._links[identifier] for identifier in partner_ids}

    def persons(self, member_ids: Iterable[str]) -> Mapping[str, Person]:
        """The contacts behind members."""
        wanted = list(dict.fromkeys(member_ids))
        missing = [member for member in wanted if member not in self._persons]
        if missing:
            listing = self.people.persons(missing)
            found = {person.member_id: person for person in listing.records}
            self._persons.update({member: found.get(member) for member in missing})
            self._person_faults.update(first_fault_by_owner(listing.faults))
        return {member: person for member in wanted if (person := self._persons[member]) is not None}

    def check_links(self, partner_id: PartnerId) -> None:
        """Raise the RecordFault of this partner's links, if one of those that were read was unreadable."""
        if partner_id in self._link_faults:
            raise self._link_faults[partner_id]

    def check_person(self, member_id: str) -> None:
        """Raise the RecordFault of this member or its contact, if it was read and unreadable."""
        if member_id in self._person_faults:
            raise self._person_faults[member_id]

    def prepare(self, dispatches: Sequence[Dispatch]) -> None:
        """Read at once what many dispatches need of partners and members."""
        ids = list(dict.fromkeys(dispatch.partner_id for dispatch in dispatches))
        self.read_partners(ids)
        personal = [dispatch for dispatch in dispatches if dispatch.recipient]
        if personal:
            self.links(list(dict.fromkeys(dispatch.partner_id for dispatch in personal)))
            self.persons(dispatch.recipient for dispatch in personal)
