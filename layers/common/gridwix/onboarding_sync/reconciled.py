"""What the onboarding sync publishes, as the reconciler sees it: the steps of the programs, and each partner's progress."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Protocol

from gridwix.configuration.everything import Configuration
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import ONBOARDING_PROGRESS, ONBOARDING_STEPS
from gridwix.models.portal.onboarding import OnboardingProgressRow
from gridwix.models.portal.rows import field_names
from gridwix.models.reconciliation import RowVerdict
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.wix import DataItem
from gridwix.onboarding_sync.ports import OnboardingReader
from gridwix.onboarding_sync.projection import progress_row, step_key, step_rows
from gridwix.ports import RecordLists
from gridwix.publication.drift import judge, judge_shared
from gridwix.publication.merge import Owner
from gridwix.publication.models import Versions
from gridwix.publication.reconciled import ROWS_PER_QUERY, Expected, expect
from gridwix.publication.reconciled_records import OwnedRecords
from gridwix.publication.resync import ResyncDesk

PROGRESS_FIELDS = field_names(OnboardingProgressRow)


class EnrollmentLists(OnboardingReader, RecordLists, Protocol):
    """Enrollments, and which there are."""


class ReconciledOnboardingProgress(OwnedRecords):
    """Implements ``ReconciledCollection``."""

    most_rows = ROWS_PER_QUERY

    def __init__(self, source: EnrollmentLists, configuration: Configuration, desk: ResyncDesk) -> None:
        super().__init__("enrollments", source, desk)
        self._enrollments = source
        self._configuration = configuration

    @property
    def name(self) -> CollectionId:
        return ONBOARDING_PROGRESS

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected | RecordFault]:
        texts = Texts(self._configuration)
        enrollments = self._enrollments.enrollments(self.partners(keys)).records if keys else ()
        wanted = {key: enrollment for enrollment in enrollments if (key := self.key(enrollment.partner_id, enrollment.id)) in keys}

        def expected_of(enrollment: Enrollment) -> Expected:
            row = progress_row(enrollment, texts)
            return Expected(None if row is None else data_item(enrollment.id, row), Versions(live={enrollment.record: enrollment.version}))

        return {key: expect(enrollment.record, partial(expected_of, enrollment)) for key, enrollment in wanted.items()}

    def verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge(expected, shown, PROGRESS_FIELDS)


class ReconciledOnboardingSteps:
    """Implements ``ReconciledCollection``. The keys are those of ``step_key``. Rows are shared with the people who edit the portal, so none is ever removed.

    While a program cannot be read or mapped, a row that no other program expects may be one of its own: it is unsettled, and not taken for retired.
    """

    most_rows = ROWS_PER_QUERY

    def __init__(self, source: OnboardingReader, configuration: Configuration, owners: Mapping[str, Owner], desk: ResyncDesk) -> None:
        self._source = source
        self._configuration = configuration
        self._owners = owners
        self._desk = desk
        self._complete = True

    @property
    def name(self) -> CollectionId:
        return ONBOARDING_STEPS

    def keys(self, page: str | None) -> tuple[Sequence[str], str | None]:  # noqa: ARG002 - there is one
        return list(self._steps()), None

    def item_id(self, key: str) -> WixItemId:
        return item_id(key)

    def key_of(self, item: DataItem) -> str | None:
        names = [item.data.get(field) for field in ("programKey", "stepKey", "locale")]
        return ".".join(map(str, names)) if all(names) else None

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected | RecordFault]:
        return {key: answer for key, answer in self._steps().items() if key in keys} if keys else {}

    def verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        verdict = judge_shared(expected, shown, self._owners, retired="retired")
        return RowVerdict.UNSETTLED if expected is None and verdict is not RowVerdict.EQUAL and not self._complete else verdict

    def lives(self, key: str) -> bool:  # noqa: ARG002 - no row is ever extra
        return True

    def request(self, keys: Collection[str], run: str) -> None:
        """As the port says. A step belongs to its program, also one that the program has no longer."""
        programs = [program for program in self._source.programs().records if any(key.startswith(f"{program.key}.") for key in keys)]
        if programs:
            self._desk.request({program.record: None for program in programs}, run)

    def _steps(self) -> dict[str, Expected]:
        """The steps of all programs that can be read and mapped."""
        texts = Texts(self._configuration)
        listing = self._source.programs()
        self._complete = not listing.faults
        found: dict[str, Expected] = {}
        for program in listing.records:
            try:
                with confine_to_record(program.record):
                    rows = [(step_key(row), data_item(step_key(row), row)) for row in step_rows(program, texts)]
            except RecordFault:
                self._complete = False
                continue
            found |= {key: Expected(item, Versions(live={program.record: program.version})) for key, item in rows}
        return found
