"""Adapters by which the reconciler compares onboarding rows of the portal with Trading Grid.

Rows of ``OnboardingSteps`` are compared with programs, rows of ``OnboardingProgress`` with the
partners' enrollments in programs.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Protocol

from gridwix.configuration.everything import Configuration
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import ONBOARDING_PROGRESS, ONBOARDING_STEPS
from gridwix.models.portal.onboarding import OnboardingProgressRow
from gridwix.models.portal.rows import field_names
from gridwix.models.reconciliation import RowDifference, RowVerdict
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.wix import DataItem
from gridwix.onboarding_sync.ports import OnboardingReader
from gridwix.onboarding_sync.projection import progress_row, step_key, step_rows
from gridwix.ports import RecordLists
from gridwix.publication.drift import (
    judge_row,
    judge_shared_row,
    row_difference,
    shared_row_difference,
)
from gridwix.publication.merge import Owner
from gridwix.publication.models import Versions
from gridwix.publication.reconciled import (
    ROWS_PER_QUERY,
    ExpectedRow,
    ReconciledCollection,
    expected_or_fault,
)
from gridwix.publication.reconciled_records import OwnedRecords
from gridwix.publication.resync import ResyncRequester

PROGRESS_FIELDS = field_names(OnboardingProgressRow)


class EnrollmentLists(OnboardingReader, RecordLists, Protocol):
    """Reads enrollments of Trading Grid, and lists their ids in pages."""


class ReconciledOnboardingProgress(OwnedRecords):
    """Compares rows of ``OnboardingProgress`` with enrollments (a ``ReconciledCollection``)."""

    name = ONBOARDING_PROGRESS
    most_rows = ROWS_PER_QUERY

    def __init__(
        self, source: EnrollmentLists, configuration: Configuration, resyncs: ResyncRequester
    ) -> None:
        super().__init__("enrollments", source, resyncs)
        self._enrollments = source
        self._configuration = configuration

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow | RecordFault]:
        texts = Texts(self._configuration)
        enrollments = self._enrollments.enrollments(self.partner_ids(keys)).records if keys else ()
        wanted = {
            key: enrollment
            for enrollment in enrollments
            if (key := self.record_key(enrollment.partner_id, enrollment.id)) in keys
        }

        def expected_of(enrollment: Enrollment) -> ExpectedRow:
            row = progress_row(enrollment, texts)
            return ExpectedRow(
                None if row is None else data_item(enrollment.id, row),
                Versions(live={enrollment.record: enrollment.version}),
            )

        return {
            key: expected_or_fault(enrollment.record, partial(expected_of, enrollment))
            for key, enrollment in wanted.items()
        }

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        return judge_row(expected, shown, PROGRESS_FIELDS)

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        return row_difference(expected, shown, PROGRESS_FIELDS)


class ReconciledOnboardingSteps(ReconciledCollection):
    """Compares rows of ``OnboardingSteps`` with the steps of all onboarding programs.

    A ``ReconciledCollection``: each row has a key, which ``step_key`` makes of program, step and
    locale. Portal editors write these rows, too, so no row is ever removed: if the step of a row is
    gone, the row is marked as retired. If a program cannot be read or mapped to rows, its steps are
    unknown. Then no row of this collection is marked as retired for want of its step: the verdict
    on such a row is UNSETTLED (undecided).

    Args:
        source: Reads programs.
        configuration: Texts and labels.
        owners: For each field that both sides may write, the side that owns it (Trading Grid or
            portal).
        resyncs: Requests that programs are read and published again.
    """

    name = ONBOARDING_STEPS
    most_rows = ROWS_PER_QUERY

    def __init__(
        self,
        source: OnboardingReader,
        configuration: Configuration,
        owners: Mapping[str, Owner],
        resyncs: ResyncRequester,
    ) -> None:
        self._source = source
        self._configuration = configuration
        self._owners = owners
        self._resyncs = resyncs
        self._complete = True

    def list_keys(self, page: str | None) -> tuple[Sequence[str], str | None]:  # noqa: ARG002 - there is one page
        return list(self._read_steps()), None

    def item_id(self, key: str) -> WixItemId:
        return item_id(key)

    def key_of(self, item: DataItem) -> str | None:
        names = [item.data.get(field) for field in ("programKey", "stepKey", "locale")]
        return ".".join(map(str, names)) if all(names) else None

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow | RecordFault]:
        return (
            {key: answer for key, answer in self._read_steps().items() if key in keys}
            if keys
            else {}
        )

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        verdict = judge_shared_row(expected, shown, self._owners, retired="retired")
        return (
            RowVerdict.UNSETTLED
            if expected is None and verdict is not RowVerdict.EQUAL and not self._complete
            else verdict
        )

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        return shared_row_difference(expected, shown, self._owners, retired="retired")

    def is_live(self, key: str) -> bool:  # noqa: ARG002 - no row is ever extra
        return True

    def request_resync(self, keys: Collection[str], run: str) -> None:
        """Request that the programs of these step keys are read and published again.

        A key may be of a step that its program no longer has.
        """
        programs = [
            program
            for program in self._source.programs().records
            if any(key.startswith(f"{program.key}.") for key in keys)
        ]
        if programs:
            self._resyncs.request_resync({program.record: None for program in programs}, run)

    def _read_steps(self) -> dict[str, ExpectedRow]:
        """Return the rows that should exist for the steps of all onboarding programs, by step key.

        A program that cannot be read or mapped to rows is left out; ``_complete`` is then false.
        """
        texts = Texts(self._configuration)
        listing = self._source.programs()
        self._complete = not listing.faults
        found: dict[str, ExpectedRow] = {}
        for program in listing.records:
            try:
                with confine_to_record(program.record):
                    rows = [
                        (step_key(row), data_item(step_key(row), row))
                        for row in step_rows(program, texts)
                    ]
            except RecordFault:
                self._complete = False
                continue
            found |= {
                key: ExpectedRow(item, Versions(live={program.record: program.version}))
                for key, item in rows
            }
        return found
