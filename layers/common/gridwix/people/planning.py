"""Plans invitations and role changes, from the people who should have access. Pure.

The people who should have access are listed in a file or in OpenText's directory. They are compared
with the portal: with links (permissions of members to act for a partner) and invitations. A round
is the number of a person's invitation: 1 for the first. The first row that applies decides:

============================  =====================================================================
the person                    becomes
============================  =====================================================================
is listed twice, under two    ``refused``, both: each run would change the member's role again
addresses of one member, in
two roles
is linked, or has an open     ``unchanged``; ``changed`` if a role differs
invitation
belongs to a partner that     ``refused``
has left
has never been invited        ``new``, in round 1
has a last invitation that    ``new``, in the next round
has expired
has a last invitation, and    ``new``, in the next round: the person has come back
gridwix has ended it, or the
access that it gave
has a last invitation that    ``refused``: to import the same file again would undo a decision.
was revoked, or gave access   With ``invite_again``: ``new``, in the next round
that was removed
is not listed, but came from  ``leaving``, if all users of the partner could be read
the directory earlier
============================  =====================================================================

A person is identified by its address at a partner, and a user of the directory by its id as well,
because the address of a user may change.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_INVITATIONS, PARTNER_LINKS
from gridwix.people.codes import invitation_id
from gridwix.people.persons import (
    FieldChange,
    Invitation,
    InvitationStatus,
    LinkedMember,
    Person,
    PersonKey,
    Source,
)

PARTNER_HAS_LEFT = "its partner is suspended or terminated: nobody is invited there"
REMOVED = "had access before, and it was taken away: --invite-again invites the person"
AMBIGUOUS = "is the same member as another address in the list, which has another role"
"""Reasons for which a person is refused."""


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """A person who is to be invited, for the nth time (``round``).

    ``replaces`` are ids of the person's earlier active invitations, which end.
    """

    person: Person
    round: int
    replaces: tuple[WixItemId, ...] = ()

    @property
    def id(self) -> WixItemId:
        return invitation_id(self.person.partner_id, self.person.email, self.round)


@dataclass(frozen=True, slots=True)
class RoleChange:
    """Change of a person's role at a partner: the portal rows to update.

    ``before`` has the roles of these rows before the change, each role once.
    """

    person: Person
    before: tuple[str, ...]
    rows: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class LeavingPerson:
    """A person with access who is no longer in OpenText's directory, or has no role there now."""

    key: PersonKey
    role: str
    is_linked: bool


@dataclass(frozen=True, slots=True)
class RefusedPerson:
    """A person for whom nothing is changed, with the reason as a sentence."""

    person: Person
    reason: str


@dataclass(frozen=True, slots=True)
class PeoplePlan:
    """Plan of an import of people: who is invited, changed or leaving.

    Each person is in exactly one of ``new``, ``changed``, ``unchanged``, ``leaving`` and
    ``refused``. ``waiting`` are the open invitations of changed or unchanged people who have not
    accepted yet: an email should have been sent about each.
    """

    new: tuple[NewInvitation, ...] = ()
    changed: tuple[RoleChange, ...] = ()
    unchanged: tuple[Person, ...] = ()
    leaving: tuple[LeavingPerson, ...] = ()
    refused: tuple[RefusedPerson, ...] = ()
    waiting: tuple[Invitation, ...] = ()


class _Known(NamedTuple):
    """A person's links (permissions to act for a partner) and invitations on the portal.

    The oldest invitation comes first. ``former`` are invitations of the same user of
    OpenText's directory under other email addresses.
    """

    links: Sequence[LinkedMember]
    invitations: Sequence[Invitation]
    former: Sequence[Invitation] = ()

    @property
    def was_removed(self) -> bool:
        """True if the user had access under another address, and someone removed it by hand.

        False if gridwix removed it.
        """
        last = self.former[-1] if self.former else None
        return last is not None and last.status == InvitationStatus.USED and not last.ended_for


class KnownPeople:
    """Index of the links and invitations on the portal, by person.

    Args:
        links: Links (permissions of members to act for a partner) of certain partners.
        invitations: Invitations of the same partners. Those without an address are left out.
    """

    def __init__(self, links: Iterable[LinkedMember], invitations: Iterable[Invitation]) -> None:
        self.links = tuple(links)
        self.invitations = tuple(sorted((one for one in invitations if one.email), key=_age))
        self._links: defaultdict[tuple[str, str], list[LinkedMember]] = defaultdict(list)
        self._users: defaultdict[tuple[str, str], list[LinkedMember]] = defaultdict(list)
        self._invited: defaultdict[PersonKey, list[Invitation]] = defaultdict(list)
        self._invited_users: defaultdict[tuple[str, str], list[Invitation]] = defaultdict(list)
        for link in self.links:
            for email in link.emails:
                self._links[link.partner_id, email].append(link)
            if link.user_id:
                self._users[link.partner_id, link.user_id].append(link)
        for invitation in self.invitations:
            self._invited[PersonKey(invitation.partner_id, invitation.email)].append(invitation)
            if invitation.user_id:
                user = invitation.partner_id, invitation.user_id
                self._invited_users[user].append(invitation)

    def of(self, person: Person) -> _Known:
        """Return a person's links (permissions to act for a partner) and invitations on the portal.

        They are those at the person's partner, found by the person's email address and, for a user
        of OpenText's directory, by user id.
        """
        links = {link.id: link for link in self._links.get(person.key, ())}
        former: Sequence[Invitation] = ()
        if person.user_id:
            user = person.partner_id, person.user_id
            links |= {link.id: link for link in self._users.get(user, ())}
            former = [one for one in self._invited_users.get(user, ()) if one.email != person.email]
        return _Known(tuple(links.values()), self._invited.get(person.key, ()), former)


def plan_people(
    wanted: Iterable[Person],
    links: Iterable[LinkedMember],
    invitations: Iterable[Invitation],
    *,
    now: datetime,
    invite_again: bool = False,
    complete: Collection[PartnerId] = (),
    closed: Collection[PartnerId] = (),
) -> PeoplePlan:
    """Compare the people who should have access with the portal; plan who is invited or changed.

    Args:
        wanted: The people who should have access, each person once.
        links: Links (permissions of members to act for a partner) of every partner that ``wanted``
            or ``complete`` names.
        invitations: Invitations of the same partners.
        now: The current time.
        invite_again: Also invite people after their access was removed or invitation revoked.
        complete: Partners with all their people in ``wanted``. A person of such a partner who came
            from OpenText's directory and is not in ``wanted`` is leaving.
        closed: Partners that have left, such as terminated ones. No person is invited there,
            because the access would end immediately.
    """
    people = tuple(wanted)
    known = KnownPeople(links, invitations)
    new: list[NewInvitation] = []
    changed: list[RoleChange] = []
    unchanged: list[Person] = []
    refused: list[RefusedPerson] = []
    waiting: list[Invitation] = []
    ambiguous = _ambiguous_people(people, known)
    for person in people:
        found = known.of(person)
        open_ones = [one for one in found.invitations if one.is_open(now)]
        if person.key in ambiguous:
            refused.append(RefusedPerson(person, AMBIGUOUS))
            continue
        if not found.links and not open_ones:
            reason = _refusal(found, invite_again=invite_again)
            if person.partner_id in closed:
                reason = PARTNER_HAS_LEFT
            if reason:
                refused.append(RefusedPerson(person, reason))
            else:
                new.append(NewInvitation(person, _next_round(found.invitations)))
            continue
        if not found.links:
            waiting += open_ones
        change = _role_change(person, found.links, open_ones)
        if change is None:
            unchanged.append(person)
        else:
            changed.append(change)
    return PeoplePlan(
        tuple(new),
        tuple(changed),
        tuple(unchanged),
        tuple(_leavers(people, known, complete, now)),
        tuple(refused),
        tuple(waiting),
    )


def _ambiguous_people(people: Iterable[Person], known: KnownPeople) -> Collection[PersonKey]:
    """Return the people that are the same member under several addresses, but wanted in two roles.

    Each run would change that member's role again, so these people are refused.
    """
    of_link: defaultdict[WixItemId, dict[PersonKey, str]] = defaultdict(dict)
    for person in people:
        for link in known.of(person).links:
            of_link[link.id][person.key] = person.role
    return {key for roles in of_link.values() if len(set(roles.values())) > 1 for key in roles}


def _refusal(found: _Known, *, invite_again: bool) -> str:
    """Return the reason why a person without access is not invited; "" if the person is.

    The person's last invitation decides. If there is none, the last invitation of the same
    directory user under another address decides.
    """
    invitations = found.invitations
    if not invite_again and not invitations and found.was_removed:
        return REMOVED
    if invite_again or not invitations or invitations[-1].ended_for:
        # gridwix itself has ended it: who is wanted again has come back.
        return ""
    match invitations[-1].status:
        case InvitationStatus.ACTIVE:
            # It has expired.
            return ""
        case InvitationStatus.USED:
            return REMOVED
        case InvitationStatus.REVOKED:
            return "the invitation was revoked: --invite-again invites the person"
        case _:
            return "the invitation has a status that gridwix does not know: correct the row"


def _next_round(invitations: Sequence[Invitation]) -> int:
    return max((one.round for one in invitations), default=0) + 1


def _role_change(
    person: Person, links: Iterable[LinkedMember], invitations: Iterable[Invitation]
) -> RoleChange | None:
    """Return the change that gives a person's links and open invitations the person's role.

    A link is a member's permission to act for a partner. None if all have that role already. If the
    person is linked and has an open invitation as well, the invitation gets the role, too:
    accepting it would otherwise restore the former role.
    """
    rows = {
        **{(PARTNER_LINKS, one.id): one.role for one in links},
        **{(PARTNER_INVITATIONS, one.id): one.role for one in invitations},
    }
    other = {place: role for place, role in rows.items() if role != person.role}
    if not other:
        return None
    return RoleChange(
        person,
        tuple(sorted(set(other.values()))),
        tuple(FieldChange(*place, {"role": person.role}) for place in other),
    )


def _leavers(
    people: Iterable[Person],
    known: KnownPeople,
    complete: Collection[PartnerId],
    now: datetime,
) -> Iterator[LeavingPerson]:
    """Yield people with access who are missing in the complete list of their partner's people.

    Only people who came from OpenText's directory, and have a link (access) or an open invitation,
    are yielded, each once. ``people`` are all who should have access. ``complete`` are the partners
    for which ``people`` is complete; at other partners no person is leaving.
    """
    wanted = {person.key for person in people}
    users = {(person.partner_id, person.user_id) for person in people if person.user_id}
    complete = frozenset(complete)
    found: dict[PersonKey, LeavingPerson] = {}
    for link in known.links:
        stays = (link.partner_id, link.user_id) in users or any(
            PersonKey(link.partner_id, email) in wanted for email in link.emails
        )
        if link.source == Source.DIRECTORY and link.partner_id in complete and not stays:
            key = PersonKey(link.partner_id, min(link.emails, default=""))
            found[key] = LeavingPerson(key, link.role, is_linked=True)
    for one in known.invitations:
        key = PersonKey(one.partner_id, one.email)
        if (
            one.source == Source.DIRECTORY
            and one.partner_id in complete
            and key not in wanted
            and one.is_open(now)
        ):
            found.setdefault(key, LeavingPerson(key, one.role, is_linked=False))
    yield from found.values()


def _age(invitation: Invitation) -> tuple[int, str]:
    return invitation.round, invitation.id


type Rows = Mapping[CollectionId, Mapping[WixItemId, Mapping[str, object]]]
"""Fields to set, by collection and row."""


def rows_to_change(changes: Iterable[RoleChange]) -> Rows:
    """Return the fields to set so that people get their new roles, by collection and row id."""
    found: defaultdict[CollectionId, dict[WixItemId, Mapping[str, object]]] = defaultdict(dict)
    for change in changes:
        for row in change.rows:
            found[row.collection][row.item_id] = row.fields
    return found
