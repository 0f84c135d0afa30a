"""Use case 3: open issues and service notices reach the portal."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, InvalidEvent, RecordFault, SourceBehind
from gridwix.mapping.audiences import audience_partner_ids
from gridwix.mapping.next_actor import hub_rule_keys
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, PartnerId
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import OPEN_ISSUES, SERVICE_NOTICES
from gridwix.models.portal.open_issues import OpenIssueRow
from gridwix.models.portal.service_notices import ServiceNoticeRow
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.partners import Partner
from gridwix.notice_publisher.open_issues import open_issue
from gridwix.notice_publisher.ports import NoticeReader
from gridwix.notice_publisher.service_notices import OVER, notice_row, versions
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from gridwix.publication.ports import PublicationLedger
from gridwix.publication.publisher import Projection, Publisher, Verdict

COLLECTIONS = {"cases": OPEN_ISSUES, "service-notices": SERVICE_NOTICES}


class NoticePublisher:
    """Projects each case and each notice that a batch of changes names, once, from its current record.

    A change of a partner is a change of the audience of every notice that is restricted and not over; a wish to read a partner anew means all its cases.

    The row of a case or notice that cannot be read is deferred, and so are the changes that ask for it. A comment that cannot be read is left out of its case,
    and a partner that cannot be read is in no audience, until it can.
    """

    def __init__(self, source: NoticeReader, ledger: PublicationLedger, publisher: Publisher, configuration: Configuration) -> None:
        self._source = source
        self._ledger = ledger
        self._publisher = publisher
        self._configuration = configuration
        self._hub_rules = hub_rule_keys(configuration.case_rules)

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        """Bring every row that the changes speak of up to date. Raises UpstreamError if Trading Grid cannot be listed; then nothing was written."""
        report, texts = ChangeReport(), Texts(self._configuration)
        named, least = _named(changes, report)
        entities: dict[RowKey, Entity] = {}
        entities |= self._cases_of_partners(changes, named, report)
        entities |= self._notices(changes, named, report)
        for key in entities:
            named.setdefault(key, "")
        entries = self._ledger.read(list(named))
        projections = []
        partners: Sequence[Partner] | None = None
        for key, record in named.items():
            entry = entries.get(key) or LedgerEntry(key)
            try:
                with confine_to_record(record or entities[key].record):
                    entity = self._current(record, entities.get(key), least.get(key, 0), entry)
                    if entity is None:
                        report.put([key], Verdict.UNCHANGED)
                        continue
                    if isinstance(entity, ServiceNotice) and not entity.audience.all and partners is None:
                        partners = self._source.every_partner().records
                    projections.append(self._projection(key, entity, partners or (), changes, texts))
            except GridwixError as error:
                report.put([key], Verdict.DEFERRED, error)
        report.unknown += texts.unknown
        report.add(self._publisher.publish(projections))
        return report

    def _cases_of_partners(self, changes: Iterable[Change], named: Collection[RowKey], report: ChangeReport) -> Mapping[RowKey, Entity]:
        """The cases of every partner that is to be read anew, over or not: a closing may be among what was missed."""
        wishes: dict[PartnerId, list[Change]] = defaultdict(list)
        for change in changes:
            if (partner_id := change.resync_partner_id) is not None:
                wishes[partner_id].append(change)
        found: dict[RowKey, Entity] = {}
        listing = self._source.cases(list(wishes)) if wishes else Listing[Case]()
        for case in listing.records:
            key = _key(OPEN_ISSUES, case)
            found[key] = case
            for change in wishes[case.partner_id]:
                report.speaks_of(change, key)
        for fault in listing.faults:
            if (key := _key_of_fault(OPEN_ISSUES, fault)) not in named:
                report.defer_for(wishes[PartnerId(fault.owner)], key, fault)
        return found

    def _notices(self, changes: Iterable[Change], named: Collection[RowKey], report: ChangeReport) -> Mapping[RowKey, Entity]:
        """The notices that are to be looked at although no change names them."""
        everything = [change for change in changes if change.is_hub_resync]
        audiences = [change for change in changes if _moves_audiences(change)]
        if not everything and not audiences:
            return {}
        found: dict[RowKey, Entity] = {}
        listing = self._source.notices()
        for fault in listing.faults:
            if (key := _key_of_fault(SERVICE_NOTICES, fault)) not in named:
                report.defer_for([*everything, *audiences], key, fault)
        for notice in listing.records:
            restricted = not notice.audience.all and notice.status not in OVER and notice.deleted_at is None
            if everything or restricted:
                key = _key(SERVICE_NOTICES, notice)
                found[key] = notice
                for change in [*everything, *(audiences if restricted else ())]:
                    report.speaks_of(change, key)
        return found

    def _current(self, record: str, entity: Entity | None, least: int, entry: LedgerEntry) -> Entity | None:
        """The record as it is, at least as new as was announced; None if the portal shows it already. Raises SourceBehind if it cannot be had yet."""
        settled = entry.intended is None
        if entity is None:
            if settled and 0 < least <= entry.published.of(record):
                return None
            entity = self._source.record(record)
        elif entity.version < least:
            entity = self._source.record(record)
        if entity is None or entity.version < least:
            raise SourceBehind
        if isinstance(entity, Case) and settled and entry.content_hash and entry.published.of(entity.record) == entity.version:
            # A comment raises the version of its case, so there is nothing new in either.
            return None
        return entity

    def _projection(self, key: RowKey, entity: Entity, partners: Sequence[Partner], changes: Sequence[Change], texts: Texts) -> Projection:
        row: OpenIssueRow | ServiceNoticeRow | None
        match entity:
            case Case():
                behind = Versions(live={entity.record: entity.version})
                comments = self._source.comments(entity.id).records if entity.deleted_at is None else ()
                row = open_issue(entity, comments, texts, self._hub_rules)
            case ServiceNotice():
                regions = self._configuration.audiences.regions
                texts.unknown.update(f"notice.region={region[:50]}" for region in entity.audience.regions if region not in regions)
                behind = versions(entity, partners)
                row = notice_row(entity, audience_partner_ids(entity.audience, partners, regions), texts)
            case _:
                raise InvalidEvent("subject")
        return Projection(key=key, versions=behind, item=None if row is None else data_item(key.item_id, row), origin=changes[0].event_id)


def _named(changes: Iterable[Change], report: ChangeReport) -> tuple[dict[RowKey, str], dict[RowKey, int]]:
    """The record behind each row that a change names, and the least version of it. Every change gets its place in the report."""
    records: dict[RowKey, str] = {}
    least: dict[RowKey, int] = {}
    for change in changes:
        report.speaks_of(change)
        collection, _, identifier = change.record.partition("/")
        if collection in COLLECTIONS:
            key = RowKey(COLLECTIONS[collection], item_id(identifier))
            records[key] = change.record
            least[key] = max(least.get(key, 0), change.version or 0)
            report.speaks_of(change, key)
    return records, least


def _moves_audiences(change: Change) -> bool:
    return change.type in ("partner.created", "partner.updated", "partner.status_changed")


def _key_of_fault(collection: CollectionId, fault: RecordFault) -> RowKey:
    return RowKey(collection, item_id(fault.record.partition("/")[2]))


def _key(collection: CollectionId, entity: Entity) -> RowKey:
    return RowKey(collection, item_id(entity.id))
