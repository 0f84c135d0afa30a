"""Arrivals, counts and the continuation of the activity publisher in memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from gridwix.activity_publisher.index import ActivityIndex
from gridwix.activity_publisher.ports import Counts
from gridwix.errors import NotFound, Unavailable
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.transactions import LensEntry

PAGE = 3


@dataclass
class FakeArrivals:
    """Implements ``ArrivalSearch``, with small pages.

    ``fails`` searches break off after their first page with ``status``. ``during`` is called before
    each search.
    """

    entries: dict[str, LensEntry] = field(default_factory=dict)
    faulty: Listing[LensEntry] = field(default_factory=Listing)
    searches: list[datetime] = field(default_factory=list)
    fails: int = 0
    status: int = 0
    during: Callable[[], None] = lambda: None

    def put(self, *entries: LensEntry) -> None:
        self.entries |= {entry.transaction_id: entry for entry in entries}

    def arrived_entries(self, since: datetime, until: datetime) -> Iterator[Listing[LensEntry]]:
        self.during()
        self.searches.append(since)
        found = [
            entry
            for entry in self.entries.values()
            if entry.arrived_at is not None and since <= entry.arrived_at <= until
        ]
        for start in range(0, len(found) + 1, PAGE):
            yield Listing(found[start : start + PAGE])
            if self.fails:
                self.fails -= 1
                raise Unavailable(system="trading_grid", status=self.status)
        yield self.faulty


@dataclass
class FakeCounts:
    """Implements ``CountStore``.

    ``fails`` writes fail. ``during`` is called with the name before each reading of counts.
    ``folders`` are those to which counts were written.
    """

    counts: dict[str, list[Counts]] = field(default_factory=dict)
    indexes: dict[str, ActivityIndex] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    fails: int = 0
    during: Callable[[str], None] = lambda _: None

    def write_counts(self, folder: str, counts: Iterable[Counts]) -> str:
        self._fail()
        self.folders.append(folder)
        kept = list(counts)
        assert [partner for partner, _ in kept] == sorted({partner for partner, _ in kept})
        name = f"{folder}/{len(self.counts)}"
        self.counts[name] = kept
        return name

    def read_counts(self, name: str) -> Iterator[Counts]:
        self.during(name)
        if name not in self.counts:
            raise NotFound(system="aws", status=404)
        return iter(self.counts[name])

    def write_index(self, index: ActivityIndex) -> str:
        self._fail()
        name = f"index/{len(self.indexes)}"
        self.indexes[name] = index
        return name

    def read_index(self, name: str) -> ActivityIndex | None:
        return self.indexes.get(name)

    def _fail(self) -> None:
        if self.fails:
            self.fails -= 1
            raise Unavailable(system="aws")


@dataclass
class FakeListedPartners:
    """Implements ``ListedPartners``."""

    partners: dict[str, str]

    def listed_partner_with(
        self, trading_address: str, standard: str | None = None
    ) -> PartnerId | None:
        found = self.partners.get(trading_address)
        return None if found is None else PartnerId(found)


@dataclass
class FakeContinuation:
    """Implements ``RunContinuation``."""

    requests: int = 0

    def request_run(self) -> None:
        self.requests += 1
