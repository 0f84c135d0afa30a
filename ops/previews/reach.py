"""Previews the reach of a campaign: partners and members, by channel. Sends nothing.

It makes the checks that partner_messenger makes before it sends: links, roles and what they see,
log-in, consent, address, and the member's own choice. Quiet hours and digests only delay a message,
so they are left out.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched

from gridwix.configuration.campaigns import OF_A_PERSON, PERSONAL, Campaign, Channel
from gridwix.configuration.everything import Configuration
from gridwix.configuration.roles import RoleName
from gridwix.errors import InvalidEvent
from gridwix.mapping.audiences import is_current
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.context import record_fields
from gridwix.partner_messenger.dispatches import Contact, Suppression, subject_step_key
from gridwix.partner_messenger.member_settings import DEFAULTS, MemberSettings
from gridwix.partner_messenger.ports import MemberDirectory, MessageSource
from gridwix.partner_messenger.readers import is_reader, reader_roles
from gridwix.partner_messenger.recipients import SUBSCRIBED
from gridwix.partner_messenger.selection import addressee_test, is_condition_met
from ops.errors import OpsError

CHUNK = 100
"""Maximum number of partners per read of links."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The partners and members whom a campaign would reach.

    Attributes:
        partners: Partners that the campaign is for, reached or not.
        members: Ids of the members that each channel reaches, by partner. The channel ``portal`` is
            left out: a row on the portal reaches all members of a partner.
        left_out: Number of members that a channel does not reach, by the reason.
        unreadable: Names of records that could not be read.
        would_not: Reason why no message would be sent: the campaign is paused, or the record that
            was given to :func:`preview_reach` does not match its conditions. "" if there is no such
            reason.
    """

    partners: Sequence[PartnerId]
    members: Mapping[Channel, Mapping[PartnerId, Sequence[str]]]
    left_out: Mapping[Channel, Counter[str]] = field(default_factory=dict)
    unreadable: Sequence[str] = ()
    would_not: str = ""

    def unreached(self) -> list[PartnerId]:
        """Return the partners of the campaign that have no member whom a channel reaches."""
        reached = {partner for found in self.members.values() for partner in found}
        return [partner for partner in self.partners if partner not in reached]


@dataclass(frozen=True, slots=True)
class _Person:
    """A member of a partner in one of the campaign's roles.

    ``contact`` is None for a member who may not log in, or has an unreadable contact.
    """

    partner: PartnerId
    member: str
    contact: Contact | None
    settings: MemberSettings


def preview_reach(
    configuration: Configuration,
    key: str,
    source: MessageSource,
    directory: MemberDirectory,
    can_reach: Mapping[Channel, Callable[[Contact], bool]],
    record: str | None = None,
) -> Reach:
    """Return the partners and members whom a campaign would reach. Sends nothing.

    Args:
        configuration: The settings with the campaign.
        key: Key of the campaign.
        source: Reads records and partners from Trading Grid.
        directory: Reads the members of the Wix site.
        can_reach: Returns for each channel to persons whether a contact has an address for it.
        record: A record (``cases/CA-1``) or step (``enrollments/E-1/steps/edi_testing``) that the
            message would be about. None counts all partners that could get one.

    Raises:
        OpsError: There is no such campaign or record, or the campaign is not about such records.
        UpstreamError: A system cannot be read.
    """
    campaign = configuration.campaigns.get(key)
    if campaign is None:
        raise OpsError(
            f"there is no campaign {key}",
            f"choose one of {', '.join(sorted(configuration.campaigns))}",
        )
    if campaign.trigger.kind in OF_A_PERSON:
        raise OpsError(
            f"{key} goes to the person who is invited, or was, and to no member of a partner",
            "name another campaign",
        )
    entity, would_not = (None, "") if record is None else _read_record(campaign, record, source)
    if campaign.status != "active":
        would_not = "the campaign is paused"
    addressed: dict[PartnerId, None] = {}
    unreadable: list[str] = []
    for page in source.partner_pages():
        unreadable += [fault.record for fault in page.faults]
        addressed |= {
            partner.partner_id: None
            for partner in page.records
            if _may_get(partner, entity, configuration.audiences.regions)
        }
    partners = list(addressed)
    channels: list[Channel] = [channel for channel in campaign.channels if channel in PERSONAL]
    members: dict[Channel, dict[PartnerId, list[str]]] = {channel: {} for channel in channels}
    left_out: dict[Channel, Counter[str]] = {channel: Counter() for channel in channels}
    readers = reader_roles(campaign, entity, configuration.roles)
    for chunk in batched(partners, CHUNK, strict=False) if channels else ():
        for person in _read_people(campaign, readers, chunk, directory, unreadable):
            for channel in channels:
                why = _obstacle(campaign, channel, person, can_reach[channel])
                if why:
                    left_out[channel][why] += 1
                else:
                    members[channel].setdefault(person.partner, []).append(person.member)
    return Reach(partners, members, left_out, unreadable, would_not)


def _read_record(campaign: Campaign, name: str, source: MessageSource) -> tuple[Entity, str]:
    """Read the record that a message would be about, from Trading Grid.

    Return it with the reason why it would not trigger the campaign, "" if it would. Raises OpsError
    if the record does not exist, or the campaign is not about such records.
    """
    try:
        entity = source.record("/".join(name.split("/")[:2]))
    except InvalidEvent:
        raise OpsError(
            f"{name} is no record that gridwix reads", "name one such as cases/CA-1"
        ) from None
    if entity is None:
        raise OpsError(f"Trading Grid knows no {name}", "correct --record")
    kind = campaign.trigger.kind
    fields = record_fields(kind, entity, subject_step_key(name))
    if fields is None:
        raise OpsError(
            f"{name} does not exist as a {kind}, which the campaign is about", "correct --record"
        )
    met = is_condition_met(campaign, fields)
    return entity, "" if met else "the record does not match its conditions"


def _may_get(
    partner: Partner, entity: Entity | None, regions: Mapping[str, Collection[str]]
) -> bool:
    if entity is not None:
        return addressee_test(entity, regions)(partner)
    return is_current(partner)


def _read_people(
    campaign: Campaign,
    readers: Collection[RoleName],
    partners: Sequence[PartnerId],
    directory: MemberDirectory,
    unreadable: list[str],
) -> Iterator[_Person]:
    """Yield the members of partners that have one of the roles in ``readers``.

    The names of records that cannot be read are added to ``unreadable``.
    """
    links = directory.partner_links(partners)
    linked: defaultdict[PartnerId, set[str]] = defaultdict(set)
    for link in links.records:
        if is_reader(link.role, readers):
            linked[link.partner_id].add(link.member_id)
    everybody = sorted(set().union(*linked.values()))
    contacts = directory.member_contacts(everybody)
    by_member = {contact.member_id: contact for contact in contacts.records}
    settings: Mapping[str, MemberSettings] = {}
    if campaign.can_be_turned_off:
        stored = directory.member_settings(everybody)
        settings = dict(stored.records)
        unreadable += [fault.record for fault in stored.faults]
    unreadable += [fault.record for fault in (*links.faults, *contacts.faults)]
    for partner, members in sorted(linked.items()):
        for member in sorted(members):
            yield _Person(partner, member, by_member.get(member), settings.get(member, DEFAULTS))


def _obstacle(
    campaign: Campaign, channel: Channel, person: _Person, can_reach: Callable[[Contact], bool]
) -> str:
    """Return the reason why a channel does not reach a person; "" if it does.

    Reasons are those of partner_messenger (``Suppression``).
    """
    if person.contact is None:
        return Suppression.NO_MEMBER
    if campaign.kind == "marketing" and person.contact.subscription != SUBSCRIBED:
        return Suppression.NO_CONSENT
    if not can_reach(person.contact):
        return Suppression.NO_ADDRESS
    if campaign.can_be_turned_off and (campaign.group, channel) in person.settings.turned_off:
        return Suppression.TURNED_OFF
    return ""
