"""Use case 6: where Trading Grid does not do so itself, a step is unlocked when all that it waits on is done."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.errors import Conflict, GridwixError, OutOfTime, SourceBehind, UpstreamError
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.transitions import Transition
from gridwix.partner_messenger.cascade import UNLOCKED, unlock_key, unlockable
from gridwix.partner_messenger.ports import StepDesk

ATTEMPTS = 3
"""How often an enrollment is read again when it has changed between reading and writing."""


@dataclass(slots=True)
class UnlockReport:
    """How many steps were unlocked; ``failures`` says by event id why a change is not done."""

    unlocked: int = 0
    failures: dict[str, GridwixError] = field(default_factory=dict)


class StepUnlocker:
    """Brings the steps of each enrollment that a batch speaks of to what their predecessors allow.

    It looks at the enrollment as it is, not at the event, so that events that come twice, late or out of order change nothing. A call names the version that
    was read: of two that have seen both prerequisites done, one unlocks, and the other reads again and finds nothing to do.
    """

    def __init__(self, desk: StepDesk) -> None:
        self._desk = desk

    def unlock(self, changes: Sequence[Change], deadline: Deadline = NO_DEADLINE) -> UnlockReport:
        """A change that cannot be followed now leaves its neighbours alone."""
        report = UnlockReport()
        for record, about in self._wishes(changes, report).items():
            least = max((change.version or 0 for change in about if change.record == record), default=0)
            try:
                if deadline.is_near():
                    raise OutOfTime
                with confine_to_record(record):
                    report.unlocked += self._bring_up_to_date(record, least)
            except GridwixError as error:
                report.failures.update(dict.fromkeys((change.event_id for change in about), error))
        return report

    def _wishes(self, changes: Sequence[Change], report: UnlockReport) -> Mapping[str, Sequence[Change]]:
        """The enrollments that changes speak of, each with its changes."""
        wishes: defaultdict[str, list[Change]] = defaultdict(list)
        renewed: defaultdict[PartnerId, list[Change]] = defaultdict(list)
        for change in changes:
            if change.resync_partner_id is not None:
                renewed[change.resync_partner_id].append(change)
            elif change.record.startswith("enrollments/"):
                wishes[change.record].append(change)
        try:
            listing = self._desk.enrollments(list(renewed)) if renewed else Listing[Enrollment]()
        except UpstreamError as error:
            report.failures.update(dict.fromkeys((change.event_id for about in renewed.values() for change in about), error))
            return wishes
        for fault in listing.faults:
            report.failures.update(dict.fromkeys((change.event_id for change in renewed[PartnerId(fault.owner)]), fault))
        for enrollment in listing.records:
            try:
                with confine_to_record(enrollment.record, enrollment.partner_id):
                    if unlockable(enrollment):
                        wishes[enrollment.record] += renewed[enrollment.partner_id]
            except GridwixError as error:
                report.failures.update(dict.fromkeys((change.event_id for change in renewed[enrollment.partner_id]), error))
        return wishes

    def _bring_up_to_date(self, record: str, least: int) -> int:
        unlocked = conflicts = 0
        while True:
            enrollment = self._desk.record(record)
            if not isinstance(enrollment, Enrollment):
                return unlocked
            if enrollment.version < least:
                raise SourceBehind
            steps = unlockable(enrollment)
            if not steps:
                return unlocked
            try:
                # Each call raises the version, so the enrollment is read again before the next one.
                self._desk.move(f"{record}/steps/{steps[0]}", Transition(to=UNLOCKED), version=enrollment.version, key=unlock_key(enrollment, steps[0]))
            except Conflict:
                conflicts += 1
                if conflicts == ATTEMPTS:
                    raise
                continue
            unlocked += 1
            least = enrollment.version + 1
