"""Ports of the activity publisher: arrivals in Lens, partner directory, and store of counts."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from gridwix.activity_publisher.counts import PartnerCounts
from gridwix.activity_publisher.index import ActivityIndex
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.transactions import LensEntry

type Counts = tuple[PartnerId, PartnerCounts]
"""A partner, with its counts."""


class ArrivalSearch(Protocol):
    """The Lens transaction search, by time of arrival."""

    def arrived_entries(self, since: datetime, until: datetime) -> Iterator[Listing[LensEntry]]:
        """Every entry that arrived between two times, page by page, with its ``arrived_at``.

        Both bounds are inclusive. An entry may be on two pages. Raises UpstreamError, at the latest
        after the last page if entries are missing.
        """


class ListedPartners(Protocol):
    """The hub's partner directory, cached as a whole."""

    def listed_partner_with(
        self, trading_address: str, standard: str | None = None
    ) -> PartnerId | None:
        """Look up a partner by its EDI address; None if there is none. Raises UpstreamError.

        Args:
            trading_address: Qualifier and id of the envelope, as ``QQ:ID``.
            standard: Standard of the envelope, ``x12`` or ``edifact``; None if it is not known.
        """


class CountStore(Protocol):
    """Immutable objects with counts, sorted by partner, and indexes. Raises UpstreamError."""

    def write_counts(self, folder: str, counts: Iterable[Counts]) -> str:
        """Store counts that are sorted by partner; return the name of the object.

        Idempotent: equal counts have the same name.
        """

    def read_counts(self, name: str) -> Iterator[Counts]:
        """Yield each partner and its counts from the stored object ``name``, sorted by partner.

        Raises NotFound if there is no object with this name.
        """

    def write_index(self, index: ActivityIndex) -> str:
        """Store an index; return its name. Idempotent: equal indexes have the same name."""

    def read_index(self, name: str) -> ActivityIndex | None:
        """The index with this name; None if it does not exist or has another format."""


class RunContinuation(Protocol):
    """The activity publisher's own queue, by which a run that ends early requests the next one."""

    def request_run(self) -> None:
        """Queue a message that starts another run. Raises UpstreamError."""
