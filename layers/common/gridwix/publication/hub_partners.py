"""A list of all partners of the hub, kept in memory between invocations, to resolve audiences.

The audience of a row is the partners that see it. The list holds only what audiences depend on: id,
role and country of each partner.

A hub of 100,000 partners lists them in 500 calls: more than one invocation has time for. So the
list is read once for each execution environment, in as many attempts as it takes, and after that
only what has changed. ``docs/adr/0065-the-list-of-all-partners-is-kept-between-invocations.md`` has
the reasons.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from gridwix.errors import CursorExpired, OutOfTime, UpstreamError
from gridwix.mapping.audiences import (
    ResolvedAudiences,
    partner_kind,
    resolve_audiences,
    version_at,
)
from gridwix.models.ids import PartnerId
from gridwix.models.listings import ListPage
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.entities import UNKNOWN_TIME
from gridwix.models.trading_grid.partners import Partner
from gridwix.ports import Clock, PartnerPages
from gridwix.publication.partner_table import PartnerTable

SECONDS_AT_ONCE = 25.0
"""Seconds after which an attempt begins no further page: the shortest invocation has 60."""

OVERLAP = timedelta(minutes=2)
"""Overlap by which the list of changed partners looks back, as the gateway's profile asks for."""

MOST_AGE = 6 * 3600.0
"""Seconds after which the whole list is read again, in case of a change without a new time."""


KEPT_FOR = timedelta(hours=1)
"""Age at which the list that is kept for other execution environments is replaced."""


@dataclass(frozen=True, slots=True)
class KeptPartners:
    """The list of all partners as it is stored for other execution environments.

    ``as_of`` is the time up to which the list is complete. ``listed_at`` is the time at which all
    partners were read (Unix seconds). ``newest`` is the time of the last change of any partner.
    ``content`` is the list as :class:`PartnerTable` encodes it.
    """

    as_of: datetime
    listed_at: float
    newest: datetime
    content: bytes


class PartnersIncomplete(OutOfTime):
    """The list of all partners is not complete yet. The next attempt continues it."""


class PartnerListStore(Protocol):
    """Stores the list of all partners of the hub for other workers. Raises UpstreamError."""

    def load(self) -> KeptPartners | None:
        """Return the stored list of partners; None if there is none, or if it is being replaced."""

    def save(self, kept: KeptPartners) -> None:
        """Store a list of partners; it replaces the list that was stored before."""


class NothingKept(PartnerListStore):
    """A partner list store that stores nothing, for a process that resolves audiences once."""

    def load(self) -> KeptPartners | None:
        return None

    def save(self, kept: KeptPartners) -> None:
        del kept


class HubPartners:
    """Resolves audiences (such as a role or a region) to partner ids. For one thread at a time.

    It keeps a list of all partners of the hub in memory, in about 30 bytes for each. Each call of
    :meth:`resolve` first reads the partners that have changed since the last call, so the result is
    never older than the call. A partner that cannot be read is in no audience, until it can be
    read.

    Args:
        source: Lists all partners, page by page.
        clock: Returns the time in Unix seconds.
        store: Stores the list for other execution environments.
    """

    def __init__(
        self, source: PartnerPages, clock: Clock, store: PartnerListStore | None = None
    ) -> None:
        self._source = source
        self._clock = clock
        self._store = store or NothingKept()
        self._kept_as_of: datetime | None = None
        self._listed_at = float("-inf")
        self._newest = UNKNOWN_TIME
        # The newest change that a former list had.
        self._known = UNKNOWN_TIME

    def _start_over(self, now: float) -> None:
        self._table = PartnerTable()
        self._known = max(self._known, self._newest)
        self._newest = UNKNOWN_TIME
        self._listed_at = now
        # None: the list that is being read is the whole one.
        self._since: datetime | None = None
        self._begin_list()

    def _begin_list(self) -> None:
        self._cursor: str | None = None
        self._as_of: datetime | None = None

    def resolve[Key](
        self, wanted: Mapping[Key, Audience], regions: Mapping[str, Collection[str]]
    ) -> ResolvedAudiences[Key]:
        """Resolve audiences (which partners see a row) to ids of partners, as all partners are now.

        For that, the list of all partners is brought up to date first. If no audience is wanted,
        the result is empty and no partner is read.

        Args:
            wanted: The audiences, each under a key of the caller's.
            regions: The countries of each region.

        Raises:
            PartnersIncomplete: The list of all partners is not complete yet. The next attempt
                continues it.
            UpstreamError: A page of the list cannot be read. The next attempt continues with that
                page.
        """
        if not wanted:
            return ResolvedAudiences()
        self._bring_up_to_date()
        return resolve_audiences(
            wanted, self._table.kinds(), version_at(self._last_change()), regions
        )

    def _last_change(self) -> datetime:
        """Return the time of the last change of any partner that the list has taken into account.

        It does not fall if the partner that has changed last is gone or cannot be read any more.
        But what a former list had counts only if it is so old that this list, which may lag, has it
        as well.
        """
        complete = self._since is not None and self._known <= self._since
        return max(self._newest, self._known) if complete else self._newest

    def _bring_up_to_date(self) -> None:
        begun = self._clock()
        if begun - self._listed_at > MOST_AGE:
            self._start_over(begun)
            self._take_kept(begun)
        is_current = False
        while not is_current:
            # A list that an earlier attempt has begun may lack what has changed since then.
            is_current = self._cursor is None
            as_of = self._read_list(begun + SECONDS_AT_ONCE)
            if self._kept_as_of is None or as_of - self._kept_as_of > KEPT_FOR:
                self._keep(as_of)

    def _take_kept(self, now: float) -> None:
        """Load the list of partners that another worker has stored, if it is readable and recent.

        Otherwise this worker reads all partners from Trading Grid.
        """
        kept = None
        with suppress(UpstreamError):
            kept = self._store.load()
        if kept is None:
            return
        self._known = max(self._known, kept.newest)
        if not 0 <= now - kept.listed_at <= MOST_AGE:
            return
        with suppress(ValueError):
            self._table = PartnerTable.from_bytes(kept.content)
            self._newest, self._listed_at = kept.newest, kept.listed_at
            self._since, self._kept_as_of = kept.as_of - OVERLAP, kept.as_of

    def _keep(self, as_of: datetime) -> None:
        """Store the list of all partners for other workers. A failure is ignored.

        This worker stores its list again an hour later (``KEPT_FOR``).
        """
        self._kept_as_of = as_of
        kept = KeptPartners(as_of, self._listed_at, self._newest, self._table.to_bytes())
        with suppress(UpstreamError):
            self._store.save(kept)

    def _read_list(self, until: float) -> datetime:
        """Read the list of partners from the current page to the last one.

        Returns the time up to which the list is complete, as its first page states it. Raises
        PartnersIncomplete once the clock has passed ``until``; the next attempt continues with the
        page that is due.
        """
        while True:
            if self._clock() > until:
                raise PartnersIncomplete
            try:
                page = self._source.partner_page(self._since, self._cursor)
            except CursorExpired:
                self._begin_list()
                raise
            self._take(page)
            self._as_of = self._as_of or page.as_of
            self._cursor = page.cursor
            if page.cursor is None:
                break
        as_of = self._as_of
        self._since = as_of - OVERLAP
        self._begin_list()
        return as_of

    def _take(self, page: ListPage[Partner]) -> None:
        for partner in page.listing.records:
            self._newest = max(self._newest, partner.updated_at)
            # One that changes while the list is read comes twice.
            self._table.put(partner.partner_id, partner.version, partner_kind(partner))
        for fault in page.listing.faults:
            self._table.forget(PartnerId(fault.record.partition("/")[2]))
