"""Use case 3: publishes cases (as open issues) and service notices to the portal."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.concurrency import map_in_order
from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, InvalidEvent, RecordFault, SourceBehind
from gridwix.mapping.audiences import AUDIENCE_RECORD, ResolvedAudiences
from gridwix.mapping.next_actor import hub_rule_keys
from gridwix.mapping.notice_times import OVER
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, PartnerId
from gridwix.models.portal.collection_ids import OPEN_ISSUES, SERVICE_NOTICES
from gridwix.models.portal.open_issues import OpenIssueRow
from gridwix.models.portal.service_notices import ServiceNoticeRow
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.notice_publisher.open_issues import open_issue
from gridwix.notice_publisher.ports import READS_IN_FLIGHT, NoticeReader
from gridwix.notice_publisher.service_notices import notice_row, notice_versions
from gridwix.publication.audience_refreshes import AudienceRefreshes
from gridwix.publication.changes import ChangeReport, PreparedRows, changes_by_resynced_partner
from gridwix.publication.comment_owners import require_owner
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from gridwix.publication.partner_groups import read_in_groups
from gridwix.publication.ports import PublicationLedger
from gridwix.publication.publisher import Projection, Publisher, RowReport

COLLECTIONS = {"cases": OPEN_ISSUES, "service-notices": SERVICE_NOTICES}
"""Portal collections, by the collection of their records in Trading Grid."""


@dataclass(frozen=True, slots=True)
class _NamedRows:
    """Portal rows of the records that a batch of changes mentions by id.

    ``records`` has the name of each row's record (``collection/id``), ``least`` the minimum version
    in which to read that record: the greatest version that a change states. ``reread`` are rows
    with a record that is read in any case, because a change of the record states no version.
    ``report`` links every change to its rows.
    """

    records: Mapping[RowKey, str]
    least: Mapping[RowKey, int]
    reread: Collection[RowKey]
    report: ChangeReport


@dataclass(frozen=True, slots=True)
class _ListedRows:
    """Rows with their records, which were listed for a resync or an audience refresh.

    A resync reads all records of a partner or of the hub again; an audience refresh computes again
    which partners see a notice. Both list records, because the change that requests them mentions
    no single record. ``report`` links each such change to its rows.
    """

    entities: Mapping[RowKey, Entity] = field(default_factory=dict)
    report: ChangeReport = field(default_factory=ChangeReport)


@dataclass(frozen=True, slots=True)
class _ReadRecord:
    """A current record of Trading Grid: a case with its comments, or a service notice.

    ``comments`` is empty for a notice, and for a case that is deleted.
    """

    entity: Entity
    comments: Sequence[Comment] = ()


@dataclass(frozen=True, slots=True)
class _ReadRecords:
    """Current records of the portal rows that have to be written, by row.

    ``report`` has all other rows: rows that already show the current record, and deferred rows,
    which are written in a retry, because another worker has claimed the row, the row was written
    just before, or the record cannot be read.
    """

    records: Mapping[RowKey, _ReadRecord]
    report: RowReport


class NoticePublisher:
    """Publishes the cases and notices that a batch of changes is about, each once, as it is now.

    A change of a partner may affect the audience (the partners that see it) of every restricted
    notice that is not over. An audience refresh, an event that this function sends itself with a
    delay, publishes all these notices later. A resync of a partner includes all its cases.

    If a case or notice cannot be read, its row and the changes about it are deferred (tried again
    later). A single comment that cannot be read is left out of its case, and a partner that cannot
    be read is in no audience, until they can be read again.
    """

    def __init__(
        self,
        *,
        source: NoticeReader,
        partners: HubPartners,
        ledger: PublicationLedger,
        publisher: Publisher,
        refreshes: AudienceRefreshes,
        configuration: Configuration,
    ) -> None:
        self._source = source
        self._partners = partners
        self._ledger = ledger
        self._publisher = publisher
        self._refreshes = refreshes
        self._configuration = configuration
        self._hub_rules = hub_rule_keys(configuration.case_rules)

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        """Publish every portal row that ``changes`` affect, and return the result of each change.

        If the records of a change cannot be listed, only that change fails. Raises UpstreamError if
        the publication ledger cannot be read.
        """
        gathered = self._refreshes.gather(changes)
        with self._refreshes.pass_of(changes):
            report = ChangeReport.total([gathered, self._publish_rows(changes)])
        return self._refreshes.settle_covered(changes, report)

    def _publish_rows(self, changes: Sequence[Change]) -> ChangeReport:
        texts = Texts(self._configuration)
        named = _name_rows(changes)
        listed = [
            self._list_cases(changes, named.records),
            self._list_notices(changes, named.records),
        ]
        entities = {key: entity for one in listed for key, entity in one.entities.items()}
        read = self._read_records(named, entities)
        restricted = {
            key: one.entity.audience
            for key, one in read.records.items()
            if isinstance(one.entity, ServiceNotice) and not one.entity.audience.all
        }
        others = {key: one for key, one in read.records.items() if key not in restricted}
        reports = [
            named.report,
            *(one.report for one in listed),
            read.report,
            # To resolve audiences may take all the time that is left.
            self._publish_records(others, ResolvedAudiences(), changes, texts),
            self._publish_restricted(read.records, restricted, changes, texts),
            ChangeReport(unknown=texts.unknown),
        ]
        return ChangeReport.total(reports)

    def _list_cases(self, changes: Iterable[Change], named: Collection[RowKey]) -> _ListedRows:
        """List all cases of each partner for which a change requests a resync.

        A resync is to read and publish all records of a partner again. Closed cases are included,
        since the event of their closing may have been lost. If a case cannot be read, its row is
        deferred (written in a retry), unless the row is in ``named``, the rows of cases that
        changes mention by id: such a case is read singly later in this run.
        """
        wishes = changes_by_resynced_partner(changes)
        found: dict[RowKey, Entity] = {}
        reports = []
        for group, listing in read_in_groups(wishes, self._source.cases):
            if isinstance(listing, GridwixError):
                asking = (change for partner_id in group for change in wishes[partner_id])
                reports.append(ChangeReport.for_invalid(asking, listing))
                continue
            for case in listing.records:
                key = _row_key(OPEN_ISSUES, case)
                found[key] = case
                reports.append(ChangeReport.for_changes(wishes[case.partner_id], [key]))
            reports += [
                ChangeReport.for_deferred(wishes[PartnerId(fault.owner)], key, fault)
                for fault in listing.faults
                if (key := _row_key_of_fault(OPEN_ISSUES, fault)) not in named
            ]
        return _ListedRows(found, ChangeReport.total(reports))

    def _list_notices(self, changes: Iterable[Change], named: Collection[RowKey]) -> _ListedRows:
        """List the notices to publish for a resync of the hub or for an audience refresh.

        A resync of the hub publishes all notices. An audience refresh, which computes again who may
        see what, publishes the restricted notices that are not over. Empty if ``changes`` request
        neither. If a notice cannot be read, its row is deferred (written in a retry), unless the
        row is in ``named``, the rows of records that changes mention by id: such a notice is read
        singly later in this run.
        """
        everything = [change for change in changes if change.is_hub_resync]
        audiences = [change for change in changes if change.is_audience_refresh]
        if not everything and not audiences:
            return _ListedRows()
        try:
            listing = self._source.notices()
        except GridwixError as error:
            return _ListedRows(report=ChangeReport.for_invalid([*everything, *audiences], error))
        found: dict[RowKey, Entity] = {}
        reports = [
            ChangeReport.for_deferred([*everything, *audiences], key, fault)
            for fault in listing.faults
            if (key := _row_key_of_fault(SERVICE_NOTICES, fault)) not in named
        ]
        for notice in listing.records:
            restricted = (
                not notice.audience.all and notice.status not in OVER and notice.deleted_at is None
            )
            if everything or restricted:
                key = _row_key(SERVICE_NOTICES, notice)
                found[key] = notice
                reports.append(
                    ChangeReport.for_changes(
                        [*everything, *(audiences if restricted else ())], [key]
                    )
                )
        return _ListedRows(found, ChangeReport.total(reports))

    def _read_records(self, named: _NamedRows, listed: Mapping[RowKey, Entity]) -> _ReadRecords:
        """Read the current records of those portal rows that have to be written.

        ``named`` are the rows of records that changes mention by id. ``listed`` are records that
        were listed for a resync (read all records again) or an audience refresh (compute again who
        may see what). A listed record is read again only if a change states a newer version of the
        record.
        """
        records = {**named.records, **{key: entity.record for key, entity in listed.items()}}
        entries = self._ledger.read_entries(list(records))
        waiting = self._publisher.waiting_rows(entries)
        unchanged: dict[RowKey, Versions] = {}
        deferred: dict[RowKey, GridwixError] = {}
        to_read: list[RowKey] = []
        for key, record in records.items():
            entry = entries.get(key) or LedgerEntry(key)
            must_read = key in listed or key in named.reread
            if not must_read and _is_covered(record, named.least.get(key, 0), entry):
                unchanged[key] = entry.published
            elif key in waiting:
                deferred[key] = waiting[key]
            else:
                to_read.append(key)

        def read(key: RowKey) -> _ReadRecord | GridwixError | None:
            entry = entries.get(key) or LedgerEntry(key)
            # One bad record defers its own row only.
            try:
                with confine_to_record(records[key]):
                    return self._read_record(
                        records[key], listed.get(key), named.least.get(key, 0), entry
                    )
            except GridwixError as error:
                return error

        found: dict[RowKey, _ReadRecord] = {}
        answers = map_in_order(read, to_read, workers=READS_IN_FLIGHT)
        for key, answer in zip(to_read, answers, strict=True):
            if isinstance(answer, GridwixError):
                deferred[key] = answer
            elif answer is None:
                unchanged[key] = (entries.get(key) or LedgerEntry(key)).published
            else:
                found[key] = answer
        return _ReadRecords(found, PreparedRows(unchanged=unchanged, deferred=deferred).report)

    def _publish_restricted(
        self,
        records: Mapping[RowKey, _ReadRecord],
        restricted: Mapping[RowKey, Audience],
        changes: Sequence[Change],
        texts: Texts,
    ) -> RowReport:
        """Publish the notices that only certain partners may see.

        If these partners cannot be determined, all of these notices are deferred (published in a
        retry).
        """
        try:
            with confine_to_record(AUDIENCE_RECORD):
                audiences = self._partners.resolve(
                    restricted, self._configuration.audiences.regions
                )
        except GridwixError as error:
            return RowReport.of_deferred(dict.fromkeys(restricted, error))
        notices = {key: records[key] for key in restricted}
        return self._publish_records(notices, audiences, changes, texts)

    def _publish_records(
        self,
        records: Mapping[RowKey, _ReadRecord],
        audiences: ResolvedAudiences[RowKey],
        changes: Sequence[Change],
        texts: Texts,
    ) -> RowReport:
        """Map records to their portal rows, and write the rows."""
        projections: list[Projection] = []
        deferred: dict[RowKey, GridwixError] = {}
        for key, one in records.items():
            try:
                with confine_to_record(one.entity.record):
                    projections.append(self._project_record(key, one, audiences, changes, texts))
            except GridwixError as error:
                deferred[key] = error
        return RowReport.of_deferred(deferred) + self._publisher.publish(projections)

    def _read_record(
        self, record: str, entity: Entity | None, least: int, entry: LedgerEntry
    ) -> _ReadRecord | None:
        """Return the current record; None for a case if its portal row already shows this version.

        ``entity`` is used if its version is ``least`` or newer; otherwise the record is read from
        Trading Grid.

        Args:
            record: The record, as ``collection/id``.
            entity: The record as a list of Trading Grid returned it; None if it was not listed.
            least: Minimum version, the one that a change states; 0 for any.
            entry: The entry of the record's portal row in the publication ledger.

        Raises:
            SourceBehind: Trading Grid does not return the version ``least`` yet, or the record has
                just moved to another partner.
        """
        if entity is None or entity.version < least:
            entity = self._source.record(record)
        if entity is None or entity.version < least:
            raise SourceBehind
        if (
            isinstance(entity, Case)
            and entry.intended is None
            and entry.content_hash
            and entry.published.version_of(entity.record) == entity.version
        ):
            # A comment raises the version of its case, so an equal version means no new comment.
            return None
        if isinstance(entity, Case) and entity.deleted_at is None:
            comments = self._source.comments(entity.id).records
            require_owner(self._source, entity, comments)
            return _ReadRecord(entity, comments)
        return _ReadRecord(entity)

    def _project_record(
        self,
        key: RowKey,
        read: _ReadRecord,
        audiences: ResolvedAudiences[RowKey],
        changes: Sequence[Change],
        texts: Texts,
    ) -> Projection:
        """Map a case (with its comments) or a notice to its portal row.

        Raises InvalidEvent for records of other collections.
        """
        row: OpenIssueRow | ServiceNoticeRow | None
        match read.entity:
            case Case() as case:
                behind = Versions(live={case.record: case.version})
                row = open_issue(case, read.comments, texts, self._hub_rules)
            case ServiceNotice() as notice:
                regions = self._configuration.audiences.regions
                texts.unknown.update(
                    f"notice.region={region[:50]}"
                    for region in notice.audience.regions
                    if region not in regions
                )
                behind = notice_versions(notice, audiences.version)
                row = notice_row(notice, audiences.partner_ids.get(key, ()), texts)
            case _:
                raise InvalidEvent("subject", "is neither a case nor a notice")
        return Projection(
            key=key,
            versions=behind,
            item=None if row is None else data_item(key.item_id, row),
            origin=changes[0].event_id,
        )


def _name_rows(changes: Iterable[Change]) -> _NamedRows:
    """Return the portal row of each record that is named, as ``collection/id``, in ``changes``.

    Records of other collections than cases and notices have no row here.
    """
    records: dict[RowKey, str] = {}
    least: dict[RowKey, int] = {}
    reread: set[RowKey] = set()
    reports = []
    for change in changes:
        collection, _, identifier = change.record.partition("/")
        keys = (
            [RowKey(COLLECTIONS[collection], item_id(identifier))]
            if collection in COLLECTIONS
            else []
        )
        for key in keys:
            records[key] = change.record
            least[key] = max(least.get(key, 0), change.version or 0)
            if change.version is None:
                reread.add(key)
        reports.append(ChangeReport.for_changes([change], keys))
    return _NamedRows(records, least, reread, ChangeReport.total(reports))


def _is_covered(record: str, least: int, entry: LedgerEntry) -> bool:
    """True if the published row shows version ``least`` of its record, or a newer one."""
    return entry.intended is None and least <= entry.published.version_of(record)


def _row_key_of_fault(collection: CollectionId, fault: RecordFault) -> RowKey:
    return RowKey(collection, item_id(fault.record.partition("/")[2]))


def _row_key(collection: CollectionId, entity: Entity) -> RowKey:
    return RowKey(collection, item_id(entity.id))
