"""Reads entries of OpenText's partner directory. Pure.

OpenText publishes no schema, so entries are read tolerantly: each value has several possible names.
``docs/partner-directory.md`` lists the names, and the reason for each.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from stdnum import ean

from gridwix.clients.json_values import json_object
from gridwix.mapping.trading_addresses import (
    NormalAddress,
    normal_edi_address,
    normal_number,
    read_address,
)
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
ADDRESS_NAMES = ("tradingAddresses", "tradingAddress")
ENTRY_QUALIFIER_NAMES = ("interchangeQualifier", "interchangeIdQualifier")
ENTRY_ID_NAMES = ("interchangeId",)
QUALIFIER_NAMES = ("qualifier", *ENTRY_QUALIFIER_NAMES)
ID_NAMES = (*ENTRY_ID_NAMES, "address", "value", "id")
"""Members that may hold an address's id, in order of precedence. ``id`` is the last, as it may be
the key of the vendor's database row."""

IDENTIFIER_NAMES: Mapping[str, IdentifierScheme] = {
    "gln": IdentifierScheme.GLN,
    "duns": IdentifierScheme.DUNS,
    "duns4": IdentifierScheme.DUNS,
}
"""Schemes of identifiers, by the names that an entry may give them."""

NO_STANDARDS: frozenset[str] = frozenset()

type RawEntry = Mapping[str, Any]


class ListedAddress(NamedTuple):
    """An EDI address in an entry of the partner directory.

    ``written`` is the address as the directory writes it (``QQ:ID``), ``normal`` the address in
    normal form. ``standard`` is the standard of the address's envelope, ``x12`` or ``edifact``; ""
    if the directory does not state it.
    """

    written: str
    normal: str
    standard: str


@dataclass(frozen=True, slots=True)
class DirectoryPartner:
    """A trading partner, from an entry of the partner directory.

    ``trading_addresses`` are EDI addresses (``QQ:ID``), as the directory writes them. ``standards``
    maps each address in normal form to the standards (``x12``, ``edifact``) of its envelopes; an
    empty set means that the directory states none. ``raw`` is the whole entry. It is left out of
    ``repr``, as it holds names and e-mail addresses.
    """

    company_id: CompanyId
    name: str
    trading_addresses: tuple[str, ...]
    raw: RawEntry = field(repr=False)
    standards: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def has_address(
        self, address: str, standard: str | None = None, *, stated: bool = False
    ) -> bool:
        """Return True if the partner has an EDI address.

        Compares normal forms, so the notation does not matter.

        Args:
            address: The address as ``QQ:ID``.
            standard: Standard of the envelope; None for any standard.
            stated: True if the directory has to state the standard. If False, an address without a
                stated standard matches every standard.
        """
        wanted = read_address(address)
        known = self.standards.get(wanted.text)
        return known is not None and is_in_standard(
            known, standard or wanted.standard or None, stated=stated
        )


def is_in_standard(known: Set[str], standard: str | None, *, stated: bool = False) -> bool:
    """Return True if an EDI address is used in envelopes of a standard, according to the directory.

    Args:
        known: The standards that the directory states for the address.
        standard: The standard to check; None for any standard.
        stated: True if the directory has to state the standard. If False, an address without a
            stated standard matches every standard.
    """
    return standard is None or standard in known or not (known or stated)


def directory_partner(raw: RawEntry) -> DirectoryPartner:
    """Parse an entry of the partner directory to a trading partner. Missing texts are ""."""
    listed = tuple(listed_addresses(raw))
    return DirectoryPartner(
        company_id=CompanyId(first_text(raw, PARTNER_ID_NAMES)),
        name=first_text(raw, _PARTNER_NAMES),
        trading_addresses=tuple(address.written for address in listed),
        raw=raw,
        standards=address_standards(listed),
    )


def equivalent_numbers(scheme: IdentifierScheme, identifier: str) -> Sequence[str]:
    """Return the numbers under which the directory may list an identifier, the most exact first.

    A D-U-N-S number with a suffix may be listed without the suffix.

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
    """Return True if a D-U-N-S number with a suffix can also be a GLN, by its check digit.

    An EDI address with the qualifier ``14`` and such a number is a D-U-N-S number in X12, and a GLN
    in EDIFACT. So the address identifies a partner only together with the standard.
    """
    return (
        scheme is IdentifierScheme.DUNS
        and len(number) > DUNS_LENGTH
        and number.isdigit()
        and ean.is_valid(number)
    )


def entry_identifiers(raw: RawEntry) -> Iterable[tuple[IdentifierScheme, str]]:
    """Yield the identifiers (GLN, D-U-N-S number) of a directory entry, in normal form.

    An entry has each identifier in a member such as ``gln``, or all in the list ``identifiers``.

    >>> list(entry_identifiers({"identifiers": [{"scheme": "GLN", "value": "0614141000418"}]}))
    [(<IdentifierScheme.GLN: 'gln'>, '0614141000418')]
    """
    for name, scheme in IDENTIFIER_NAMES.items():
        if isinstance(own := raw.get(name), str):
            yield scheme, normal_number(own)
    listed = raw.get("identifiers")
    for item in listed if isinstance(listed, list) else ():
        entry = json_object(item)
        named = IDENTIFIER_NAMES.get(first_text(entry, ("scheme", "type")).lower())
        if named is not None:
            yield named, normal_number(first_text(entry, ("value", "id")))


def address_standards(listed: Iterable[ListedAddress]) -> Mapping[str, frozenset[str]]:
    """Map each address of an entry, in normal form, to the standards that are stated for it."""
    found: dict[str, frozenset[str]] = {}
    for address in listed:
        known = found.get(address.normal, NO_STANDARDS)
        found[address.normal] = known | {address.standard} if address.standard else known
    return found


def first_text(raw: RawEntry, names: Iterable[str]) -> str:
    """Return the first of the members ``names`` that is a non-empty text; "" if none is."""
    # A loop takes half the time of a generator, and a large directory asks a million times.
    for name in names:
        value = raw.get(name)
        if value and isinstance(value, str):
            return value
    return ""


def listed_addresses(raw: RawEntry) -> Iterable[ListedAddress]:
    """Yield the EDI addresses of a directory entry. Blank addresses are left out."""
    for name in ADDRESS_NAMES:
        value = raw.get(name)
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, str):
                found = ListedAddress(item, *read_address(item))
            elif isinstance(item, dict):
                found = _address_of_object(item, QUALIFIER_NAMES, ID_NAMES)
            else:
                continue
            if found.normal:
                yield found
    # On the entry itself only the names that can mean nothing else count, and only as a pair.
    if first_text(raw, ENTRY_QUALIFIER_NAMES).strip():
        found = _address_of_object(raw, ENTRY_QUALIFIER_NAMES, ENTRY_ID_NAMES)
        if found.normal:
            yield found


def _address_of_object(
    item: RawEntry, qualifier_names: Sequence[str], id_names: Sequence[str]
) -> ListedAddress:
    qualifier, identifier = first_text(item, qualifier_names), first_text(item, id_names)
    standard = first_text(item, ("standard",)).strip().lower()
    if qualifier.strip():
        written = f"{qualifier}:{identifier}"
        read = NormalAddress(normal_edi_address(qualifier, identifier))
    else:
        written, read = identifier, read_address(identifier)
    return ListedAddress(written, read.text, standard or read.standard)
