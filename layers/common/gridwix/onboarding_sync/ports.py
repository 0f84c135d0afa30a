"""What the onboarding sync needs of Trading Grid and the portal."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from gridwix.errors import RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem
from gridwix.ports import EnrollmentReader, ProgramReader, RecordReader
from gridwix.publication.ports import PortalCollections


class OnboardingReader(RecordReader, EnrollmentReader, ProgramReader, Protocol):
    """What the community gateway profile says of programs and enrollments. Raises :class:`gridwix.errors.UpstreamError`."""


class SharedCollections(PortalCollections, Protocol):
    """Collections of the portal whose rows people edit as well."""

    def items(self, collection: CollectionId, ids: Collection[WixItemId]) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        """The contents of at most 1000 items, as of now; one that does not exist is left out, one that cannot be read is a fault."""

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        """At most 1000 items whose field has this value."""

    def bulk_set(self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]) -> BulkOutcome:
        """Set fields of at most 1000 items in one call, None for one that is to go; other fields stay as they are. An item that does not exist is refused."""
