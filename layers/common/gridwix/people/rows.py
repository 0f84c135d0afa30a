"""Rows of ``PartnerInvitations`` and ``PartnerLinks``, and people read from them. Pure.

Site editors can change and empty fields, so rows are read tolerantly.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gridwix.models.ids import PartnerId
from gridwix.models.wix import DataItem
from gridwix.people.addresses import normal_address
from gridwix.people.codes import code_hash, invitation_code
from gridwix.people.history import HUB
from gridwix.people.persons import Invitation, InvitationStatus, LinkedMember
from gridwix.people.planning import NewInvitation

MAX_ROUND = 1_000_000
"""Highest round that is read: anything else is no round."""


def invitation_row(
    new: NewInvitation, key: bytes, *, bound: bool, now: datetime, days: int
) -> DataItem:
    """Return the row of an invitation. Its code is not in it.

    Args:
        new: The invitation.
        key: The stack's key of codes.
        bound: Only a member with this login address can accept it.
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
    """Read an invitation from its row."""
    data = item.data
    number = data.get("round")
    return Invitation(
        item.id,
        PartnerId(_text(data, "partnerId")),
        normal_address(_text(data, "email")) or "",
        _text(data, "role"),
        _text(data, "status"),
        _time(data, "expiresAt"),
        # Wix has one kind of numbers, so a round may be 2.0.
        int(number) if isinstance(number, int | float) and 1 <= number <= MAX_ROUND else 1,
        name=_text(data, "name"),
        source=_text(data, "source"),
        user_id=_text(data, "userId"),
        invited_at=_time(data, "invitedAt"),
        used_by=_text(data, "usedBy"),
        ended_at=_time(data, "endedAt"),
        ended_for=_text(data, "endedFor"),
        language=_text(data, "language"),
    )


def read_link(item: DataItem, login_addresses: Iterable[str] = ()) -> LinkedMember:
    """Read a link from its row.

    Args:
        item: The row.
        login_addresses: Login addresses of its member.
    """
    data = item.data
    written = (*login_addresses, _text(data, "email"))
    return LinkedMember(
        item.id,
        _text(data, "memberId"),
        PartnerId(_text(data, "partnerId")),
        _text(data, "role"),
        frozenset(email for one in written if (email := normal_address(one))),
        name=_text(data, "name"),
        source=_text(data, "source"),
        user_id=_text(data, "userId"),
        since=_time(data, "verifiedAt"),
        invitation_id=_text(data, "invitationId"),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _time(data: Mapping[str, Any], name: str) -> datetime | None:
    value = data.get(name)
    return value if isinstance(value, datetime) else None
