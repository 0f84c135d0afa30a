"""Use case 2: publishes onboarding steps, and the progress of each partner, to the portal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, InvalidEvent, SourceBehind
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import ONBOARDING_PROGRESS, ONBOARDING_STEPS
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.wix import DataItem
from gridwix.onboarding_sync.co_owned_rows import CoOwnedRows
from gridwix.onboarding_sync.ports import OnboardingReader, SharedCollections
from gridwix.onboarding_sync.projection import progress_row, step_key, step_rows
from gridwix.publication.changes import ChangeReport, changes_by_resynced_partner, least_versions
from gridwix.publication.merge import AGREED
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.partner_groups import read_in_groups
from gridwix.publication.publisher import Projection, Publisher

RECORDS = ("enrollments", "onboarding-programs")


@dataclass(frozen=True, slots=True)
class _ListedRecords:
    """Records that were listed for the resync of a partner or of the hub, by ``collection/id``.

    ``report`` holds the listed records that cannot be read, and the resync requests that failed
    because their list cannot be read.
    """

    entities: Mapping[str, Entity]
    report: ChangeReport


@dataclass(frozen=True, slots=True)
class _PreparedRecords:
    """Rows to write to the portal (projections), made from current records.

    ``report`` has, for each change, which of these rows the change waits for. It also has the
    records that could not be read or mapped to rows, so that the changes about them are retried.
    """

    projections: tuple[Projection, ...]
    report: ChangeReport


class OnboardingSync:
    """Publishes the programs and enrollments that changes are about, each once, as it is now.

    Args:
        source: Reads programs and enrollments.
        portal: The portal's collections.
        configuration: Texts and labels.
        shared: Writes the collections that portal editors write, too, and returns the conflicts
            of its merges.
        steps: Publishes step rows through ``shared``, so that edits on the portal are kept.
        progress: Publishes progress rows, which only gridwix writes.
    """

    def __init__(
        self,
        *,
        source: OnboardingReader,
        portal: SharedCollections,
        configuration: Configuration,
        shared: CoOwnedRows,
        steps: Publisher,
        progress: Publisher,
    ) -> None:
        self._source = source
        self._portal = portal
        self._configuration = configuration
        self._shared = shared
        self._steps = steps
        self._progress = progress

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        """Publish every portal row that ``changes`` affect, and return the result of each change.

        If a record or list cannot be read, or a record cannot be mapped to its row, only the
        changes that concern it are deferred. Raises UpstreamError if the publication ledger cannot
        be read.
        """
        texts = Texts(self._configuration)
        least = least_versions(changes, RECORDS)
        listed = self._list_records(changes, least)
        prepared = self._prepare_records(changes, least, listed.entities, texts)
        published = self._publish_rows(prepared.projections)
        reports = [
            ChangeReport.for_changes(changes),
            listed.report,
            prepared.report,
            published,
            ChangeReport(unknown=texts.unknown),
        ]
        return ChangeReport.total(reports)

    def _list_records(self, changes: Sequence[Change], named: Collection[str]) -> _ListedRecords:
        """List the records that a resync of a partner, or of the hub, has to publish.

        A resync is to read and publish records again: all enrollments of the partner, or all
        onboarding programs for the hub (the company that runs the network). If a listed record
        cannot be read, it is deferred (published in a retry), unless it is in ``named``, the
        records that changes mention by id: such a record is read singly later in this run.
        """
        wishes = changes_by_resynced_partner(changes)
        entities: dict[str, Entity] = {}
        reports = []
        for group, enrollments in read_in_groups(sorted(wishes), self._source.enrollments):
            asking = [change for partner_id in group for change in wishes[partner_id]]
            if isinstance(enrollments, GridwixError):
                reports.append(ChangeReport.for_invalid(asking, enrollments))
                continue
            entities |= {one.record: one for one in enrollments.records}
            reports += [
                ChangeReport.for_deferred(
                    wishes[PartnerId(fault.owner)], _placeholder_key(fault.record), fault
                )
                for fault in enrollments.faults
                if fault.record not in named
            ]
        everything = [change for change in changes if change.is_hub_resync]
        if everything:
            try:
                programs = self._source.programs()
            except GridwixError as error:
                reports.append(ChangeReport.for_invalid(everything, error))
            else:
                entities |= {one.record: one for one in programs.records}
                reports += [
                    ChangeReport.for_deferred(everything, _placeholder_key(fault.record), fault)
                    for fault in programs.faults
                    if fault.record not in named
                ]
        return _ListedRecords(entities, ChangeReport.total(reports))

    def _prepare_records(
        self,
        changes: Sequence[Change],
        least: Mapping[str, int],
        listed: Mapping[str, Entity],
        texts: Texts,
    ) -> _PreparedRecords:
        """Read the current records that have to be published, and map them to portal rows.

        These are the records that ``changes`` mention by id, which are the keys of ``least``, and
        the records in ``listed``, which were listed for a resync. ``least`` has the minimum version
        in which to read each mentioned record.
        """
        projections: list[Projection] = []
        reports = []
        for record in {**dict.fromkeys(least), **dict.fromkeys(listed)}:
            about = [change for change in changes if _asks_for(change, record, listed)]
            try:
                with confine_to_record(record):
                    entity = self._current_record(record, listed.get(record), least.get(record, 0))
                    made = self._project_record(entity, about[0].event_id, texts)
            except GridwixError as error:
                reports.append(ChangeReport.for_deferred(about, _placeholder_key(record), error))
            else:
                projections += made
                reports.append(
                    ChangeReport.for_changes(about, [projection.key for projection in made])
                )
        return _PreparedRecords(tuple(projections), ChangeReport.total(reports))

    def _publish_rows(self, projections: Sequence[Projection]) -> ChangeReport:
        """Publish step rows and progress rows, each kind through its own publisher."""
        steps = [
            projection
            for projection in projections
            if projection.key.collection == ONBOARDING_STEPS
        ]
        progress = [
            projection
            for projection in projections
            if projection.key.collection != ONBOARDING_STEPS
        ]
        # A publication that raised may have left its conflicts behind: they are not this batch's.
        self._shared.drain_conflicts()
        published = self._steps.publish(steps) + self._progress.publish(progress)
        conflicts = tuple(
            (ONBOARDING_STEPS, identifier, conflict.field)
            for identifier, conflict in self._shared.drain_conflicts()
        )
        return ChangeReport(conflicts=conflicts) + published

    def _current_record(self, record: str, entity: Entity | None, least: int) -> Entity:
        """Return ``entity`` if its version is ``least`` or newer; else read the record again.

        ``entity`` is the record as it was listed for a resync; None if it was not listed. Raises
        SourceBehind if Trading Grid does not return the version ``least`` yet.
        """
        if entity is None or entity.version < least:
            entity = self._source.record(record)
        if entity is None or entity.version < least:
            raise SourceBehind
        return entity

    def _project_record(self, entity: Entity, origin: str, texts: Texts) -> list[Projection]:
        """Map an enrollment or a program to its portal rows.

        Raises InvalidEvent for any other record.
        """
        versions = Versions(live={entity.record: entity.version})
        if isinstance(entity, Enrollment):
            key = RowKey(ONBOARDING_PROGRESS, item_id(entity.id))
            row = progress_row(entity, texts)
            return [
                Projection(
                    key, versions, None if row is None else data_item(entity.id, row), origin
                )
            ]
        if not isinstance(entity, OnboardingProgram):
            raise InvalidEvent("subject", "is neither an enrollment nor a program")
        items = [data_item(step_key(row), row) for row in step_rows(entity, texts)]
        made = [
            Projection(RowKey(ONBOARDING_STEPS, item.id), versions, item, origin) for item in items
        ]
        return made + self._retire_steps(entity, {item.id for item in items}, versions, origin)

    def _retire_steps(
        self, program: OnboardingProgram, current: set[str], versions: Versions, origin: str
    ) -> list[Projection]:
        """Return rows that mark as retired the steps on the portal that the program no longer has.

        The rows stay on the portal, for partners who are still at such a step. ``current`` are the
        item ids of the program's present steps.
        """
        gone = [
            item
            for item in self._portal.items_where(ONBOARDING_STEPS, "programKey", program.key)
            if item.id not in current
        ]
        made = []
        for item in gone:
            # The source's last values, without the edits that were made on the portal since.
            agreed = item.data.get(AGREED)
            data = {
                **(agreed if isinstance(agreed, Mapping) else {}),
                # Rows of the first release lack it, and the portal joins by it.
                "programId": program.id,
                "retired": True,
                "programVersion": program.version,
            }
            made.append(
                Projection(
                    RowKey(ONBOARDING_STEPS, item.id), versions, DataItem(item.id, data), origin
                )
            )
        return made


def _placeholder_key(record: str) -> RowKey:
    """Return a row key that stands for a record in reports while its real rows are unknown."""
    return RowKey(
        ONBOARDING_PROGRESS if record.startswith("enrollments/") else ONBOARDING_STEPS,
        item_id(record),
    )


def _asks_for(change: Change, record: str, listed: Mapping[str, Entity]) -> bool:
    """True if a change mentions a record by id, or requests a resync that includes the record.

    A resync of a partner includes the partner's enrollments. A resync of the hub (the company that
    runs the network) includes all onboarding programs. Either includes only records in ``listed``.
    """
    if change.record == record:
        return True
    entity = listed.get(record)
    if isinstance(entity, Enrollment):
        return change.resync_partner_id == entity.partner_id
    return isinstance(entity, OnboardingProgram) and change.is_hub_resync
