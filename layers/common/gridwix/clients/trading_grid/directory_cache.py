"""Cache of the whole partner directory, with rules for when to check it or read it again. Pure.

The cache is an index of all entries. A change in the directory takes effect after at most
``FRESH_SECONDS``. An older index is only a hint: before its answer about an address or identifier
is used, it is checked by requests to the directory for that address alone (lookups), which cost
little compared with a list of all partners. ``docs/partner-directory.md`` has the rules.
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
    """One lookup in the partner directory, by one query parameter and its value.

    ``address`` is the EDI address to find in the response, in normal form; "" if a company is
    looked up.
    """

    parameter: str
    value: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Search key for the partner directory: an EDI address, or an identifier such as a GLN.

    Attributes:
        addresses: The EDI address, or those that the identifier can have, in normal form. Each
            comes with the standard of its envelope (X12 or EDIFACT); None for any standard.
        scheme: The scheme of the identifier; None if only an address is searched.
        number: The identifier; "" if only an address is searched.
        stated: False if an address that the directory lists without an envelope standard also
            matches; True if only an address that is listed with the standard matches.
    """

    addresses: tuple[tuple[str | None, str], ...]
    scheme: IdentifierScheme | None = None
    number: str = ""
    stated: bool = False

    def listed_in(self, index: DirectoryIndex) -> Collection[CompanyId]:
        """Return the companies that have this address or identifier, according to an index."""
        found: set[CompanyId] = set()
        if self.scheme:
            found.update(index.named(self.scheme, self.number))
        for standard, address in self.addresses:
            found.update(index.holders(address, standard, stated=self.stated))
        return found


def wanted_address(trading_address: str, standard: str | None) -> Wanted:
    """Return the search key for an EDI address in any notation. A blank address finds no company.

    >>> wanted_address("4012345000009:14", None).addresses
    (('edifact', '14:4012345000009'),)
    """
    read = read_address(trading_address)
    return Wanted(((standard or read.standard or None, read.text),) if read.text else ())


def wanted_number(scheme: IdentifierScheme, number: str) -> Wanted:
    """Return the search key for a GLN or D-U-N-S number.

    It holds the number, and the EDI addresses that the number has in envelopes of X12 and EDIFACT.
    """
    addresses = tuple(
        (standard, read_address(address).text)
        for standard, address in envelope_addresses(scheme, number)
    )
    return Wanted(addresses, scheme, number, stated=can_be_gln(scheme, number))


def kept_seconds(entries: int) -> float:
    """Return the maximum age of the cached directory, in seconds: longer for a larger directory.

    ``entries`` is the number of entries in the directory.

    >>> [kept_seconds(entries) for entries in (100, 9_000, 90_000, 200_000)]
    [300.0, 300.0, 3000.0, 3600.0]
    """
    return min(LONGEST_SECONDS, max(FRESH_SECONDS, entries / ENTRIES_PER_SECOND))


@dataclass(slots=True)
class _KeptIndex:
    """The cached index of the whole partner directory, with the searches that were checked lately.

    An index that is no longer fresh is checked, for each search, by lookups: requests to the
    directory for one address or company alone.

    Attributes:
        index: Index from EDI addresses and identifiers to companies.
        read_at: Unix seconds at which reading the directory began.
        confirmed: For a searched address or identifier, the Unix seconds at which lookups last
            found the same companies as the index.
        lookups: Number of lookups since ``counted_from``.
        counted_from: Unix seconds at which counting the lookups began.
    """

    index: DirectoryIndex
    read_at: float
    confirmed: dict[Wanted, float] = field(default_factory=dict)
    lookups: int = 0
    counted_from: float = 0.0

    def is_fresh(self, now: float) -> bool:
        """Return True if the index is so new that no lookup has to confirm its answers.

        That is, it is at most ``FRESH_SECONDS`` old.
        """
        return now - self.read_at <= FRESH_SECONDS

    def is_confirmed(self, wanted: Wanted, now: float) -> bool:
        """Return True if the index's companies for the search key ``wanted`` were confirmed lately.

        That is, in the last ``FRESH_SECONDS`` requests to the directory for this address or
        identifier alone (lookups) have found the same companies as the cached index.
        """
        at = self.confirmed.get(wanted)
        return at is not None and now - at <= FRESH_SECONDS

    def take_lookups(self, count: int, now: float) -> bool:
        """Count ``count`` further lookups. Return False if reading the whole directory is cheaper.

        That is, the lookups of the current interval of ``FRESH_SECONDS`` cost more than reading all
        entries.
        """
        if now - self.counted_from > FRESH_SECONDS:
            self.counted_from, self.lookups = now, 0
        self.lookups += count
        return self.lookups * ENTRIES_PER_LOOKUP <= len(self.index)


class DirectoryCache:
    """Finds the companies with an EDI address or identifier, in a cached index of the directory.

    All methods raise UpstreamError if the directory cannot be read.

    Args:
        read_index: Reads the whole directory.
        look_up: Requests the partners with a ``tradingAddress`` or ``partnerCompanyId`` from the
            directory.
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
        """Return the companies that have the address or identifier ``wanted``, by a fresh index.

        The index covers the whole partner directory. If the cached index is older than
        ``FRESH_SECONDS``, the whole directory is read again. No request is ever sent for a single
        address.
        """
        return wanted.listed_in(self._kept_index(longest=FRESH_SECONDS).index)

    def holders(self, wanted: Wanted) -> Collection[CompanyId]:
        """Return the companies that have ``wanted``, an address or identifier.

        The cached index of the whole directory is searched first. If it has no such company, the
        directory is asked for each address of ``wanted`` alone (a lookup), so a new partner is
        found at once. If the index is also older than ``FRESH_SECONDS``, the whole directory is
        then read again in two cases:

        - A lookup has found a partner. Further partners may have the same address.
        - No lookup has found one, and ``wanted`` is not remembered as missing. A new partner may be
          listed in a notation that lookups do not find.

        If no company is found at all, ``wanted`` is remembered as missing. So searches for the
        hub's own addresses, which the directory never has, do not cause the directory to be read
        again and again.
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
        """Return the cached index if its companies for ``wanted`` are reliable, else a new index.

        They are reliable if the index is fresh, or if lookups (requests to the directory for the
        address or company alone) find the same companies. An index without a company for ``wanted``
        is returned as it is.
        """
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
        """Send ``lookups``, and return True if they find the same companies as the index.

        Returns False if a lookup fails, regardless of the error. The caller then reads the whole
        directory again, which may succeed.
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
        """Return the cached index, or a new one if the cached one is too old.

        Its maximum age is ``longest``, or :func:`kept_seconds` if that is less.
        """
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
    """Yield the lookups that check which companies have ``wanted``, an address or identifier.

    A lookup is a request to the directory for one address or company. Yields nothing if the index
    has no company for ``wanted``. An address is looked up in normal form and in the directory's
    notations. For a GLN or D-U-N-S number, the companies with the number are looked up, and all EDI
    addresses that contain the number: since the index was read, another partner may have been given
    such an address.
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
    """Return True if the lookup of a company shows that this company alone has the identifier."""
    return wanted.scheme is not None and answer.named(wanted.scheme, wanted.number) == {company_id}
