"""What collections have in common of which each row is made from one record of one partner."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from gridwix.mapping.record_faults import UNREADABLE_ID
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.listings import Listing
from gridwix.models.wix import DataItem
from gridwix.ports import RecordLists, RecordReader
from gridwix.publication.resync import ResyncDesk


class OwnedSource(RecordReader, RecordLists, Protocol):
    """Records that each belong to a partner."""


def listed_ids(listing: Listing[Any]) -> list[str]:
    """The ids of everything that a list names, those of records that cannot be read among them: they are there, so their rows are not to go."""
    named = [fault.record.partition("/")[2] for fault in listing.faults]
    return [*(record.id for record in listing.records), *(identifier for identifier in named if identifier != UNREADABLE_ID)]


class OwnedRecords:
    """The half of a ``ReconciledCollection`` that does not depend on the rows. A key is the partner's id, a slash and the record's, so that the records of
    many keys are read partner by partner and not one by one."""

    def __init__(self, records: str, source: OwnedSource, desk: ResyncDesk) -> None:
        self._records = records
        self._source = source
        self._desk = desk

    @staticmethod
    def key(partner_id: PartnerId, identifier: str) -> str:
        return f"{partner_id}/{identifier}"

    @staticmethod
    def partners(keys: Collection[str]) -> Sequence[PartnerId]:
        """Whose the records of these keys are."""
        return list(dict.fromkeys(PartnerId(key.partition("/")[0]) for key in keys))

    def keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        found, following = self._source.owned_ids(self._records, page)
        return [self.key(partner_id, identifier) for partner_id, identifier in found], following

    def item_id(self, key: str) -> WixItemId:
        return item_id(key.partition("/")[2])

    def key_of(self, item: DataItem) -> str | None:
        partner_id = item.data.get("partnerId")
        return self.key(PartnerId(partner_id), item.id) if isinstance(partner_id, str) else None

    def lives(self, key: str) -> bool:
        entity = self._source.record(f"{self._records}/{key.partition('/')[2]}")
        return entity is not None and entity.deleted_at is None

    def request(self, keys: Collection[str], run: str) -> None:
        pairs = (key.partition("/") for key in keys)
        self._desk.request({f"{self._records}/{identifier}": PartnerId(partner_id) for partner_id, _, identifier in pairs}, run)
