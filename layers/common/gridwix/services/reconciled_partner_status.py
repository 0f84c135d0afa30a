"""The ``PartnerStatus`` collection as the reconciler sees it: one row for each partner."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from gridwix.mapping.drift import judge
from gridwix.mapping.partner_status import PartnerRecords, project, versions
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.configuration import Configuration
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal import PARTNER_STATUS, PartnerStatusRow, fields
from gridwix.models.reconciliation import RowVerdict
from gridwix.models.trading_grid import Case, ComplianceCheck, Enrollment
from gridwix.models.wix import DataItem
from gridwix.services.ports import CommunityReader
from gridwix.services.reconciled import ROWS_PER_QUERY, Expected
from gridwix.services.resync import ResyncDesk

FIELDS = fields(PartnerStatusRow)


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

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected]:
        if not keys:
            return {}
        ids, texts = [PartnerId(key) for key in keys], Texts(self._configuration)
        enrollments = _by_partner(self._source.enrollments(ids))
        checks = _by_partner(self._source.compliance_checks(ids))
        cases = _by_partner(self._source.open_cases(ids))
        answers: dict[str, Expected] = {}
        for partner in self._source.partners(ids):
            key = partner.partner_id
            records = PartnerRecords(partner, enrollments.get(key, ()), checks.get(key, ()), cases.get(key, ()))
            row = project(records, texts)
            answers[key] = Expected(None if row is None else data_item(key, row), versions(records))
        return answers

    def verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge(expected, shown, FIELDS)

    def lives(self, key: str) -> bool:
        partner = self._source.record(f"partners/{key}")
        return partner is not None and partner.deleted_at is None

    def request(self, keys: Collection[str], run: str) -> None:
        self._desk.request({f"partners/{key}": PartnerId(key) for key in keys}, run)


def _by_partner[E: (Enrollment, ComplianceCheck, Case)](entities: Iterable[E]) -> dict[PartnerId, list[E]]:
    grouped: dict[PartnerId, list[E]] = defaultdict(list)
    for entity in entities:
        grouped[entity.partner_id].append(entity)
    return grouped
