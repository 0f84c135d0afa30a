"""The partners, members and records of a workload, by number: a few bytes for each partner.

The contents of the records are in the model of the hub.
"""

from array import array
from collections.abc import Sequence
from random import Random

from soak.traffic.shape import Shape

COUNTRIES = ("US", "US", "US", "CA", "MX", "DE", "FR", "GB")
ROLES = ("supplier", "supplier", "carrier", "distributor")
MEMBER_ROLES = ("admin", "edi", "finance", "logistics")
LOCALES = ("", "en-us", "de-de", "fr-fr", "es-mx")

COLLECTIONS = {
    "p": "partners",
    "e": "enrollments",
    "k": "compliance-checks",
    "c": "cases",
    "n": "service-notices",
    "d": "documents",
    "g": "onboarding-programs",
}


class Member:
    """A member of the site. ``links`` are its roles by partner number."""

    __slots__ = ("consents", "contact_id", "email", "id", "links", "locale", "number")

    def __init__(self, number: int, email: str, locale: str, consents: bool) -> None:
        self.number = number
        self.id = f"00000000-0000-4000-8000-{number:012x}"
        self.contact_id = ""
        self.email = email
        self.locale = locale
        self.consents = consents
        self.links: dict[int, str] = {}


class Population:
    """Counts of each partner's records, and the members of the site.

    Partner 0 owns records that belong to no single partner: notices, programs, the shared library.

    Args:
        shape: The size of the workload.
        random: The seeded source of chance.
    """

    def __init__(self, shape: Shape, random: Random) -> None:
        self._random = random
        self.partners = shape.partners
        self._most = shape.partners + shape.partners // 10 + 10
        self._counts = {kind: array("I", bytes(4 * (self._most + 1))) for kind in "ekcndgtsxmf"}
        self._versions: dict[str, int] = {}
        self.deleted: set[int] = set()
        """Numbers of the partners that are deleted at the moment."""
        self.members: list[Member] = []
        self._member_numbers = 0
        self._acting: dict[int, list[Member]] = {}
        self.requests: list[str] = []
        """Ids of the requests that came to the hub, oldest first."""
        self.waiting: list[tuple[str, int]] = []
        """Requests that wait for an answer of the partner: id, and the partner's number."""
        self.approvals: list[str] = []
        """Ids of the approvals that wait for the hub, oldest first."""
        self.faulty: list[tuple[int, str, str]] = []
        """Transactions with an exception: partner number, id, type of the document."""

    def any_partner(self) -> int:
        """Return the number of a random partner. Some are chosen much more often than others."""
        # The square puts a quarter of the work on a sixteenth of the partners.
        chance = self._random.random()
        number = 1 + int(chance * chance * self.partners)
        return number if number not in self.deleted else 1 + number % self.partners

    def next_partner(self) -> int:
        """Return the number of a new partner; 0 if there are enough."""
        if self.partners >= self._most:
            return 0
        self.partners += 1
        return self.partners

    def count(self, partner: int, kind: str) -> int:
        """Return the number of records of a kind that a partner has had."""
        return self._counts[kind][partner]

    def next_number(self, partner: int, kind: str) -> int:
        """Return the number of a partner's next record of a kind."""
        counts = self._counts[kind]
        counts[partner] += 1
        return counts[partner]

    def next_version(self, document_id: str) -> int:
        """Return the number of the next version that the hub adds to a document, counting only the
        hub's.
        """
        number = self._versions[document_id] = self._versions.get(document_id, 0) + 1
        return number

    def any_number(self, partner: int, kind: str) -> int:
        """Return the number of a random record of a kind of a partner; 0 if there is none."""
        count = self._counts[kind][partner]
        return 1 + int(self._random.random() * count) if count else 0

    def new_member(self, locale: str, consents: bool) -> Member:
        """Create a member, without a partner."""
        self._member_numbers += 1
        number = self._member_numbers
        member = Member(number, f"member{number}@partner.example", locale, consents)
        self.members.append(member)
        return member

    def any_member(self) -> Member | None:
        """Return a random member who acts for a partner; None if there is none."""
        members = self.members
        return members[int(self._random.random() * len(members))] if members else None

    def link(self, member: Member, partner: int, role: str) -> bool:
        """Let a member act for a partner in a role. Return False if it acted for the partner
        before.

        Args:
            member: The member.
            partner: The partner's number.
            role: The role.
        """
        is_new = partner not in member.links
        member.links[partner] = role
        if is_new:
            self._acting.setdefault(partner, []).append(member)
        return is_new

    def unlink(self, member: Member, partner: int) -> None:
        """End a member's role at a partner. A member without any partner is removed.

        Args:
            member: The member.
            partner: The partner's number.
        """
        del member.links[partner]
        self._acting[partner].remove(member)
        if not member.links:
            self.members.remove(member)

    def acting_for(self, partner: int) -> Member | None:
        """Return a member who acts for a partner; None if there is none."""
        members = self._acting.get(partner)
        return members[-1] if members else None


def partner_id(number: int) -> str:
    """Return the id of a partner by its number.

    >>> partner_id(17)
    'GC080000000017'
    """
    return f"GC08{number:010}"


def partner_number(identifier: str) -> int:
    """Return the number of a partner by its id.

    >>> partner_number("GC080000000017")
    17
    """
    return int(identifier[4:])


def record_id(kind: str, partner: int, number: int) -> str:
    """Return the id of a record by its kind, partner and number.

    >>> record_id("c", 17, 4)
    'case_17_4'

    Args:
        kind: The letter of its kind.
        partner: The number of its partner; 0 for one that belongs to no partner alone.
        number: Its number among those of this kind and partner.
    """
    return f"{_PREFIXES[kind]}_{partner}_{number}"


_PREFIXES = {"e": "enr", "k": "chk", "c": "case", "n": "ntc", "d": "doc", "g": "prg"}


def record_numbers(identifier: str) -> tuple[int, int]:
    """Return the partner's and the record's number, from a record's id; zeros for a foreign id.

    >>> record_numbers("case_17_4"), record_numbers("case_000001")
    ((17, 4), (0, 0))
    """
    parts: Sequence[str] = identifier.split("_")
    return (int(parts[1]), int(parts[2])) if len(parts) == 3 else (0, 0)


def gln(number: int) -> str:
    """Return the GLN of a partner: twelve digits and their mod-10 check digit.

    >>> gln(52)
    '0614142000523'
    """
    digits = f"{61_414_200_000 + number:012}"
    total = sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
