"""Use case 6: what happens in Trading Grid is told to partners, each of them once; and steps are unlocked where Trading Grid leaves that to us."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gridwix.errors import GridwixError
from gridwix.models.deadline import Deadline
from gridwix.models.events import Change
from gridwix.partner_messenger.dispatching import Dispatcher, DispatchReport
from gridwix.partner_messenger.planning import Planner
from gridwix.partner_messenger.ports import MessageSource, People
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.retention import MessageRetention, RetentionReport
from gridwix.partner_messenger.sending import Sender
from gridwix.partner_messenger.unlocking import StepUnlocker


@dataclass(slots=True)
class MessengerReport:
    """What a run did. ``failures`` says by event id why a change is not done: it comes again. What is in the outbox comes by itself."""

    unlocked: int = 0
    planned: int = 0
    old: Counter[str] = field(default_factory=Counter)
    dispatches: DispatchReport = field(default_factory=DispatchReport)
    retention: RetentionReport = field(default_factory=RetentionReport)
    failures: dict[str, GridwixError] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)


class PartnerMessenger:
    """Unlocks steps, plans what the changes of a batch give occasion to, and works off what is due, that of earlier batches too. What is old leaves the portal.

    ``unlocker`` is None where Trading Grid unlocks steps itself.
    """

    def __init__(
        self,
        source: MessageSource,
        people: People,
        planner: Planner,
        sender: Sender,
        dispatcher: Dispatcher,
        retention: MessageRetention,
        unlocker: StepUnlocker | None,
    ) -> None:
        self._source = source
        self._people = people
        self._planner = planner
        self._sender = sender
        self._dispatcher = dispatcher
        self._retention = retention
        self._unlocker = unlocker

    def run(self, changes: Sequence[Change], deadline: Deadline, *, scheduled: bool = False) -> MessengerReport:
        """A change is done when its occasions are in the outbox. Only a run of the schedule looks for messages that are too old."""
        report = MessengerReport()
        if self._unlocker is not None:
            unlocking = self._unlocker.unlock(changes, deadline)
            report.unlocked = unlocking.unlocked
            report.failures |= unlocking.failures
        records = RecordCache(self._source, self._people)
        plan = self._planner.plan(changes, records, deadline)
        report.planned, report.old = plan.planned, plan.old
        report.failures |= plan.failures
        report.dispatches = self._dispatcher.work_off(plan.due, records, deadline)
        report.dispatches.faults |= self._sender.faults
        self._sender.faults.clear()
        if scheduled and report.dispatches.stopped is None and not deadline.is_near():
            report.retention = self._retention.apply(deadline)
        report.unknown = self._sender.labels.unknown.copy()
        self._sender.labels.unknown.clear()
        return report
