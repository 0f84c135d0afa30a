"""Members of the site: their roles at partners, and their settings."""

import re
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo  # noqa: TID251 - the judges share no code with the product

from soak.inputs import MemberChanged, MemberJoined, MemberLeft, RoleChanged, SettingChanged
from soak.judges.settings import Quiet, parse_quiet

_QUIET = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d) (\S+)")


@dataclass(slots=True)
class Member:
    """A member of the site.

    ``links`` are its roles by partner, ``left`` the times at which it stopped acting for a partner.
    ``changed`` is the time of its last change of any kind.
    """

    contact_id: str
    email: str
    consents: bool
    changed: float
    links: dict[str, str] = field(default_factory=dict)
    left: dict[str, float] = field(default_factory=dict)
    quiet: tuple[Quiet, ZoneInfo] | None = None
    settled: float = 0.0
    """Time of the last change of the member's quiet hours."""


class People:
    """All members of the site, by member id and by contact id."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.of_partner: dict[str, dict[str, None]] = {}
        self._by_contact: dict[str, str] = {}

    def join(self, given: MemberJoined) -> None:
        """Record that a member acts for a partner."""
        member = self.members.get(given.member_id)
        if member is None:
            member = Member(given.contact_id, given.email, given.consents, given.at)
            self.members[given.member_id] = member
            self._by_contact[given.contact_id] = given.member_id
        member.email, member.consents, member.changed = given.email, given.consents, given.at
        member.links[given.partner_id] = given.role
        member.left.pop(given.partner_id, None)
        self.of_partner.setdefault(given.partner_id, {})[given.member_id] = None

    def change(self, given: MemberChanged) -> None:
        """Record a member's new address or consent."""
        if (member := self.members.get(given.member_id)) is not None:
            member.email, member.consents = given.email, given.consents
            member.changed = given.at

    def change_role(self, given: RoleChanged) -> None:
        """Record a member's new role at a partner."""
        if (member := self.members.get(given.member_id)) is not None:
            member.links[given.partner_id] = given.role
            member.changed = given.at

    def choose(self, given: SettingChanged) -> None:
        """Record a setting that a member has chosen."""
        member = self.members.get(given.member_id)
        if member is None:
            return
        member.changed = given.at
        if given.setting == "quietHours":
            found = _QUIET.fullmatch(given.value)
            member.settled = given.at
            member.quiet = (
                None if found is None else (parse_quiet(found[1], found[2]), ZoneInfo(found[3]))
            )

    def leave(self, given: MemberLeft) -> None:
        """Record that a member no longer acts for a partner."""
        if (member := self.members.get(given.member_id)) is not None:
            member.links.pop(given.partner_id, None)
            member.left[given.partner_id] = member.changed = given.at
            self.of_partner.get(given.partner_id, {}).pop(given.member_id, None)

    def find(self, recipient: str) -> tuple[str, Member] | None:
        """Return the id and member of a recipient, given as a member id or a contact id."""
        identifier = recipient if recipient in self.members else self._by_contact.get(recipient, "")
        member = self.members.get(identifier)
        return None if member is None else (identifier, member)
