"""Adapters by which the reconciler compares portal rows with their records in Trading Grid.

The rows are those of open issues, with cases as their records, and those of service notices.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Protocol

from gridwix.concurrency import map_in_order
from gridwix.configuration.everything import Configuration
from gridwix.errors import RecordFault
from gridwix.mapping.next_actor import hub_rule_keys
from gridwix.mapping.notice_times import open_until
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import OPEN_ISSUES, SERVICE_NOTICES
from gridwix.models.portal.open_issues import OpenIssueRow
from gridwix.models.portal.rows import field_names
from gridwix.models.portal.service_notices import ServiceNoticeRow
from gridwix.models.reconciliation import RowDifference, RowVerdict
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.wix import DataItem
from gridwix.notice_publisher.open_issues import open_issue
from gridwix.notice_publisher.ports import READS_IN_FLIGHT, NoticeReader
from gridwix.notice_publisher.service_notices import notice_row, notice_versions
from gridwix.ports import RecordLists
from gridwix.publication.drift import judge_row, row_difference
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.models import Versions
from gridwix.publication.reconciled import (
    ROWS_PER_QUERY,
    ExpectedRow,
    ReconciledCollection,
    expected_or_fault,
)
from gridwix.publication.reconciled_records import OwnedRecords, ids_of_listing
from gridwix.publication.resync import ResyncRequester

ISSUE_FIELDS = field_names(OpenIssueRow)
NOTICE_FIELDS = field_names(ServiceNoticeRow)


class CaseLists(NoticeReader, RecordLists, Protocol):
    """Reads cases of Trading Grid, and lists their ids in pages."""


class ReconciledOpenIssues(OwnedRecords):
    """Compares the portal rows of open issues with the cases in Trading Grid.

    A ``ReconciledCollection``: each row has a key, which names the case and its partner.
    """

    name = OPEN_ISSUES
    # The comments of each case take one call.
    most_rows = 500

    def __init__(
        self, source: CaseLists, configuration: Configuration, resyncs: ResyncRequester
    ) -> None:
        super().__init__("cases", source, resyncs)
        self._cases = source
        self._configuration = configuration

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow | RecordFault]:
        texts = Texts(self._configuration)
        cases = self._cases.cases(self.partner_ids(keys)).records if keys else ()
        wanted = {
            key: case
            for case in cases
            if (key := self.record_key(case.partner_id, case.id)) in keys
        }
        answers = map_in_order(
            lambda case: expected_or_fault(case.record, partial(self._expected_issue, case, texts)),
            wanted.values(),
            workers=READS_IN_FLIGHT,
        )
        return dict(zip(wanted, answers, strict=True))

    def _expected_issue(self, case: Case, texts: Texts) -> ExpectedRow:
        comments = self._cases.comments(case.id).records if case.deleted_at is None else ()
        row = open_issue(case, comments, texts, hub_rule_keys(self._configuration.case_rules))
        return ExpectedRow(
            None if row is None else data_item(case.id, row),
            Versions(live={case.record: case.version}),
        )

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge_row(expected, shown, ISSUE_FIELDS)

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        return row_difference(expected, shown, ISSUE_FIELDS)


class ReconciledServiceNotices(ReconciledCollection):
    """Compares the portal rows of service notices with the notices in Trading Grid.

    A ``ReconciledCollection``: each row has a key, the id of its notice.
    """

    name = SERVICE_NOTICES
    most_rows = ROWS_PER_QUERY

    def __init__(
        self,
        source: NoticeReader,
        partners: HubPartners,
        configuration: Configuration,
        resyncs: ResyncRequester,
    ) -> None:
        self._source = source
        self._partners = partners
        self._configuration = configuration
        self._resyncs = resyncs

    def list_keys(self, page: str | None) -> tuple[Sequence[str], str | None]:  # noqa: ARG002 - there is one page
        return ids_of_listing(self._source.notices()), None

    def item_id(self, key: str) -> WixItemId:
        return item_id(key)

    def key_of(self, item: DataItem) -> str | None:
        return item.id

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow | RecordFault]:
        texts, regions = Texts(self._configuration), self._configuration.audiences.regions
        notices = [notice for notice in self._source.notices().records if notice.id in keys]
        restricted = {notice.id: notice.audience for notice in notices if not notice.audience.all}
        audiences = self._partners.resolve(restricted, regions)

        def expected_of(notice: ServiceNotice) -> ExpectedRow:
            row = notice_row(notice, audiences.partner_ids.get(notice.id, ()), texts)
            return ExpectedRow(
                None if row is None else data_item(notice.id, row),
                notice_versions(notice, audiences.version),
                open_until=open_until(notice),
            )

        return {
            notice.id: expected_or_fault(notice.record, partial(expected_of, notice))
            for notice in notices
        }

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge_row(expected, shown, NOTICE_FIELDS)

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        return row_difference(expected, shown, NOTICE_FIELDS)

    def is_live(self, key: str) -> bool:
        notice = self._source.record(f"service-notices/{key}")
        return notice is not None and notice.deleted_at is None

    def request_resync(self, keys: Collection[str], run: str) -> None:
        self._resyncs.request_resync({f"service-notices/{key}": None for key in keys}, run)
