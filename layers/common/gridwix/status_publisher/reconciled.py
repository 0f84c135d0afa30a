"""The ``PartnerStatus`` collection as the reconciler sees it: one row for each partner."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from gridwix.configuration.everything import Configuration
from gridwix.errors import RecordFault
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.portal.partner_status import PartnerStatusRow
from gridwix.models.portal.rows import field_names
from gridwix.models.reconciliation import RowVerdict
from gridwix.models.wix import DataItem
from gridwix.ports import CommunityReader
from gridwix.publication.drift import judge
from gridwix.publication.reconciled import ROWS_PER_QUERY, Expected, expect
from gridwix.publication.resync import ResyncDesk
from gridwix.status_publisher.projection import PartnerRecords, project, versions
from gridwix.status_publisher.service import read_partners

FIELDS = field_names(PartnerStatusRow)


class ReconciledPartnerStatus:
    """Implements ``ReconciledCollection``. The keys are the partners' ids; what differs is asked for on the bus, as a resync of the partner."""

    most_rows = ROWS_PER_QUERY

    def __init__(self, source: CommunityReader, configuration: Configuration, desk: ResyncDesk) -> None:
        self._source = source
        self._configuration = configuration
        self._desk = desk

    @property
    def name(self) -> CollectionId:
        return PARTNER_STATUS

    def keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        return self._source.partner_ids(page)

    def item_id(self, key: str) -> WixItemId:
        return item_id(key)

    def key_of(self, item: DataItem) -> str | None:
        key = item.data.get("partnerId")
        return key if isinstance(key, str) else None

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected | RecordFault]:
        if not keys:
            return {}
        texts = Texts(self._configuration)
        found, faults = read_partners(self._source, [PartnerId(key) for key in keys])
        answers: dict[str, Expected | RecordFault] = {**faults}
        answers |= {str(key): expect(records.partner.record, partial(_expected, records, texts)) for key, records in found.items()}
        return answers

    def verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge(expected, shown, FIELDS)

    def lives(self, key: str) -> bool:
        partner = self._source.record(f"partners/{key}")
        return partner is not None and partner.deleted_at is None

    def request(self, keys: Collection[str], run: str) -> None:
        self._desk.request({f"partners/{key}": PartnerId(key) for key in keys}, run)


def _expected(records: PartnerRecords, texts: Texts) -> Expected:
    row = project(records, texts)
    return Expected(None if row is None else data_item(records.partner.partner_id, row), versions(records))
