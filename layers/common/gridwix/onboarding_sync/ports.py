"""Ports of the onboarding sync: programs and enrollments, and collections with two writers.

The two writers are gridwix and the editors of the portal.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from gridwix.errors import RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem
from gridwix.ports import EnrollmentReader, ProgramReader, RecordReader
from gridwix.publication.ports import PortalCollections


class OnboardingReader(RecordReader, EnrollmentReader, ProgramReader, Protocol):
    """Reads onboarding programs, and the enrollments of partners in them, from Trading Grid.

    Raises UpstreamError.
    """


class SharedCollections(PortalCollections, Protocol):
    """Reads and writes those collections of the portal that portal editors write, too."""

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        """Return the current fields of up to 1,000 items, by item id.

        An item that does not exist is left out. An item that cannot be read has a fault in place of
        its fields.
        """

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        """Return up to 1,000 items of a collection that have this ``value`` in ``field``."""

    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome:
        """Set fields of up to 1,000 items in one call; None removes a field, other fields stay.

        An item that does not exist is refused. Raises the same errors as :meth:`bulk_save`.
        """
