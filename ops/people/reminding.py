"""Selects the people to invite again, because they have not accepted their invitation. Pure.

The plan has a sequence of people for each case:

============================  =====================================================================
the person                    becomes
============================  =====================================================================
has an active invitation,     ``new``, with another invitation, which replaces the active ones
open or expired
has a recent invitation       ``unchanged``: a second run, or one after an interruption, sends
                              nothing twice
is at a partner that has      ``refused``
left
is linked, or its invitation  in no sequence
was revoked, used or ended
============================  =====================================================================
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from gridwix.models.ids import PartnerId
from gridwix.people.persons import (
    Invitation,
    InvitationStatus,
    LinkedMember,
    Person,
    PersonKey,
    Source,
)
from gridwix.people.planning import PARTNER_HAS_LEFT, NewInvitation, PeoplePlan, RefusedPerson


def plan_reminders(
    links: Iterable[LinkedMember],
    invitations: Iterable[Invitation],
    *,
    now: datetime,
    waited: timedelta,
    email: str | None = None,
    closed: Collection[PartnerId] = (),
) -> PeoplePlan:
    """Return a plan that invites people again who have not accepted an invitation.

    Args:
        links: Links (permissions of members to act for a partner) to the partners in question.
        invitations: Invitations to these partners. An invitation without an email address is left
            out: its code was given to the person by hand.
        now: The current time.
        waited: Minimum age of a person's last invitation.
        email: Only the person with this normalized address; None for all.
        closed: Partners that have left. Their people are not invited.
    """
    linked = {PersonKey(one.partner_id, address) for one in links for address in one.emails}
    new: list[NewInvitation] = []
    unchanged: list[Person] = []
    refused: list[RefusedPerson] = []
    waiting: list[Invitation] = []
    for key, rounds in _rounds(invitations).items():
        last = rounds[-1]
        if key in linked or email not in (None, key.email) or not _is_pending(last):
            continue
        person = _person(last)
        if key.partner_id in closed:
            refused.append(RefusedPerson(person, PARTNER_HAS_LEFT))
        elif last.invited_at is not None and now - last.invited_at < waited:
            unchanged.append(person)
            waiting.append(last)
        else:
            replaced = tuple(one.id for one in rounds if _is_pending(one))
            new.append(NewInvitation(person, last.round + 1, replaced))
    return PeoplePlan(
        tuple(new), unchanged=tuple(unchanged), refused=tuple(refused), waiting=tuple(waiting)
    )


def _rounds(invitations: Iterable[Invitation]) -> dict[PersonKey, Sequence[Invitation]]:
    """Group invitations by person, in the order in which the invitations were sent."""
    found: defaultdict[PersonKey, list[Invitation]] = defaultdict(list)
    for one in sorted(invitations, key=lambda each: (each.partner_id, each.email, each.round)):
        if one.email:
            found[PersonKey(one.partner_id, one.email)].append(one)
    return dict(found)


def _is_pending(invitation: Invitation) -> bool:
    return invitation.status == InvitationStatus.ACTIVE and not invitation.ended_for


def _person(invitation: Invitation) -> Person:
    known = {source.value: source for source in Source}
    return Person(
        invitation.partner_id,
        invitation.email,
        invitation.role,
        name=invitation.name,
        language=invitation.language,
        source=known.get(invitation.source, Source.HUB),
        user_id=invitation.user_id,
    )
