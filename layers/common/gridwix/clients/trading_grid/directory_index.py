"""Index of the whole partner directory, by trading address and by identifier. Pure.

For each address or identifier in normal form, the index has the ids of the companies. It also has
each address as the directory writes it, if that differs from the normal form. It holds nothing else
of the entries, because a directory may have a hundred thousand of them. A partner with one address
takes about 70 bytes.
"""

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence, Set

from gridwix.clients.trading_grid.directory_entries import (
    NO_STANDARDS,
    PARTNER_ID_NAMES,
    RawEntry,
    address_standards,
    entry_identifiers,
    first_text,
    is_in_standard,
    listed_addresses,
)
from gridwix.compact_texts import TextColumn, TextMultimap
from gridwix.mapping.trading_addresses import normal_number, read_address
from gridwix.models.ids import CompanyId
from gridwix.models.qualifiers import IdentifierScheme

SCHEMES = tuple(
    scheme for scheme in IdentifierScheme if scheme is not IdentifierScheme.TRADING_ADDRESS
)
"""Schemes of the identifiers that the index has besides trading addresses."""

type Holder = tuple[CompanyId, frozenset[str]]
"""A company with an address, and the standards that the directory states of it there."""


class DirectoryIndex:
    """Maps each trading address, and each identifier, to the companies that have it.

    It takes little memory. Entries are added one by one, as they arrive. An address leads to
    *holders*: a holder is a company together with the envelope standards, such as X12, that the
    directory states for the address. Addresses of one entry with the same standards share a holder.
    Internally, holders are numbered.
    """

    def __init__(self) -> None:
        self._entries = 0
        self._company_ids = TextColumn()
        self._standards = array("I")
        # The same few sets of standards recur: each holder has the number of one.
        self._standard_sets: dict[frozenset[str], int] = {}
        self._known_standards: list[frozenset[str]] = []
        self._addresses = TextMultimap()
        self._written = TextColumn()
        self._spellings = TextMultimap()
        self._identifiers: Mapping[IdentifierScheme, TextMultimap] = {
            scheme: TextMultimap() for scheme in SCHEMES
        }

    def __len__(self) -> int:
        """Number of directory entries that were added to the index."""
        return self._entries

    def append(self, entry: RawEntry, /) -> None:
        """Add an entry of the partner directory to the index: its addresses and identifiers."""
        self._entries += 1
        company_id = first_text(entry, PARTNER_ID_NAMES)
        holders: dict[frozenset[str], int] = {}
        listed = list(listed_addresses(entry))
        for one in listed:
            if one.written != one.normal:
                self._spellings.add(one.normal, len(self._written))
                self._written.append(one.written)
        for address, standards in address_standards(listed).items():
            if standards not in holders:
                holders[standards] = self._add_holder(company_id, standards)
            self._addresses.add(address, holders[standards])
        holder = next(iter(holders.values()), None)
        for scheme, number in entry_identifiers(entry):
            if holder is None:
                holder = self._add_holder(company_id, NO_STANDARDS)
            self._identifiers[scheme].add(number, holder)

    def holders(
        self, address: str, standard: str | None, *, stated: bool = False
    ) -> Collection[CompanyId]:
        """Return the companies with an EDI address, in the directory's order.

        A company without an id is left out.

        Args:
            address: The address as ``QQ:ID``, in any notation.
            standard: The standard of the address's envelope; None if unknown.
            stated: True if the directory has to state the standard. If False, an address without a
                stated standard matches every standard.
        """
        wanted = read_address(address)
        found: dict[CompanyId, None] = {}
        for company_id, known in self._holders_of(wanted.text):
            if is_in_standard(known, standard or wanted.standard or None, stated=stated):
                found[company_id] = None
        return found.keys()

    def stated_holders(self, address: str) -> Set[Holder]:
        """Return the companies with an EDI address, each with the standards stated for the address.

        A company without an id is left out.

        Args:
            address: The address in normal form.
        """
        return set(self._holders_of(address))

    def spellings(self, address: str) -> Sequence[str]:
        """Return the notations of an address: the normal form, and all that the directory uses.

        Args:
            address: The address in normal form.
        """
        written = (self._written[number] for number in self._spellings.values(address))
        return list(dict.fromkeys((address, *written)))

    def named(self, scheme: IdentifierScheme, number: str) -> Collection[CompanyId]:
        """Return the companies with a GLN or D-U-N-S number, which may be in any notation."""
        identifiers = self._identifiers.get(scheme)
        holders = identifiers.values(normal_number(number)) if identifiers else ()
        return {CompanyId(self._company_ids[holder]) for holder in holders}

    def _holders_of(self, address: str) -> Iterator[Holder]:
        for holder in self._addresses.values(address):
            if company_id := self._company_ids[holder]:
                yield CompanyId(company_id), self._known_standards[self._standards[holder]]

    def _add_holder(self, company_id: str, standards: frozenset[str]) -> int:
        number = self._standard_sets.setdefault(standards, len(self._standard_sets))
        if number == len(self._known_standards):
            self._known_standards.append(standards)
        self._company_ids.append(company_id)
        self._standards.append(number)
        return len(self._standards) - 1
