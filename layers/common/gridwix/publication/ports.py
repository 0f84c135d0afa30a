"""Ports of the publication engine: collections of the portal, publication ledger, refused items."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from gridwix.errors import RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem, Refusal
from gridwix.publication.audiences import Audience
from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey


class PortalCollections(Protocol):
    """Writes to collections of the Wix portal in bulk."""

    def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Insert or replace up to 1,000 items in one call; the outcome has a result for each item.

        Raises:
            UpstreamError, BudgetExhausted: No item is known to be written. If the error is an
                ``Unavailable`` with ``ambiguous`` set, Wix may have carried out the call, or may do
                so later.
        """

    def bulk_remove(self, collection: CollectionId, ids: Sequence[WixItemId]) -> BulkOutcome:
        """Remove up to 1,000 items in one call. An item that does not exist counts as written.

        Raises as :meth:`bulk_save` does.
        """


class RowReader(Protocol):
    """Reads rows of the portal.

    Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted.
    """

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        """Return the contents of at most 1,000 rows by id, strongly consistent.

        Missing rows are left out. A row that cannot be read has a fault in place of its content.
        """


class PortalBell(Protocol):
    """Notifies open pages of the portal that rows have changed, so that they read them again."""

    def ring(self, collection: CollectionId, audience: Audience) -> None:
        """Announce that rows of a collection have changed, to the open pages of these partners.

        Call it after Wix has carried out the write, and before the write is recorded: after a crash
        in between, the rows are written and announced again. Idempotent. Never raises a
        GridwixError: a page that gets no message reads the rows within half an hour.
        """


class SilentBell(PortalBell):
    """Sends no notifications: open pages of the portal are not told that rows have changed.

    It is the default for publishers without a bell, such as in tests.
    """

    def ring(self, collection: CollectionId, audience: Audience) -> None:
        del collection, audience


SILENT_BELL: PortalBell = SilentBell()


class PublicationLedger(Protocol):
    """Stores published versions and write claims of rows.

    Methods raise :class:`gridwix.errors.UpstreamError`.
    """

    def read_entries(self, keys: Collection[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        """Return the ledger entries of rows, strongly consistent; a row without one is left out."""

    def claim(
        self, claims: Sequence[Claim], *, holder: str, now: float, until: float
    ) -> frozenset[RowKey]:
        """Claim rows (a lease for each); return the rows that ``holder`` may write until ``until``.

        A claim is granted if the row's ledger entry still has the revision that the claim names (0:
        there is no entry), and no other claim of the row is running (``held_until > now``). A
        granted claim sets three fields of the entry: ``intended``, the record versions that are to
        be written; ``held_until``, the end of the claim; and ``audience``, the partners that may
        see the row. It also adds 1 to the revision.

        Args:
            claims: One claim for each row.
            holder: A unique name of this attempt.
            now: The current time, in Unix seconds.
            until: The time at which the claims expire, in Unix seconds.
        """

    def commit(self, publications: Sequence[Publication], *, holder: str) -> frozenset[RowKey]:
        """Record writes of rows in the ledger, release the claims, and return the recorded rows.

        A write is recorded only if ``holder`` still holds the claim of the row. The row's ledger
        entry then describes this write: the versions of the records behind it (``published``), its
        content hash, origin, time and audience. The fields of the claim (``intended``,
        ``held_until``) are removed, and 1 is added to the revision.
        """

    def release(self, keys: Collection[RowKey], *, holder: str) -> None:
        """Release claimed rows that were certainly not written: their ``held_until`` is removed.

        The field ``intended`` of the ledger entry (record versions that Wix may hold) stays,
        because a write under an earlier claim may have reached Wix.
        """


class RefusedItems(Protocol):
    """Dead-letter store of single items that Wix refused inside a 200 response."""

    def add(self, refusals: Iterable[Refusal], *, function: str, at: float) -> None:
        """Store refusals of Wix by collection and item; a newer one replaces that of the same item.

        ``function`` names the function that wrote the item; ``at`` is in Unix seconds.
        """

    def clear(self, keys: Collection[RowKey]) -> None:
        """Delete the stored refusals of rows that have been written since they were refused."""
