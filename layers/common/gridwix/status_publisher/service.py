"""Use case 1: publishes the status of partners to the portal after changes in Trading Grid."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gridwix.concurrency import map_in_order
from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, InvalidEvent, RecordFault, SourceBehind
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, first_fault_by_owner
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.partners import Partner
from gridwix.ports import CommunityReader
from gridwix.publication.changes import ChangeReport, PreparedRows
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from gridwix.publication.partner_groups import read_in_groups
from gridwix.publication.ports import PublicationLedger
from gridwix.publication.publisher import Projection, Publisher, RowReport
from gridwix.status_publisher.projection import PartnerRecords, status_row, version_vector

READS_IN_FLIGHT = 4
"""Number of lists that are read from Trading Grid in parallel: all four of a group of partners."""

type _ReadPartners = tuple[dict[PartnerId, PartnerRecords], Mapping[str, RecordFault]]
"""The records of partners, and faults by partner."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A partner's records, and the version vector of its row: the version of each record.

    The vector has closed cases, and records that no longer exist or have moved to another partner,
    as tombstones (in ``settled``), and all other records in ``live``.
    """

    records: PartnerRecords
    versions: Versions


@dataclass(frozen=True, slots=True)
class _NamedPartners:
    """The changes of a batch, grouped by the partner that they concern.

    ``report`` names, for each change, the portal row that the change leads to: the status row of
    the partner. If the partner of a change cannot be found out, the report has the error instead.
    """

    changes: Mapping[PartnerId, Sequence[Change]]
    report: ChangeReport


class PartnerStatusPublisher:
    """Publishes the status row of each partner that a batch of changes concerns.

    The row is made once, from the partner's current records. A change has no content: it names a
    record, and usually the version that must at least be read. A row is deferred (tried again
    later) if Trading Grid returns an older version of a record than a change names, or than the row
    was last made from (a stale read). It is also deferred if one of the partner's records cannot be
    read or mapped: a row without that record could report that all is well. The rows of the other
    partners are published.

    Args:
        source: Reads Trading Grid. It has to be safe for ``reads_in_flight`` threads.
        ledger: Stores the versions of the records that each row was last made from.
        publisher: Writes the rows.
        configuration: Labels and texts.
        reads_in_flight: Number of lists that are read at the same time.
    """

    def __init__(
        self,
        source: CommunityReader,
        ledger: PublicationLedger,
        publisher: Publisher,
        configuration: Configuration,
        *,
        reads_in_flight: int = READS_IN_FLIGHT,
    ) -> None:
        self._reads_in_flight = reads_in_flight
        self._source = source
        self._ledger = ledger
        self._publisher = publisher
        self._configuration = configuration

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        """Publish the row of every partner that ``changes`` concern.

        If a partner cannot be read, only its own row is deferred. Raises UpstreamError if the
        ledger cannot be read.
        """
        named = self._group_by_partner(changes)
        keys = {partner_id: status_row_key(partner_id) for partner_id in named.changes}
        entries = self._ledger.read_entries(list(keys.values()))
        covered = {
            key: entries[key].published
            for partner_id, key in keys.items()
            if _is_covered(named.changes[partner_id], entries.get(key))
        }
        waiting = self._publisher.waiting_rows(
            {key: entry for key, entry in entries.items() if key not in covered}
        )
        to_read = [
            partner_id
            for partner_id, key in keys.items()
            if key not in covered and key not in waiting
        ]
        prepared = self._prepare_rows(to_read, named.changes, entries)
        published = self._publisher.publish(prepared.projections)
        return ChangeReport.total(
            [
                named.report,
                RowReport.of_unchanged(covered),
                RowReport.of_deferred(waiting),
                prepared.report,
                published,
            ]
        )

    def _group_by_partner(self, changes: Iterable[Change]) -> _NamedPartners:
        grouped: dict[PartnerId, list[Change]] = defaultdict(list)
        invalid: dict[str, GridwixError] = {}
        for change in changes:
            try:
                with confine_to_record(change.record):
                    partner_id = self._partner_of(change)
            except GridwixError as error:
                invalid[change.event_id] = error
            else:
                grouped[partner_id].append(change)
        named = ChangeReport.for_rows(
            (change, status_row_key(partner_id))
            for partner_id, its_changes in grouped.items()
            for change in its_changes
        )
        return _NamedPartners(grouped, named + ChangeReport(invalid=invalid))

    def _partner_of(self, change: Change) -> PartnerId:
        if change.partner_id is not None:
            return change.partner_id
        collection, _, identifier = change.record.partition("/")
        if collection == "partners":
            return PartnerId(identifier)
        record = self._source.record(change.record)
        if isinstance(record, Enrollment | ComplianceCheck | Case):
            if record.version < (change.version or 0):
                # It may have been another partner's then.
                raise SourceBehind
            return record.partner_id
        raise InvalidEvent("partnerId", "is missing, and the subject has no partner")

    def _prepare_rows(
        self,
        partner_ids: Sequence[PartnerId],
        changes: Mapping[PartnerId, Sequence[Change]],
        entries: Mapping[RowKey, LedgerEntry],
    ) -> PreparedRows:
        """Map the current records of partners to their rows.

        The row of a partner is deferred if one of its records, or its group of partners, cannot be
        read. It is deferred, too, if Trading Grid does not return the partner: only a tombstone
        removes a row, a missing record never does.
        """
        texts = Texts(self._configuration)
        found: dict[PartnerId, PartnerRecords] = {}
        faults: dict[PartnerId, GridwixError] = {}
        for group, read in read_in_groups(partner_ids, self._read_partners):
            if isinstance(read, GridwixError):
                faults |= dict.fromkeys(group, read)
            else:
                found |= read[0]
                faults |= {PartnerId(owner): fault for owner, fault in read[1].items()}
        projections: list[Projection] = []
        deferred: dict[RowKey, GridwixError] = {}
        for partner_id in partner_ids:
            key = status_row_key(partner_id)
            if partner_id not in found:
                deferred[key] = faults.get(partner_id) or SourceBehind(
                    f"Trading Grid does not know partner {partner_id} yet: it is read again"
                )
                continue
            entry = entries.get(key) or LedgerEntry(key)
            try:
                with confine_to_record(f"partners/{partner_id}", partner_id):
                    reading = self._catch_up(
                        found[partner_id], _announced_versions(changes[partner_id], entry.floor)
                    )
                    projections.append(
                        _status_projection(partner_id, reading, changes[partner_id], texts)
                    )
            except GridwixError as error:
                deferred[key] = error
        return PreparedRows(tuple(projections), deferred=deferred)

    def _read_partners(self, partner_ids: Sequence[PartnerId]) -> _ReadPartners:
        return read_partners(self._source, partner_ids, reads_in_flight=self._reads_in_flight)

    def _catch_up(self, records: PartnerRecords, announced: Mapping[str, int]) -> _Reading:
        """Read singly each record that a list returned in too old a version, or not at all.

        Returns the records with the newer ones in place of the older, and without those that have
        become another partner's. ``announced`` has the minimum version of each record. Raises
        SourceBehind if a record is too old in the single read as well.
        """
        read = version_vector(records)
        gone: dict[str, int] = {}
        for name, version in announced.items():
            if read.version_of(name) >= version:
                continue
            entity = self._source.record(name)
            if entity is None:
                # Any record but the partner itself may have been deleted for good.
                if name == records.partner.record:
                    raise SourceBehind
                records, gone[name] = _without_record(records, name), version
            elif entity.version < version:
                raise SourceBehind
            elif _belongs_to(entity, records.partner.partner_id):
                records = _with_entity(records, entity)
            else:
                # Only the row of its new partner shows it.
                records, gone[name] = _without_record(records, name), entity.version
        read = version_vector(records)
        return _Reading(records, Versions(live=read.live, settled={**read.settled, **gone}))


def read_partners(
    source: CommunityReader,
    partner_ids: Sequence[PartnerId],
    *,
    reads_in_flight: int = READS_IN_FLIGHT,
) -> _ReadPartners:
    """Read the records of partners; return the records and the faults, both by partner.

    A partner with any unreadable record has a fault instead of records. A partner that Trading Grid
    does not have has neither. Raises UpstreamError.
    """
    if not partner_ids:
        return {}, {}
    lists: Sequence[Callable[[Sequence[PartnerId]], Listing[Any]]] = (
        source.enrollments,
        source.compliance_checks,
        source.open_cases,
        source.partners,
    )
    enrollments, checks, cases, partners = map_in_order(
        lambda read_list: read_list(partner_ids), lists, workers=reads_in_flight
    )
    faults = first_fault_by_owner(
        [*partners.faults, *enrollments.faults, *checks.faults, *cases.faults]
    )
    enrollments_of, checks_of, cases_of = (
        _group_by_owner(enrollments.records),
        _group_by_owner(checks.records),
        _group_by_owner(cases.records),
    )
    found = {
        (key := partner.partner_id): PartnerRecords(
            partner, enrollments_of.get(key, ()), checks_of.get(key, ()), cases_of.get(key, ())
        )
        for partner in partners.records
        if partner.partner_id not in faults
    }
    return found, faults


def status_row_key(partner_id: PartnerId) -> RowKey:
    """Return the key of a partner's row in the ``PartnerStatus`` collection."""
    return RowKey(PARTNER_STATUS, item_id(partner_id))


def _is_covered(changes: Iterable[Change], entry: LedgerEntry | None) -> bool:
    """Return True if the published row has all of the changes already, so that it needs no write.

    It has a change if it was made from the version that the change names, or from a newer one of
    the same record. Returns False if the row was never published, if a write of it is uncertain, or
    if a change names no version.
    """
    if entry is None or entry.intended is not None:
        return False
    return all(
        change.version is not None and entry.published.version_of(change.record) >= change.version
        for change in changes
    )


def _announced_versions(changes: Iterable[Change], floor: Versions) -> dict[str, int]:
    """Return the version that must at least be read of each record: the highest that is known.

    Known versions are those in the changes, and those in ``floor``: the versions of the records
    that the row was last made from, as the publication ledger has them. A record that ``floor`` has
    as a tombstone (``settled``) is left out, unless a change names a newer version.
    """
    least = dict(floor.live)
    for change in changes:
        if change.version is not None:
            least[change.record] = max(
                least.get(change.record, 0), change.version, floor.version_of(change.record)
            )
    return {
        name: version for name, version in least.items() if floor.settled.get(name, 0) < version
    }


def _status_projection(
    partner_id: PartnerId, reading: _Reading, changes: Sequence[Change], texts: Texts
) -> Projection:
    row = status_row(reading.records, texts)
    return Projection(
        key=status_row_key(partner_id),
        versions=reading.versions,
        item=None if row is None else data_item(partner_id, row),
        origin=max(changes, key=lambda change: change.occurred_at).event_id,
    )


def _group_by_owner[E: (Enrollment, ComplianceCheck, Case)](
    entities: Iterable[E],
) -> dict[PartnerId, list[E]]:
    grouped: dict[PartnerId, list[E]] = defaultdict(list)
    for entity in entities:
        grouped[entity.partner_id].append(entity)
    return grouped


def _belongs_to(entity: Entity, partner_id: PartnerId) -> bool:
    return (
        isinstance(entity, Partner | Enrollment | ComplianceCheck | Case)
        and entity.partner_id == partner_id
    )


def _with_entity(records: PartnerRecords, entity: Entity) -> PartnerRecords:
    """Return the records with ``entity`` in place of its older version."""
    rest = _without_record(records, entity.record)
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


def _without_record(records: PartnerRecords, name: str) -> PartnerRecords:
    return replace(
        records,
        enrollments=[entity for entity in records.enrollments if entity.record != name],
        checks=[entity for entity in records.checks if entity.record != name],
        cases=[entity for entity in records.cases if entity.record != name],
    )
