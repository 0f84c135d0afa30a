"""Ports of the onboarding sync: programs and enrollments, and collections with two writers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from gridwix.errors import RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem
from gridwix.ports import EnrollmentReader, ProgramReader, RecordReader
from gridwix.publication.ports import PortalCollections


class OnboardingReader(RecordReader, EnrollmentReader, ProgramReader, Protocol):
    """Reads programs and enrollments of the community gateway profile. Raises UpstreamError."""


class SharedCollections(PortalCollections, Protocol):
    """Collections of the portal that portal editors write, too."""

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        """The current fields of up to 1,000 items, by item id.

        An item that does not exist is left out; one that cannot be read has a fault instead.
        """

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        """Up to 1,000 items with this ``value`` of ``field``."""

    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome:
        """Set fields of up to 1,000 items in one call; None removes a field, other fields stay.

        An item that does not exist is refused. Raises as :meth:`bulk_save` does.
        """
