"""Ports of the activity publisher, which counts the documents that partners exchanged.

They are a search of Lens (Trading Grid's transaction search) by time of arrival, the partner
directory, a store of document counts, and the queue by which a run requests the next one.
"""

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
    """Search of Lens, Trading Grid's transaction search, by time of arrival."""

    def arrived_entries(self, since: datetime, until: datetime) -> Iterator[Listing[LensEntry]]:
        """Yield the entries of Lens that arrived between two times, page by page.

        Lens is Trading Grid's transaction search; an entry is a processed document or file, and has
        ``arrived_at`` here. Both bounds are inclusive. An entry may be on two pages. Raises
        UpstreamError if the search fails or entries are missing, at the latest after the last page.
        """


class ListedPartners(Protocol):
    """Looks partners up in the hub's partner directory, which is cached as a whole."""

    def listed_partner_with(
        self, trading_address: str, standard: str | None = None
    ) -> PartnerId | None:
        """Look up a partner by its EDI address; None if no partner or several have the address.

        Raises UpstreamError if the directory cannot be read.

        Args:
            trading_address: Qualifier and id of the envelope, as ``QQ:ID``.
            standard: Standard of the envelope, ``x12`` or ``edifact``; None if it is not known.
        """


class CountStore(Protocol):
    """Store of document counts by partner, as immutable objects, with an index of these objects.

    Methods raise UpstreamError.
    """

    def write_counts(self, folder: str, counts: Iterable[Counts]) -> str:
        """Store counts, which must be sorted by partner, as one object; return the object's name.

        Idempotent: equal counts in the same folder have the same name.
        """

    def read_counts(self, name: str) -> Iterator[Counts]:
        """Yield each partner and its counts from the stored object ``name``, sorted by partner.

        Raises NotFound if there is no object with this name.
        """

    def write_index(self, index: ActivityIndex) -> str:
        """Store an index of the stored counts as one object; return the object's name.

        Idempotent: equal indexes have the same name.
        """

    def read_index(self, name: str) -> ActivityIndex | None:
        """Return the index that is stored under a name: which object has which counts.

        None if there is no object with this name, or if it has another format.
        """


class RunContinuation(Protocol):
    """The activity publisher's own queue, by which a run that ends early requests the next one."""

    def request_run(self) -> None:
        """Queue a message that starts another run. Raises UpstreamError."""
