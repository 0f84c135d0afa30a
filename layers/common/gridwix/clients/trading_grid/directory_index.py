"""Lookups in the whole partner directory: by trading address, and by identifier. Pure.

An index holds the ids of companies, and nothing else of the entries: a directory may have a hundred
thousand of them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gridwix.clients.trading_grid.directory_entries import (
    RawEntry,
    directory_partner,
    entry_identifiers,
)
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.models.qualifiers import IdentifierScheme

NO_STANDARDS: frozenset[str] = frozenset()

SCHEMES = tuple(
    scheme for scheme in IdentifierScheme if scheme is not IdentifierScheme.TRADING_ADDRESS
)
"""Schemes of identifiers that are no trading addresses."""

type Holder = tuple[CompanyId, frozenset[str]]
"""A company with an address, and the standards of the envelopes in which the address stands."""


@dataclass(frozen=True, slots=True)
class DirectoryIndex:
    """The companies of each trading address, in the directory's order, and of each identifier."""

    holders: Mapping[str, Sequence[Holder]]
    identifiers: Mapping[tuple[IdentifierScheme, str], Collection[CompanyId]]

    def holder(self, address: str, standard: str | None) -> PartnerId | None:
        """The first company with an address; None if none has it, or if it has no id.

        An address that states no standard counts for any.

        Args:
            address: The address as ``QQ:ID``.
            standard: The standard of its envelope; None if unknown.
        """
        return next(
            (
                PartnerId(company_id)
                for company_id, known in self.holders.get(address, ())
                if company_id and (standard is None or standard in known or not known)
            ),
            None,
        )

    def named(self, scheme: IdentifierScheme, number: str) -> Collection[CompanyId]:
        """The companies with an identifier."""
        return self.identifiers.get((scheme, number), frozenset())


def index_entries(entries: list[RawEntry]) -> DirectoryIndex:
    """Index the entries of a directory. ``entries`` is emptied, so that each is freed at once."""
    holders: dict[str, list[Holder]] = {}
    identifiers: dict[tuple[IdentifierScheme, str], set[CompanyId]] = {}
    entries.reverse()
    while entries:
        raw = entries.pop()
        partner = directory_partner(raw)
        for address in dict.fromkeys(partner.trading_addresses):
            holder = (partner.company_id, partner.standards.get(address, NO_STANDARDS))
            holders.setdefault(address, []).append(holder)
        for scheme in SCHEMES:
            for number in entry_identifiers(raw, scheme):
                identifiers.setdefault((scheme, number), set()).add(partner.company_id)
    return DirectoryIndex(holders, identifiers)
