"""What the onboarding sync publishes, as the reconciler sees it: the steps of the programs, and each partner's progress."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from gridwix.mapping.drift import judge, judge_shared
from gridwix.mapping.merge import Owner
from gridwix.mapping.onboarding import progress_row, step_key, step_rows
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.configuration import Configuration
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal import ONBOARDING_PROGRESS, ONBOARDING_STEPS, OnboardingProgressRow, fields
from gridwix.models.publication import Versions
from gridwix.models.reconciliation import RowVerdict
from gridwix.models.wix import DataItem
from gridwix.services.ports import OnboardingReader, RecordLists
from gridwix.services.reconciled import ROWS_PER_QUERY, Expected
from gridwix.services.reconciled_records import OwnedRecords
from gridwix.services.resync import ResyncDesk

PROGRESS_FIELDS = fields(OnboardingProgressRow)


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

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected]:
        texts = Texts(self._configuration)
        answers: dict[str, Expected] = {}
        for enrollment in self._enrollments.enrollments(self.partners(keys)) if keys else ():
            row = progress_row(enrollment, texts)
            versions = Versions(live={enrollment.record: enrollment.version})
            answers[self.key(enrollment.partner_id, enrollment.id)] = Expected(None if row is None else data_item(enrollment.id, row), versions)
        return {key: answer for key, answer in answers.items() if key in keys}

    def verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge(expected, shown, PROGRESS_FIELDS)


class ReconciledOnboardingSteps:
    """Implements ``ReconciledCollection``. The keys are those of ``step_key``. Rows are shared with the people who edit the portal, so none is ever removed."""

    most_rows = ROWS_PER_QUERY

    def __init__(self, source: OnboardingReader, configuration: Configuration, owners: Mapping[str, Owner], desk: ResyncDesk) -> None:
        self._source = source
        self._configuration = configuration
        self._owners = owners
        self._desk = desk

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

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected]:
        return {key: answer for key, answer in self._steps().items() if key in keys} if keys else {}

    def verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge_shared(expected, shown, self._owners, retired="retired")

    def lives(self, key: str) -> bool:  # noqa: ARG002 - no row is ever extra
        return True

    def request(self, keys: Collection[str], run: str) -> None:
        """As the port says. A step belongs to its program, also one that the program has no longer."""
        programs = [program for program in self._source.programs() if any(key.startswith(f"{program.key}.") for key in keys)]
        if programs:
            self._desk.request({program.record: None for program in programs}, run)

    def _steps(self) -> dict[str, Expected]:
        texts = Texts(self._configuration)
        return {
            step_key(row): Expected(data_item(step_key(row), row), Versions(live={program.record: program.version}))
            for program in self._source.programs()
            for row in step_rows(program, texts)
        }
