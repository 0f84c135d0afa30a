"""Base class of portal collections with one row for each record of a partner, such as a case.

The reconciler compares these rows with the records in Trading Grid.
"""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from gridwix.mapping.record_faults import UNREADABLE_ID
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.listings import Listing
from gridwix.models.wix import DataItem
from gridwix.ports import RecordLists, RecordReader
from gridwix.publication.reconciled import ReconciledCollection
from gridwix.publication.resync import ResyncRequester


class OwnedSource(RecordReader, RecordLists, Protocol):
    """Reads records of Trading Grid that each belong to one partner, and lists their ids."""


def ids_of_listing(listing: Listing[Any]) -> list[str]:
    """Return the ids of all records of a listing, including records that cannot be read.

    A record that cannot be read exists all the same, so its row has to stay.
    """
    named = [fault.record.partition("/")[2] for fault in listing.faults]
    return [
        *(record.id for record in listing.records),
        *(identifier for identifier in named if identifier != UNREADABLE_ID),
    ]


class OwnedRecords(ReconciledCollection):
    """Base of portal collections with one row for each record of a partner, such as a case.

    The reconciler compares these rows with the records in Trading Grid. The key of a row is
    ``partner id/record id``, so that the records of many keys are read partner by partner instead
    of one by one.

    Args:
        records: Name of the collection of these records in Trading Grid, such as ``cases``.
        source: Reads the records, and lists their ids.
        resyncs: Sends requests to read a record and publish its rows again (resync).
    """

    def __init__(self, records: str, source: OwnedSource, resyncs: ResyncRequester) -> None:
        self._records = records
        self._source = source
        self._resyncs = resyncs

    @staticmethod
    def record_key(partner_id: PartnerId, identifier: str) -> str:
        """Return the key of a partner's record.

        >>> OwnedRecords.record_key(PartnerId("GC1"), "case_1")
        'GC1/case_1'
        """
        return f"{partner_id}/{identifier}"

    @staticmethod
    def partner_ids(keys: Collection[str]) -> Sequence[PartnerId]:
        """Return the partner ids in these keys (``partner id/record id``), without duplicates."""
        return list(dict.fromkeys(PartnerId(key.partition("/")[0]) for key in keys))

    def list_keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        found, following = self._source.owned_ids(self._records, page)
        return [
            self.record_key(partner_id, identifier) for partner_id, identifier in found
        ], following

    def item_id(self, key: str) -> WixItemId:
        return item_id(key.partition("/")[2])

    def key_of(self, item: DataItem) -> str | None:
        partner_id = item.data.get("partnerId")
        return (
            self.record_key(PartnerId(partner_id), item.id) if isinstance(partner_id, str) else None
        )

    def is_live(self, key: str) -> bool:
        entity = self._source.record(f"{self._records}/{key.partition('/')[2]}")
        return entity is not None and entity.deleted_at is None

    def request_resync(self, keys: Collection[str], run: str) -> None:
        pairs = (key.partition("/") for key in keys)
        self._resyncs.request_resync(
            {
                f"{self._records}/{identifier}": PartnerId(partner_id)
                for partner_id, _, identifier in pairs
            },
            run,
        )
