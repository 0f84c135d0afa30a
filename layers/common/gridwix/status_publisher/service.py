"""Use case 1: a change in Trading Grid reaches the partner's row on the portal."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, InvalidEvent, RecordFault, SourceBehind
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import first_fault_by_owner
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.partners import Partner
from gridwix.ports import CommunityReader
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from gridwix.publication.ports import PublicationLedger
from gridwix.publication.publisher import Projection, Publisher, Report, Verdict
from gridwix.status_publisher.projection import PartnerRecords, project, versions


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read of a partner, and the version vector of it: records that are gone for good are settled there."""

    records: PartnerRecords
    versions: Versions


class PartnerStatusPublisher:
    """Projects each partner that a batch of changes names, once, from its current records.

    The changes say only *which* partners to look at and how new the records must be at least; an answer of Trading Grid that is older than what a change or the
    ledger has already announced is not believed, and the row is deferred. So is the row of a partner of whom a record cannot be read or mapped: a row without
    it could say that all is well. Its neighbours are published.
    """

    def __init__(self, source: CommunityReader, ledger: PublicationLedger, publisher: Publisher, configuration: Configuration) -> None:
        self._source = source
        self._ledger = ledger
        self._publisher = publisher
        self._configuration = configuration

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        """Bring the row of every named partner up to date. Raises UpstreamError if Trading Grid cannot be read; then nothing was written."""
        report, texts = ChangeReport(), Texts(self._configuration)
        by_partner = self._by_partner(changes, report)
        entries = self._ledger.read([row_key(partner_id) for partner_id in by_partner])
        open_ids = []
        for partner_id, its_changes in by_partner.items():
            entry = entries.get(row_key(partner_id))
            if entry is not None and _is_covered(its_changes, entry):
                report.put([entry.key], Verdict.UNCHANGED)
            else:
                open_ids.append(partner_id)
        projections = []
        for partner_id, records in self._read(open_ids, report).items():
            entry = entries.get(row_key(partner_id)) or LedgerEntry(row_key(partner_id))
            try:
                with confine_to_record(f"partners/{partner_id}", partner_id):
                    reading = self._caught_up(records, _announced(by_partner[partner_id], entry.floor))
                    projections.append(_projection(partner_id, reading, by_partner[partner_id], texts))
            except GridwixError as error:
                report.put([entry.key], Verdict.DEFERRED, error)
        report.add(self._publisher.publish(projections))
        return report

    def _by_partner(self, changes: Iterable[Change], report: ChangeReport) -> dict[PartnerId, list[Change]]:
        grouped: dict[PartnerId, list[Change]] = defaultdict(list)
        for change in changes:
            try:
                with confine_to_record(change.record):
                    partner_id = self._partner_of(change)
            except GridwixError as error:
                report.invalid[change.event_id] = error
            else:
                grouped[partner_id].append(change)
                report.speaks_of(change, row_key(partner_id))
        return grouped

    def _partner_of(self, change: Change) -> PartnerId:
        if change.partner_id is not None:
            return change.partner_id
        collection, _, identifier = change.record.partition("/")
        if collection == "partners":
            return PartnerId(identifier)
        record = self._source.record(change.record)
        if isinstance(record, Enrollment | ComplianceCheck | Case):
            return record.partner_id
        raise InvalidEvent("partnerId")

    def _read(self, partner_ids: Sequence[PartnerId], report: Report) -> dict[PartnerId, PartnerRecords]:
        """The records of these partners. Deferred are those with a record that cannot be read, and those that Trading Grid does not know: only a tombstone
        removes a row, a missing answer never does."""
        found, faults = read_partners(self._source, partner_ids)
        for partner_id in partner_ids:
            if partner_id not in found:
                reason = faults.get(partner_id) or SourceBehind("the partner is unknown to Trading Grid")
                report.put([row_key(partner_id)], Verdict.DEFERRED, reason)
        return found

    def _caught_up(self, records: PartnerRecords, announced: Mapping[str, int]) -> _Reading:
        """Read each record that a list showed too old, or no longer, by itself. Raises SourceBehind if that does not help either."""
        read = versions(records)
        gone: dict[str, int] = {}
        for name, version in announced.items():
            if read.of(name) >= version:
                continue
            entity = self._source.record(name)
            if entity is None:
                if name == records.partner.record:
                    raise SourceBehind
                records, gone[name] = _without(records, name), version
            elif entity.version < version:
                raise SourceBehind
            else:
                records = _with(records, entity)
        read = versions(records)
        return _Reading(records, Versions(live=read.live, settled={**read.settled, **gone}))


def read_partners(source: CommunityReader, partner_ids: Sequence[PartnerId]) -> tuple[dict[PartnerId, PartnerRecords], Mapping[str, RecordFault]]:
    """The records of each partner, and a fault in the place of those of a partner of whom some record cannot be read. Raises UpstreamError."""
    if not partner_ids:
        return {}, {}
    enrollments, checks, cases = source.enrollments(partner_ids), source.compliance_checks(partner_ids), source.open_cases(partner_ids)
    partners = source.partners(partner_ids)
    faults = first_fault_by_owner([*partners.faults, *enrollments.faults, *checks.faults, *cases.faults])
    enrollments_of, checks_of, cases_of = _by_partner(enrollments.records), _by_partner(checks.records), _by_partner(cases.records)
    found = {
        (key := partner.partner_id): PartnerRecords(partner, enrollments_of.get(key, ()), checks_of.get(key, ()), cases_of.get(key, ()))
        for partner in partners.records
        if partner.partner_id not in faults
    }
    return found, faults


def row_key(partner_id: PartnerId) -> RowKey:
    """The row of a partner in the ``PartnerStatus`` collection."""
    return RowKey(PARTNER_STATUS, item_id(partner_id))


def _is_covered(changes: Iterable[Change], entry: LedgerEntry) -> bool:
    """Whether the row that Wix holds was already made from records at least as new as all of these changes."""
    return entry.intended is None and all(change.version is not None and entry.published.of(change.record) >= change.version for change in changes)


def _announced(changes: Iterable[Change], floor: Versions) -> dict[str, int]:
    """The least version of each record that a reading must show: what the changes say, and what the ledger has seen."""
    least = dict(floor.live)
    for change in changes:
        if change.version is not None:
            least[change.record] = max(least.get(change.record, 0), change.version, floor.of(change.record))
    return {name: version for name, version in least.items() if floor.settled.get(name, 0) < version}


def _projection(partner_id: PartnerId, reading: _Reading, changes: Sequence[Change], texts: Texts) -> Projection:
    row = project(reading.records, texts)
    return Projection(
        key=row_key(partner_id),
        versions=reading.versions,
        item=None if row is None else data_item(partner_id, row),
        origin=max(changes, key=lambda change: change.occurred_at).event_id,
    )


def _by_partner[E: (Enrollment, ComplianceCheck, Case)](entities: Iterable[E]) -> dict[PartnerId, list[E]]:
    grouped: dict[PartnerId, list[E]] = defaultdict(list)
    for entity in entities:
        grouped[entity.partner_id].append(entity)
    return grouped


def _with(records: PartnerRecords, entity: Entity) -> PartnerRecords:
    """The records with this one in the place of its older self."""
    rest = _without(records, entity.record)
    match entity:
        case Partner():
            return replace(rest, partner=entity)
        case Enrollment():
            return replace(rest, enrollments=[*rest.enrollments, entity])
        case ComplianceCheck():
            return replace(rest, checks=[*rest.checks, entity])
        case Case():
            return replace(rest, cases=[*rest.cases, entity])
        case _:
            return rest


def _without(records: PartnerRecords, name: str) -> PartnerRecords:
    return replace(
        records,
        enrollments=[entity for entity in records.enrollments if entity.record != name],
        checks=[entity for entity in records.checks if entity.record != name],
        cases=[entity for entity in records.cases if entity.record != name],
    )
