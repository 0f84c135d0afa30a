"""All partners of the hub, as far as audiences depend on them, kept between invocations.

A hub of 100,000 partners lists them in 500 calls: more than one invocation has time for. So the
list is read once for each execution environment, in as many attempts as it takes, and after that
only what has changed. ``docs/adr/0065-the-list-of-all-partners-is-kept-between-invocations.md`` has
the reasons.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from gridwix.errors import CursorExpired, OutOfTime
from gridwix.mapping.audiences import (
    ResolvedAudiences,
    kind_of,
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
"""By how much the list of what has changed looks back, by the profile."""

MOST_AGE = 6 * 3600.0
"""Seconds after which the whole list is read again, in case of a change without a new time."""


class HubPartners:
    """Resolves audiences by all partners of the hub. For one thread at a time.

    What it knows is never older than the call: the last list that it reads has begun during it. A
    partner that cannot be read is in no audience, until it can be read.

    It takes about 30 bytes for each partner.

    Args:
        source: All partners.
        clock: Unix seconds.
    """

    def __init__(self, source: PartnerPages, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._start_over()

    def _start_over(self) -> None:
        self._table = PartnerTable()
        self._newest = UNKNOWN_TIME
        self._listed_at = self._clock()
        # None: the list that is being read is the whole one.
        self._since: datetime | None = None
        self._begin_list()

    def _begin_list(self) -> None:
        self._cursor: str | None = None
        self._as_of: datetime | None = None

    def resolve[Key](
        self, wanted: Mapping[Key, Audience], regions: Mapping[str, Collection[str]]
    ) -> ResolvedAudiences[Key]:
        """Resolve audiences by the newest state of all partners; none takes no call.

        Args:
            wanted: The audiences, each under a key of the caller's.
            regions: The countries of each region.

        Raises:
            OutOfTime: The list is not complete yet. The next attempt goes on where this one ended.
            UpstreamError: A page cannot be read; as above.
        """
        if not wanted:
            return ResolvedAudiences()
        self._bring_up_to_date()
        return resolve_audiences(wanted, self._table.kinds(), version_at(self._newest), regions)

    def _bring_up_to_date(self) -> None:
        begun = self._clock()
        if begun - self._listed_at > MOST_AGE:
            self._start_over()
        is_current = False
        while not is_current:
            # A list that an earlier attempt has begun may lack what has changed since then.
            is_current = self._cursor is None
            self._read_list(begun + SECONDS_AT_ONCE)

    def _read_list(self, until: float) -> None:
        while True:
            if self._clock() > until:
                raise OutOfTime
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
        self._since = self._as_of - OVERLAP
        self._begin_list()

    def _take(self, page: ListPage[Partner]) -> None:
        for partner in page.listing.records:
            self._newest = max(self._newest, partner.updated_at)
            # One that changes while the list is read comes twice.
            self._table.put(partner.partner_id, partner.version, kind_of(partner))
        for fault in page.listing.faults:
            self._table.forget(PartnerId(fault.record.partition("/")[2]))
