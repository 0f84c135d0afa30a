"""Compares rows of ``PartnerStatus`` with their partners, for the reconciler."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from gridwix.configuration.everything import Configuration
from gridwix.errors import RecordFault
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.portal.partner_status import PartnerStatusRow
from gridwix.models.portal.rows import field_names
from gridwix.models.reconciliation import RowDifference, RowVerdict
from gridwix.models.wix import DataItem
from gridwix.ports import CommunityReader
from gridwix.publication.drift import judge_row, row_difference
from gridwix.publication.reconciled import (
    ROWS_PER_QUERY,
    ExpectedRow,
    ReconciledCollection,
    expected_or_fault,
)
from gridwix.publication.resync import ResyncRequester
from gridwix.status_publisher.projection import PartnerRecords, status_row, version_vector
from gridwix.status_publisher.service import read_partners

FIELDS = field_names(PartnerStatusRow)


class ReconciledPartnerStatus(ReconciledCollection):
    """Compares rows of ``PartnerStatus`` with their partners in Trading Grid.

    A ``ReconciledCollection``: there is one row for each partner, and the keys are the partners'
    ids.
    """

    name = PARTNER_STATUS
    most_rows = ROWS_PER_QUERY

    def __init__(
        self, source: CommunityReader, configuration: Configuration, resyncs: ResyncRequester
    ) -> None:
        self._source = source
        self._configuration = configuration
        self._resyncs = resyncs

    def list_keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        return self._source.partner_ids(page)

    def item_id(self, key: str) -> WixItemId:
        return item_id(key)

    def key_of(self, item: DataItem) -> str | None:
        key = item.data.get("partnerId")
        return key if isinstance(key, str) else None

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow | RecordFault]:
        if not keys:
            return {}
        texts = Texts(self._configuration)
        found, faults = read_partners(self._source, [PartnerId(key) for key in keys])
        answers: dict[str, ExpectedRow | RecordFault] = {**faults}
        answers |= {
            str(key): expected_or_fault(
                records.partner.record, partial(_expected_row, records, texts)
            )
            for key, records in found.items()
        }
        return answers

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge_row(expected, shown, FIELDS)

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        return row_difference(expected, shown, FIELDS)

    def is_live(self, key: str) -> bool:
        partner = self._source.record(f"partners/{key}")
        return partner is not None and partner.deleted_at is None

    def request_resync(self, keys: Collection[str], run: str) -> None:
        self._resyncs.request_resync({f"partners/{key}": PartnerId(key) for key in keys}, run)


def _expected_row(records: PartnerRecords, texts: Texts) -> ExpectedRow:
    row = status_row(records, texts)
    return ExpectedRow(
        None if row is None else data_item(records.partner.partner_id, row), version_vector(records)
    )
