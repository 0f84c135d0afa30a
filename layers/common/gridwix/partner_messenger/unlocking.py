"""Unlocks onboarding steps with all prerequisites done, if Trading Grid does not do it itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.errors import GridwixError, OutOfTime, SourceBehind, UpstreamConflict, UpstreamError
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.reports import Addable
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.transitions import Transition
from gridwix.partner_messenger.cascade import UNLOCKED, unlock_key, unlockable_steps
from gridwix.partner_messenger.ports import EnrollmentGateway

ATTEMPTS = 3
"""Number of attempts to write an enrollment that changes between reading and writing (optimistic
locking)."""


@dataclass(frozen=True, slots=True)
class UnlockReport(Addable):
    """Result of unlocking onboarding steps; reports are added up.

    ``unlocked`` counts steps. ``failures`` holds the error of each change that needs a retry, by
    event id.
    """

    unlocked: int = 0
    failures: Mapping[str, GridwixError] = field(default_factory=dict)

    @classmethod
    def of_failure(cls, error: GridwixError, changes: Iterable[Change]) -> "UnlockReport":
        """Return a report in which each of these changes has failed with the same error."""
        return cls(failures=dict.fromkeys((change.event_id for change in changes), error))


@dataclass(frozen=True, slots=True)
class _Affected:
    """Enrollments (``enrollments/id``) that a batch of changes affects, each with its changes.

    ``report`` holds the changes that failed because their enrollments cannot be read.
    """

    changes: Mapping[str, Sequence[Change]]
    report: UnlockReport


class StepUnlocker:
    """Unlocks onboarding steps of the enrollments that a batch of changes affects. Idempotent.

    Only the current enrollment counts, not the event: duplicate, late and reordered events change
    nothing. A transition carries the version that was read (``If-Match``). If two workers see that
    all prerequisites are done, one of them unlocks the step. The other worker gets a conflict,
    reads again and finds nothing to unlock.
    """

    def __init__(self, enrollments: EnrollmentGateway) -> None:
        self._enrollments = enrollments

    def unlock_steps(
        self, changes: Sequence[Change], deadline: Deadline = NO_DEADLINE
    ) -> UnlockReport:
        """Unlock the steps of each affected enrollment in turn, and return the result.

        An enrollment that fails affects no other.
        """
        affected = self._affected_enrollments(changes)
        report = affected.report
        for record, about in affected.changes.items():
            minimum_version = max(
                (change.version or 0 for change in about if change.record == record), default=0
            )
            try:
                if deadline.is_near():
                    raise OutOfTime
                with confine_to_record(record):
                    report += UnlockReport(self._unlock_enrollment(record, minimum_version))
            except GridwixError as error:
                report += UnlockReport.of_failure(error, about)
        return report

    def _affected_enrollments(self, changes: Sequence[Change]) -> _Affected:
        """Return the enrollments that changes affect, each with its changes.

        A change of an enrollment affects this enrollment. A change of a partner affects those of
        the partner's enrollments that have a step which can be unlocked.
        """
        affected: defaultdict[str, list[Change]] = defaultdict(list)
        renewed: defaultdict[PartnerId, list[Change]] = defaultdict(list)
        for change in changes:
            if change.renewed_partner_id is not None:
                renewed[change.renewed_partner_id].append(change)
            elif change.record.startswith("enrollments/"):
                affected[change.record].append(change)
        try:
            listing = (
                self._enrollments.enrollments(list(renewed)) if renewed else Listing[Enrollment]()
            )
        except UpstreamError as error:
            return _Affected(
                affected,
                UnlockReport.of_failure(
                    error, (change for about in renewed.values() for change in about)
                ),
            )
        report = UnlockReport()
        for fault in listing.faults:
            report += UnlockReport.of_failure(fault, renewed[PartnerId(fault.owner)])
        for enrollment in listing.records:
            try:
                with confine_to_record(enrollment.record, enrollment.partner_id):
                    if unlockable_steps(enrollment):
                        affected[enrollment.record] += renewed[enrollment.partner_id]
            except GridwixError as error:
                report += UnlockReport.of_failure(error, renewed[enrollment.partner_id])
        return _Affected(affected, report)

    def _unlock_enrollment(self, record: str, minimum_version: int) -> int:
        """Unlock all steps of an enrollment that can be unlocked, and return their number.

        Raises SourceBehind if Trading Grid returns an older version than ``minimum_version``,
        UpstreamConflict after ``ATTEMPTS`` version conflicts, and UpstreamError.
        """
        unlocked = conflicts = 0
        while True:
            enrollment = self._enrollments.record(record)
            if not isinstance(enrollment, Enrollment):
                return unlocked
            if enrollment.version < minimum_version:
                raise SourceBehind
            steps = unlockable_steps(enrollment)
            if not steps:
                return unlocked
            transition, key = Transition(to=UNLOCKED), unlock_key(enrollment, steps[0])
            try:
                self._enrollments.move(
                    f"{record}/steps/{steps[0]}", transition, version=enrollment.version, key=key
                )
            except UpstreamConflict:
                conflicts += 1
                if conflicts == ATTEMPTS:
                    raise
                continue
            unlocked += 1
            # Each transition raises the version, so read the enrollment again before the next one.
            minimum_version = enrollment.version + 1
