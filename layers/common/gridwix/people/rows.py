"""Makes and reads rows of ``PartnerInvitations``, and reads rows of ``PartnerLinks``. Pure.

Site editors can change and empty fields. So a missing or invalid value is no error.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from gridwix.models.ids import PartnerId
from gridwix.models.wix import DataItem
from gridwix.people.addresses import normal_email
from gridwix.people.codes import code_hash, invitation_code
from gridwix.people.history import HUB
from gridwix.people.persons import Invitation, InvitationStatus, LinkedMember
from gridwix.people.planning import NewInvitation
from gridwix.people.row_values import row_text, time_of

MAX_ROUND = 1_000_000
"""Highest valid round (number of a person's invitation) in a row."""


def invitation_row(
    new: NewInvitation, key: bytes, *, bound: bool, now: datetime, days: int
) -> DataItem:
    """Return the portal row of a new invitation. It has the hash of the code, not the code itself.

    Args:
        new: The invitation.
        key: The stack's key, from which codes are derived.
        bound: Only a member with the invitation's address as login address can accept it.
        now: The current time.
        days: Validity in days from ``now``.
    """
    person = new.person
    fields: dict[str, Any] = {
        "partnerId": person.partner_id,
        "role": person.role,
        "status": InvitationStatus.ACTIVE.value,
        "expiresAt": now + timedelta(days=days),
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "bound": bound,
        "codeHash": code_hash(invitation_code(key, new.id)),
        "invitedBy": HUB,
        "invitedAt": now,
        "source": person.source.value,
        "userId": person.user_id,
        "round": new.round,
    }
    # A field without a value is absent.
    return DataItem(new.id, {name: value for name, value in fields.items() if value != ""})


def read_invitation(item: DataItem) -> Invitation:
    """Return the invitation of a portal row; a missing or invalid field gets a default."""
    data = item.data
    number = data.get("round")
    return Invitation(
        item.id,
        PartnerId(row_text(data, "partnerId")),
        normal_email(row_text(data, "email")) or "",
        row_text(data, "role"),
        row_text(data, "status"),
        time_of(data, "expiresAt"),
        # Wix has one kind of numbers, so a round may be 2.0.
        int(number) if isinstance(number, int | float) and 1 <= number <= MAX_ROUND else 1,
        name=row_text(data, "name"),
        source=row_text(data, "source"),
        user_id=row_text(data, "userId"),
        invited_at=time_of(data, "invitedAt"),
        used_by=row_text(data, "usedBy"),
        ended_at=time_of(data, "endedAt"),
        ended_for=row_text(data, "endedFor"),
        language=row_text(data, "language"),
    )


def read_link(item: DataItem, login_addresses: Iterable[str] = ()) -> LinkedMember:
    """Return a member's link to a partner (the permission to act for it) from a portal row.

    A missing or invalid field gets a default.

    Args:
        item: The row.
        login_addresses: Email addresses with which the member logs in.
    """
    data = item.data
    written = (*login_addresses, row_text(data, "email"))
    return LinkedMember(
        item.id,
        row_text(data, "memberId"),
        PartnerId(row_text(data, "partnerId")),
        row_text(data, "role"),
        frozenset(email for one in written if (email := normal_email(one))),
        name=row_text(data, "name"),
        source=row_text(data, "source"),
        user_id=row_text(data, "userId"),
        since=time_of(data, "verifiedAt"),
        invitation_id=row_text(data, "invitationId"),
    )
