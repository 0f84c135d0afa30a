"""Finds and counts unused invitations: people who were invited and have not accepted. Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from gridwix.models.people_runs import InvitationCounts
from gridwix.people.leaving import PartnerPeople
from gridwix.people.persons import Invitation, InvitationStatus

SOON = timedelta(days=3)
"""Time before its expiry from which an invitation counts as about to expire."""


def unused_invitations(people: PartnerPeople) -> Sequence[Invitation]:
    """Return the last unused invitation of each person without access, whether expired or not.

    Unused means that the status is active; an invitation keeps this status when it expires. A
    person has access if a link (a member's permission to act for the partner) has the person's
    address. An invitation without an address (its code was handed over) counts as a person of its
    own.
    """
    linked = {email for link in people.links for email in link.emails}
    last: dict[str, Invitation] = {}
    for one in sorted(people.invitations, key=lambda each: each.round):
        if one.status == InvitationStatus.ACTIVE and one.email not in linked:
            last[one.email or one.id] = one
    return tuple(last.values())


def count_unused(
    invitations: Sequence[Invitation], bounced: Collection[str] | None, now: datetime
) -> InvitationCounts:
    """Count unused invitations that need attention: expired, about to expire, or bouncing.

    Args:
        invitations: The result of ``unused_invitations``.
        bounced: Email addresses that bounce; None if Wix could not be asked. Then the open
            invitations are counted as unknown.
        now: The current time.
    """
    found = [one for one in invitations if one.is_open(now)]
    addresses = [one.email for one in found if one.email]
    return InvitationCounts(
        expired=len(invitations) - len(found),
        expiring=sum(1 for one in found if one.expires_at and one.expires_at <= now + SOON),
        bounced=sum(1 for email in addresses if bounced is not None and email in bounced),
        unknown=len(addresses) if bounced is None else 0,
    )
