"""Reads entries of OpenText's partner directory. Pure.

OpenText publishes no schema, so entries are read tolerantly: each value has several possible names.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stdnum import ean

from gridwix.clients.json_values import json_object
from gridwix.models.ids import CompanyId
from gridwix.models.qualifiers import IdentifierScheme

DUNS_LENGTH = 9

ENVELOPE_NAMES = (
    "partners",
    "partnerDirectory",
    "tradingPartners",
    "items",
    "entries",
    "response",
    "results",
    "data",
)
"""Members of a response that may hold the list of entries, in order of precedence."""

_COMPANY_ID_NAMES = ("companyId", "buid", "id")
_COMPANY_NAMES = ("companyName", "name")
PARTNER_ID_NAMES = ("partnerCompanyId", *_COMPANY_ID_NAMES)
_PARTNER_NAMES = ("partnerCompanyName", *_COMPANY_NAMES)
_ADDRESS_NAMES = ("tradingAddresses", "tradingAddress")

type RawEntry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DirectoryPartner:
    """A trading partner of the directory.

    ``trading_addresses`` are EDI addresses as ``QQ:ID``. ``standards`` has the standards (``x12``,
    ``edifact``) of the envelopes in which an address stands, for those addresses that state them.
    ``raw`` is the whole entry. It stays out of ``repr``, as it holds names and e-mail addresses.
    """

    company_id: CompanyId
    name: str
    trading_addresses: tuple[str, ...]
    raw: RawEntry = field(repr=False)
    standards: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def has_address(
        self, address: str, standard: str | None = None, *, stated: bool = False
    ) -> bool:
        """True if the partner has an address.

        Args:
            address: The address as ``QQ:ID``.
            standard: Restricts it to the envelopes of a standard.
            stated: The directory must state the standard. Without it an address that states no
                standard counts for any.
        """
        known = self.standards.get(address, frozenset())
        return address in self.trading_addresses and (
            standard is None or standard in known or not (known or stated)
        )


def directory_partner(raw: RawEntry) -> DirectoryPartner:
    """The trading partner of an entry. Missing texts are empty."""
    return DirectoryPartner(
        company_id=CompanyId(first_text(raw, PARTNER_ID_NAMES)),
        name=first_text(raw, _PARTNER_NAMES),
        trading_addresses=tuple(_trading_addresses(raw)),
        raw=raw,
        standards=_address_standards(raw),
    )


def equivalent_numbers(scheme: IdentifierScheme, identifier: str) -> Sequence[str]:
    """The numbers to look up for an identifier, the most exact first.

    >>> equivalent_numbers(IdentifierScheme.DUNS, "1234567890002")
    ['1234567890002', '123456789']
    """
    has_suffix = scheme is IdentifierScheme.DUNS and len(identifier) > DUNS_LENGTH
    return (
        [identifier, identifier[:DUNS_LENGTH]]
        if has_suffix and not can_be_gln(scheme, identifier)
        else [identifier]
    )


def can_be_gln(scheme: IdentifierScheme, number: str) -> bool:
    """True if a D-U-N-S number with a suffix can be a GLN by its check digit.

    ``14:`` and such a number is the one in X12 and the other in EDIFACT, so only an address whose
    standard is known tells which partner it is.
    """
    return (
        scheme is IdentifierScheme.DUNS
        and len(number) > DUNS_LENGTH
        and number.isdigit()
        and ean.is_valid(number)
    )


def entry_identifiers(raw: RawEntry, scheme: IdentifierScheme) -> Iterable[str]:
    """The identifiers of a scheme in an entry: in a member of its name, or in ``identifiers``."""
    names = (scheme.value, "duns4") if scheme is IdentifierScheme.DUNS else (scheme.value,)
    yield from (own for name in names if isinstance(own := raw.get(name), str))
    listed = raw.get("identifiers")
    for entry in listed if isinstance(listed, list) else ():
        if first_text(json_object(entry), ("scheme", "type")).lower() in names:
            yield first_text(json_object(entry), ("value", "id"))


def _address_standards(raw: RawEntry) -> Mapping[str, frozenset[str]]:
    """The standards of an entry's addresses, for those that state them."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name in _ADDRESS_NAMES:
        value = raw.get(name)
        for entry in value if isinstance(value, list) else [value]:
            standard = first_text(json_object(entry), ("standard",)).lower()
            if standard and (address := _qualified_address(json_object(entry))):
                found[address].add(standard)
    return {address: frozenset(standards) for address, standards in found.items()}


def _qualified_address(entry: RawEntry) -> str:
    qualifier, identifier = first_text(entry, ("qualifier",)), first_text(entry, ("id", "address"))
    return f"{qualifier}:{identifier}" if qualifier and identifier else identifier


def first_text(raw: RawEntry, names: Iterable[str]) -> str:
    """The first of these members that is a text and not empty; "" if none is."""
    return next((value for name in names if isinstance(value := raw.get(name), str) and value), "")


def _trading_addresses(raw: RawEntry) -> Iterable[str]:
    for name in _ADDRESS_NAMES:
        value = raw.get(name)
        for address in value if isinstance(value, list) else [value]:
            if (
                found := address
                if isinstance(address, str)
                else _qualified_address(json_object(address))
            ):
                yield found
