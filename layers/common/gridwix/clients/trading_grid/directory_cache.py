"""Cache of the whole partner directory, with rules for when it is confirmed or read again. Pure.

A change in the directory takes effect after at most ``FRESH_SECONDS``. An index older than that is
only a hint: its entry for one address or identifier is confirmed by single lookups in the
directory, which cost little compared with a list of all partners. ``docs/partner-directory.md`` has
the rules.
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
"""Age, in seconds, up to which the index, or a confirmation of one of its entries, needs no further
confirmation.
"""

LONGEST_SECONDS = 3600.0
"""Maximum age, in seconds, of a cached index, however large the directory is."""

ENTRIES_PER_SECOND = 30
"""Target rate for reading whole directories, in entries per second: one of 9,000 entries every five
minutes.
"""

ENTRIES_PER_LOOKUP = 500
"""A lookup costs as much as this many entries of a list: a round trip takes about 0.1 s, and a
function with a third of a processor reads some thousand entries in that time."""

UNWANTED_ENTRIES = 500
"""Number of entries in the response to a lookup above which the directory evidently ignores the
parameter.
"""

MAX_LOOKUPS = 8
"""Maximum number of lookups to confirm one address or identifier; more are replaced by reading the
whole directory. A number has four addresses at most.
"""

MAX_MISSING = 1000
"""Maximum number of addresses and identifiers that are cached as missing from the directory."""

type LookUp = Callable[[str, str], DirectoryIndex]
"""Looks partners up by a parameter of the directory, and its value. Raises UpstreamError."""


class _Lookup(NamedTuple):
    """One lookup in the directory: query parameter, value, and the address to find.

    The address is in normal form, "" for the lookup of a company.
    """

    parameter: str
    value: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Search key for the directory: an address, or an identifier with its possible addresses.

    Attributes:
        addresses: Addresses in normal form, each with the standard of its envelope; None for any.
        scheme: The scheme of the identifier; None if only addresses are looked up.
        number: The identifier.
        stated: An address matches only if the directory states its standard.
    """

    addresses: tuple[tuple[str | None, str], ...]
    scheme: IdentifierScheme | None = None
    number: str = ""
    stated: bool = False

    def listed_in(self, index: DirectoryIndex) -> Collection[CompanyId]:
        """Return the companies that have the address or identifier by an index."""
        found: set[CompanyId] = set()
        if self.scheme:
            found.update(index.named(self.scheme, self.number))
        for standard, address in self.addresses:
            found.update(index.holders(address, standard, stated=self.stated))
        return found


def wanted_address(trading_address: str, standard: str | None) -> Wanted:
    """Search key for an address in any notation. A blank one finds nothing.

    >>> wanted_address("4012345000009:14", None).addresses
    (('edifact', '14:4012345000009'),)
    """
    read = read_address(trading_address)
    return Wanted(((standard or read.standard or None, read.text),) if read.text else ())


def wanted_number(scheme: IdentifierScheme, number: str) -> Wanted:
    """Search key for a GLN or D-U-N-S number: the number, and its addresses in envelopes."""
    addresses = tuple(
        (standard, read_address(address).text)
        for standard, address in envelope_addresses(scheme, number)
    )
    return Wanted(addresses, scheme, number, stated=can_be_gln(scheme, number))


def kept_seconds(entries: int) -> float:
    """Maximum age, in seconds, of a cached index: the more entries the directory has, the longer.

    >>> [kept_seconds(entries) for entries in (100, 9_000, 90_000, 200_000)]
    [300.0, 300.0, 3000.0, 3600.0]
    """
    return min(LONGEST_SECONDS, max(FRESH_SECONDS, entries / ENTRIES_PER_SECOND))


@dataclass(slots=True)
class _KeptIndex:
    """The cached index, with the times at which lookups confirmed single entries.

    Attributes:
        index: The lookups of the whole directory.
        read_at: Unix seconds at which reading the directory began.
        confirmed: Unix seconds of the last confirmation, by address or identifier.
        lookups: Number of lookups since ``counted_from``.
        counted_from: Begin of the current counting interval, in Unix seconds.
    """

    index: DirectoryIndex
    read_at: float
    confirmed: dict[Wanted, float] = field(default_factory=dict)
    lookups: int = 0
    counted_from: float = 0.0

    def is_fresh(self, now: float) -> bool:
        """Return True if the index is new enough to need no confirmation."""
        return now - self.read_at <= FRESH_SECONDS

    def is_confirmed(self, wanted: Wanted, now: float) -> bool:
        """Return True if, in the last ``FRESH_SECONDS``, single lookups in the directory have found
        the same companies for ``wanted`` as the index.
        """
        at = self.confirmed.get(wanted)
        return at is not None and now - at <= FRESH_SECONDS

    def take_lookups(self, count: int, now: float) -> bool:
        """Count lookups.

        Return False if those of the last ``FRESH_SECONDS`` cost more than reading the whole
        directory.
        """
        if now - self.counted_from > FRESH_SECONDS:
            self.counted_from, self.lookups = now, 0
        self.lookups += count
        return self.lookups * ENTRIES_PER_LOOKUP <= len(self.index)


class DirectoryCache:
    """Finds the companies with an address or identifier, in a cached index of the directory.

    All methods raise UpstreamError.

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
        """The companies with an address or identifier, by a fresh index. Makes no lookup."""
        return wanted.listed_in(self._kept_index(longest=FRESH_SECONDS).index)

    def holders(self, wanted: Wanted) -> Collection[CompanyId]:
        """The companies with an address or identifier, by the cached index and single lookups.

        An address that the index lacks is looked up by itself, so a new partner is found at once.
        An index that is not fresh is then read again in two cases: the lookup found a partner,
        because others may have the address, too; or the address is not cached as missing yet,
        because a new partner may write it in a way that the lookup does not find. So the hub's own
        addresses, which the directory lacks, do not make it read again and again.
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
        """The cached index if its entry for ``wanted`` is fresh or confirmed; else a new one."""
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
        """Return True if lookups in the directory find the same companies as the index.

        A failed lookup confirms nothing, with any error: the directory is then read again, which
        may succeed.
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
        """The cached index, or a new one if that is older than ``longest`` or ``kept_seconds``."""
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
    """Yield the lookups that confirm the companies of ``wanted`` in an index, if it has any.

    An address is looked up in normal form and as the directory writes it. All addresses of a number
    are looked up, because a second partner may have got one meanwhile.
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
    """Return True if the response to a company's lookup shows the identifier for it alone."""
    return wanted.scheme is not None and answer.named(wanted.scheme, wanted.number) == {company_id}
