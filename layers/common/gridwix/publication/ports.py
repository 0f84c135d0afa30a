"""What the publication engine needs of the portal and of its tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem, Refusal
from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey


class PortalCollections(Protocol):
    """The collections of the Wix portal."""

    def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Insert or replace at most 1000 items in one call. Every item is in the outcome. Raises UpstreamError or BudgetExhausted, nothing being known to be
        written; an ``Unavailable`` that is ``ambiguous`` may yet have been carried out."""

    def bulk_remove(self, collection: CollectionId, ids: Sequence[WixItemId]) -> BulkOutcome:
        """Remove at most 1000 items in one call. An item that does not exist counts as written."""


class PublicationLedger(Protocol):
    """What has been published, and who may write a row right now."""

    def read(self, keys: Collection[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        """The entries of these rows, as of now (strongly consistent); a row that has none is left out."""

    def claim(self, claims: Sequence[Claim], *, holder: str, now: float, until: float) -> frozenset[RowKey]:
        """The rows that ``holder`` may write until ``until`` (Unix seconds).

        A claim is granted if the entry's revision is still the claim's (0: no entry) and no running claim (``held_until > now``) holds the row. A grant stores
        ``intended`` and ``held_until`` and adds 1 to the revision.
        """

    def commit(self, publications: Sequence[Publication], *, holder: str) -> frozenset[RowKey]:
        """Record what was written and let go of the rows; return those that were recorded, which are those that ``holder`` held.

        ``published``, ``content_hash`` and ``origin`` are set, ``intended`` and the hold removed, and 1 added to the revision.
        """

    def release(self, keys: Collection[RowKey], *, holder: str) -> None:
        """Let go of rows that were claimed and certainly not written: the hold is removed. ``intended`` stays, as a write may have arrived."""


class RefusedItems(Protocol):
    """The dead-letter store of single items that Wix refused inside a 200 answer."""

    def add(self, refusals: Iterable[Refusal], *, function: str, at: float) -> None:
        """Keep each refusal under its collection and item (the newest per item)."""

    def clear(self, keys: Collection[RowKey]) -> None:
        """Forget the refusals of rows that have been written since."""
