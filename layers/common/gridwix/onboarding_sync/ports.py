"""Ports of the onboarding sync: programs and enrollments, and collections with two writers.

The two writers are gridwix and the editors of the portal.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem
from gridwix.ports import EnrollmentReader, ProgramReader, RecordReader
from gridwix.publication.ports import PortalCollections, RowReader


class OnboardingReader(RecordReader, EnrollmentReader, ProgramReader, Protocol):
    """Reads onboarding programs, and the enrollments of partners in them, from Trading Grid.

    Raises UpstreamError.
    """


class SharedCollections(PortalCollections, RowReader, Protocol):
    """Reads and writes those collections of the portal that portal editors write, too."""

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        """Return up to 1,000 items of a collection that have this ``value`` in ``field``."""

    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome:
        """Set fields of up to 1,000 items in one call; None removes a field, other fields stay.

        An item that does not exist is refused. Raises the same errors as :meth:`bulk_save`.
        """
