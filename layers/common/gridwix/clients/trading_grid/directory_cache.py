"""Keeps the index of the whole partner directory, and decides how long what it says counts. Pure.

What the directory says must be known at most ``FRESH_SECONDS`` late. An older index is only a hint:
what it says of one address or identifier is confirmed by the directory's own lookups, which cost
little next to a list of all partners. ``docs/partner-directory.md`` has the rules.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gridwix.clients.trading_grid.directory_entries import can_be_gln
from gridwix.clients.trading_grid.directory_index import DirectoryIndex, Holder
from gridwix.errors import UpstreamError
from gridwix.mapping.trading_addresses import read_address
from gridwix.models.ids import CompanyId
from gridwix.models.qualifiers import IdentifierScheme, envelope_addresses

FRESH_SECONDS = 300.0
"""Age, in seconds, up to which an index or a confirmation counts by itself."""

LONGEST_SECONDS = 3600.0
"""Longest time, in seconds, for which an index is kept."""

ENTRIES_PER_SECOND = 30
"""A list is read so seldom that its entries make this rate: 9,000 in five minutes."""

ENTRIES_PER_LOOKUP = 500
"""A lookup costs as much as this many entries of a list: a round trip takes about 0.1 s, and a
function with a third of a processor reads some thousand entries in that time."""

UNWANTED_ENTRIES = 500
"""Entries in the answer to a lookup that show that it does not narrow the list."""

MAX_LOOKUPS = 8
"""Most lookups that confirm one answer. A number has four addresses at most."""

MAX_MISSING = 1000
"""Most things that are remembered as missing from the directory."""

type LookUp = Callable[[str, str], DirectoryIndex]
"""Looks partners up by a parameter of the directory, and its value. Raises UpstreamError."""


class _Lookup(NamedTuple):
    """A lookup by a parameter of the directory, with the normal form of the address that it is for,
    "" for a company.
    """

    parameter: str
    value: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A lookup: an address, or an identifier with the addresses that it can be.

    Attributes:
        addresses: Addresses in normal form, each with the standard of its envelope; None for any.
        scheme: The scheme of the identifier; None if only addresses are looked up.
        number: The identifier.
        stated: The directory must state the standard of an address.
    """

    addresses: tuple[tuple[str | None, str], ...]
    scheme: IdentifierScheme | None = None
    number: str = ""
    stated: bool = False

    def listed_in(self, index: DirectoryIndex) -> Collection[CompanyId]:
        """The companies that have it according to an index."""
        found: set[CompanyId] = set()
        if self.scheme:
            found.update(index.named(self.scheme, self.number))
        for standard, address in self.addresses:
            found.update(index.holders(address, standard, stated=self.stated))
        return found


def wanted_address(trading_address: str, standard: str | None) -> Wanted:
    """The lookup for an address in any notation. A blank one has no addresses.

    >>> wanted_address("4012345000009:14", None).addresses
    (('edifact', '14:4012345000009'),)
    """
    read = read_address(trading_address)
    return Wanted(((standard or read.standard or None, read.text),) if read.text else ())


def wanted_number(scheme: IdentifierScheme, number: str) -> Wanted:
    """The lookup for a GLN or D-U-N-S number."""
    addresses = tuple(
        (standard, read_address(address).text)
        for standard, address in envelope_addresses(scheme, number)
    )
    return Wanted(addresses, scheme, number, stated=can_be_gln(scheme, number))


def kept_seconds(entries: int) -> float:
    """Time, in seconds, for which an index is kept: the longer, the more entries it is made of.

    >>> [kept_seconds(entries) for entries in (100, 9_000, 90_000, 200_000)]
    [300.0, 300.0, 3000.0, 3600.0]
    """
    return min(LONGEST_SECONDS, max(FRESH_SECONDS, entries / ENTRIES_PER_SECOND))


@dataclass(slots=True)
class _KeptIndex:
    """An index, with what lookups have confirmed of it.

    Attributes:
        index: The lookups of the whole directory.
        read_at: Unix seconds at which its read began.
        confirmed: Unix seconds of the last confirmation, by what was looked up.
        lookups: The lookups since ``counted_from``.
        counted_from: Unix seconds.
    """

    index: DirectoryIndex
    read_at: float
    confirmed: dict[Wanted, float] = field(default_factory=dict)
    lookups: int = 0
    counted_from: float = 0.0

    def is_fresh(self, now: float) -> bool:
        """Return True if the index counts by itself."""
        return now - self.read_at <= FRESH_SECONDS

    def is_confirmed(self, wanted: Wanted, now: float) -> bool:
        """Return True if what the index says of ``wanted`` was confirmed a moment ago."""
        at = self.confirmed.get(wanted)
        return at is not None and now - at <= FRESH_SECONDS

    def take_lookups(self, count: int, now: float) -> bool:
        """Count lookups. Return False if those of ``FRESH_SECONDS`` would cost more than a list."""
        if now - self.counted_from > FRESH_SECONDS:
            self.counted_from, self.lookups = now, 0
        self.lookups += count
        return self.lookups * ENTRIES_PER_LOOKUP <= len(self.index)


class DirectoryCache:
    """Finds the holders of addresses and identifiers, in an index of the whole directory that it
    keeps. All methods raise UpstreamError.

    Args:
        read_index: Reads the whole directory.
        look_up: Looks partners up, by ``tradingAddress`` or ``partnerCompanyId``.
        clock: Returns Unix seconds.
    """

    def __init__(
        self,
        read_index: Callable[[], DirectoryIndex],
        look_up: LookUp,
        clock: Callable[[], float],
    ) -> None:
        self._read_index = read_index
        self._look_up = look_up
        self._clock = clock
        self._kept: _KeptIndex | None = None
        self._missing: set[Wanted] = set()
        self._is_narrowed = True

    def listed_holders(self, wanted: Wanted) -> Collection[CompanyId]:
        """The companies that have an address or identifier by a fresh index, without a lookup."""
        return wanted.listed_in(self._kept_index(longest=FRESH_SECONDS).index)

    def holders(self, wanted: Wanted) -> Collection[CompanyId]:
        """The companies that have an address or identifier.

        An address that is not listed is asked for by itself, so a new partner is found at once. An
        index that is not fresh is then read again, if the lookup found a partner, as others may
        have the address, too; or if no list was found to lack it before, as a new partner may write
        it in a way that the lookup does not find. Thus the hub's own addresses cause no list.
        """
        kept = self._checked_index(wanted)
        listed = wanted.listed_in(kept.index)
        if listed or not (wanted.addresses or wanted.scheme):
            return listed
        asked: set[CompanyId] = set()
        for standard, address in wanted.addresses:
            found = self._look_up("tradingAddress", address)
            asked.update(found.holders(address, standard, stated=wanted.stated))
        is_hint = not kept.is_fresh(self._clock())
        if is_hint and (asked or wanted not in self._missing):
            listed = wanted.listed_in(self._read_again().index)
        if not listed and not asked:
            self._note_missing(wanted)
        return listed or asked

    def _checked_index(self, wanted: Wanted) -> _KeptIndex:
        """An index in which no holder of ``wanted`` is older than ``FRESH_SECONDS``."""
        kept, now = self._kept_index(longest=LONGEST_SECONDS), self._clock()
        if kept.is_fresh(now) or kept.is_confirmed(wanted, now):
            return kept
        lookups = list(_confirming_lookups(kept.index, wanted))
        if not lookups:
            return kept
        # A company without an id cannot be looked up.
        can_ask = len(lookups) <= MAX_LOOKUPS and all(lookup.value for lookup in lookups)
        if (
            can_ask
            and kept.take_lookups(len(lookups), now)
            and self._is_confirmed(kept.index, lookups, wanted)
        ):
            kept.confirmed[wanted] = now
            return kept
        return self._read_again()

    def _is_confirmed(
        self, index: DirectoryIndex, lookups: Iterable[_Lookup], wanted: Wanted
    ) -> bool:
        """Return True if the directory's lookups say what the index says.

        A lookup that fails confirms nothing, regardless of the reason: the list may be there all
        the same.
        """
        answered: dict[str, set[Holder]] = {}
        try:
            for lookup in lookups:
                answer = self._look_up(lookup.parameter, lookup.value)
                if len(answer) > UNWANTED_ENTRIES:
                    # It lists partners that nobody asked for, so lookups cost as much as lists.
                    self._is_narrowed = False
                    return False
                if lookup.address:
                    answered.setdefault(lookup.address, set()).update(
                        answer.stated_holders(lookup.address)
                    )
                elif not _is_named(answer, CompanyId(lookup.value), wanted):
                    return False
        except UpstreamError:
            return False
        return all(index.stated_holders(address) == found for address, found in answered.items())

    def _kept_index(self, *, longest: float) -> _KeptIndex:
        """The index that is kept, or a new one if it is older than it may be."""
        kept = self._kept
        if kept is None:
            return self._read_again()
        limit = kept_seconds(len(kept.index)) if self._is_narrowed else FRESH_SECONDS
        is_kept = self._clock() - kept.read_at <= min(limit, longest)
        return kept if is_kept else self._read_again()

    def _read_again(self) -> _KeptIndex:
        # The old one first: a directory of many partners should not be in memory twice.
        self._kept, now = None, self._clock()
        self._kept = _KeptIndex(self._read_index(), now)
        return self._kept

    def _note_missing(self, wanted: Wanted) -> None:
        if len(self._missing) >= MAX_MISSING:
            self._missing.clear()
        self._missing.add(wanted)


def _confirming_lookups(index: DirectoryIndex, wanted: Wanted) -> Iterator[_Lookup]:
    """The lookups that confirm what an index says; none if it has no holder.

    An address is asked for in normal form and as the directory writes it. Where the index has a
    holder, the other addresses of a number are asked for, too: a second partner may have got one.
    """
    companies = sorted(index.named(wanted.scheme, wanted.number)) if wanted.scheme else []
    addresses = dict.fromkeys(address for _, address in wanted.addresses)
    if companies or any(index.stated_holders(address) for address in addresses):
        for company_id in companies:
            yield _Lookup("partnerCompanyId", company_id)
        for address in addresses:
            for written in index.spellings(address):
                yield _Lookup("tradingAddress", written, address)


def _is_named(answer: DirectoryIndex, company_id: CompanyId, wanted: Wanted) -> bool:
    """Return True if the answer to the lookup of a company shows the identifier, as its own."""
    return wanted.scheme is not None and answer.named(wanted.scheme, wanted.number) == {company_id}
