"""Use case 2, from Trading Grid to the portal: what the onboarding steps are, and how far each partner has come."""

from collections.abc import Iterable, Mapping, Sequence

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, InvalidEvent, RecordFault, SourceBehind
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.events import Change
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import ONBOARDING_PROGRESS, ONBOARDING_STEPS
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.wix import DataItem
from gridwix.onboarding_sync.co_owned_rows import CoOwnedRows
from gridwix.onboarding_sync.ports import OnboardingReader, SharedCollections
from gridwix.onboarding_sync.projection import progress_row, step_key, step_rows
from gridwix.publication.changes import ChangeReport
from gridwix.publication.merge import AGREED
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import Projection, Publisher

RECORDS = ("enrollments", "onboarding-programs")


class OnboardingSync:
    """Projects each program and each enrollment that a batch of changes names, once, from its current record.

    ``steps`` publishes through ``shared``, so that what people wrote on the portal stays; ``progress`` publishes rows that are Trading Grid's alone.
    """

    def __init__(
        self,
        source: OnboardingReader,
        portal: SharedCollections,
        configuration: Configuration,
        *,
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
        """Bring every row that the changes speak of up to date. Raises UpstreamError if Trading Grid cannot be listed; then nothing was written.

        A record that cannot be read or projected defers the changes that speak of it, and no other.
        """
        report, texts = ChangeReport(), Texts(self._configuration)
        least = report.least_versions(changes, RECORDS)
        listed, faults = self._listed(changes)
        for fault in faults:
            if fault.record not in least:
                wishes = [change for change in changes if (change.resync_partner_id == fault.owner if fault.owner else change.is_hub_resync)]
                report.defer_for(wishes, _placeholder(fault.record), fault)
        steps: list[Projection] = []
        progress: list[Projection] = []
        for record in {**dict.fromkeys(least), **dict.fromkeys(listed)}:
            about = [change for change in changes if _speaks_of(change, record, listed)]
            try:
                with confine_to_record(record):
                    entity = self._current(record, listed.get(record), least.get(record, 0))
                    made = self._projections(entity, about[0].event_id, texts)
            except GridwixError as error:
                report.defer_for(about, _placeholder(record), error)
                continue
            (progress if isinstance(entity, Enrollment) else steps).extend(made)
            for change in about:
                report.speaks_of(change, *(projection.key for projection in made))
        before = len(self._shared.conflicts)
        report.add(self._steps.publish(steps))
        report.add(self._progress.publish(progress))
        report.conflicts += [(ONBOARDING_STEPS, identifier, conflict.field) for identifier, conflict in self._shared.conflicts[before:]]
        del self._shared.conflicts[:]
        report.unknown += texts.unknown
        return report

    def _listed(self, changes: Iterable[Change]) -> tuple[Mapping[str, Entity], Sequence[RecordFault]]:
        """The records that are to be read anew although no change names them, and those of them that cannot be read."""
        partners = {partner_id for change in changes if (partner_id := change.resync_partner_id) is not None}
        enrollments = self._source.enrollments(sorted(partners)) if partners else Listing[Enrollment]()
        programs = self._source.programs() if any(change.is_hub_resync for change in changes) else Listing[OnboardingProgram]()
        found: list[Entity] = [*enrollments.records, *programs.records]
        return {entity.record: entity for entity in found}, [*enrollments.faults, *programs.faults]

    def _current(self, record: str, entity: Entity | None, least: int) -> Entity:
        if entity is None or entity.version < least:
            entity = self._source.record(record)
        if entity is None or entity.version < least:
            raise SourceBehind
        return entity

    def _projections(self, entity: Entity, origin: str, texts: Texts) -> list[Projection]:
        versions = Versions(live={entity.record: entity.version})
        if isinstance(entity, Enrollment):
            key = RowKey(ONBOARDING_PROGRESS, item_id(entity.id))
            row = progress_row(entity, texts)
            return [Projection(key, versions, None if row is None else data_item(entity.id, row), origin)]
        if not isinstance(entity, OnboardingProgram):
            raise InvalidEvent("subject")
        items = [data_item(step_key(row), row) for row in step_rows(entity, texts)]
        made = [Projection(RowKey(ONBOARDING_STEPS, item.id), versions, item, origin) for item in items]
        return made + self._retired(entity, {item.id for item in items}, versions, origin)

    def _retired(self, program: OnboardingProgram, current: set[str], versions: Versions, origin: str) -> list[Projection]:
        """The steps on the portal that the program has no longer: they stay, retired, for those who are still at them."""
        gone = [item for item in self._portal.items_where(ONBOARDING_STEPS, "programKey", program.key) if item.id not in current]
        made = []
        for item in gone:
            # What the source said last, not what somebody has made of it since.
            agreed = item.data.get(AGREED)
            data = {**(agreed if isinstance(agreed, Mapping) else {}), "retired": True, "programVersion": program.version}
            made.append(Projection(RowKey(ONBOARDING_STEPS, item.id), versions, DataItem(item.id, data), origin))
        return made


def _placeholder(record: str) -> RowKey:
    """The key under which a record is deferred whose rows are not known yet."""
    return RowKey(ONBOARDING_PROGRESS if record.startswith("enrollments/") else ONBOARDING_STEPS, item_id(record))


def _speaks_of(change: Change, record: str, listed: Mapping[str, Entity]) -> bool:
    if change.record == record:
        return True
    entity = listed.get(record)
    if isinstance(entity, Enrollment):
        return change.resync_partner_id == entity.partner_id
    return isinstance(entity, OnboardingProgram) and change.is_hub_resync
