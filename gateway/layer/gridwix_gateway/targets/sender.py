"""Delivers items from partners to systems of the hub (targets), with retries and backoff.

A delivery is recorded for an event of the feed, claimed, sent, and retried if it fails. A delivery
that fails permanently or too often becomes a dead letter. If a failure concerns the whole target,
the target is paused (circuit breaker).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from gridwix_gateway.community.counterparts import Counterpart
from gridwix_gateway.documents import Document, parse_timestamp
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.commits import CLIENT, Draft
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.items import event_key
from gridwix_gateway.store.table import Table
from gridwix_gateway.targets.contexts import ContextReader, NoContext
from gridwix_gateway.targets.delivery_log import DeliveryLog, TargetDelivery
from gridwix_gateway.targets.partner_items import (
    OPENING_KINDS,
    ItemKind,
    PartnerItem,
    partner_item,
)
from gridwix_gateway.targets.ports import (
    DeadLetters,
    Delivered,
    DeliveryContext,
    Postponed,
    Rejected,
    TargetChannel,
)
from gridwix_gateway.targets.templates import Template, TemplateFault

PAGE = 50
"""Events that are read from the feed per planning commit."""

LISTED = 5_000
"""Maximum open deliveries that one run reads."""

MAX_ATTEMPTS = 15
"""Maximum counted attempts of a delivery, within some 26 hours; then it is a dead letter."""

MAX_AGE = timedelta(days=7)
"""Age from which a delivery that fails becomes a dead letter. Shorter than the lifetime of its
event.
"""

FIRST_WAIT = 60.0
LONGEST_WAIT = 4 * 3600.0
"""Maximum backoff between two attempts of a delivery, in seconds; it doubles from
``FIRST_WAIT``.
"""

LONGEST_PAUSE = 3600.0
"""Maximum pause of a target after one general failure, in seconds (circuit breaker)."""

STOP_AFTER = 3
"""Failed attempts in a row after which a run sends nothing more to a target."""

LEASE_MARGIN = 10.0
"""Seconds for which a lease outlasts its holder's invocation, because the server's time has whole
seconds only.
"""

PAUSED = "paused"
"""Reason in the report of a run that sent nothing because the target is paused."""

EVENT_TYPES = (
    "case.commented",
    "case.created",
    "case.status_changed",
    "document.version_added",
    "request.commented",
    "request.received",
    "step.status_changed",
)


@dataclass(frozen=True, slots=True)
class SendingTarget:
    """A declared target with its channel, ready to send to.

    Args:
        name: Name of the target, which is the name of its declaration's file.
        system: Name of the target's system in ``externalRefs``; "" for mail and files.
        kinds: Kinds of items that are delivered to the target.
        when: Expression that decides whether an item is delivered; None for all items.
        channel: Sends the items to the target.
    """

    name: str
    system: str
    kinds: frozenset[ItemKind]
    when: Template | None
    channel: TargetChannel


@dataclass(frozen=True, slots=True)
class TargetReport:
    """Report of one run's deliveries to one external system (target): counts and codes.

    Args:
        planned: Deliveries that were recorded for new events.
        delivered: Deliveries that the target accepted.
        skipped: Deliveries for which nothing was sent, because the item is not by a partner, or the
            target's declared expression ``when`` excludes it.
        postponed: Attempts that failed and will be retried.
        dead: Deliveries that went to the dead-letter queue.
        reasons: Codes of the reasons for failures, each once.
        fault: Name of the error that ended the run early; ``busy`` if another worker holds the
            lease; "" for none.
    """

    planned: int = 0
    delivered: int = 0
    skipped: int = 0
    postponed: int = 0
    dead: int = 0
    reasons: tuple[str, ...] = ()
    fault: str = ""


@dataclass(slots=True)
class _Run:
    """Progress of one run's deliveries to one external system (target): time, counts, failures."""

    target: SendingTarget
    seconds_left: Callable[[], float]
    share_left: Callable[[], float]
    counts: Counter[str] = field(default_factory=Counter)
    reasons: set[str] = field(default_factory=set)
    failures_in_a_row: int = 0
    has_former_pause: bool = False
    has_attempted: bool = False
    is_over: bool = False

    def has_time(self, seconds: float) -> bool:
        """Return whether enough time is left for a delivery that can take ``seconds``.

        The invocation's time is shared out among the external systems (targets). Only the first
        delivery to a target may take more than the target's share: with many targets, a share can
        be too short for any delivery.
        """
        left = self.share_left() if self.has_attempted else self.seconds_left()
        return left >= seconds

    def report(self, fault: str = "") -> TargetReport:
        """Return the report of the run's deliveries to its target: counts and codes of failures.

        ``fault`` is the name of the error that ended the run early; "" for none.
        """
        return TargetReport(**self.counts, reasons=tuple(sorted(self.reasons)), fault=fault)


class TargetSender:
    """Delivers items from partners to all external systems (targets).

    A failing target does not stop deliveries to the others.

    Args:
        table: The gateway's table.
        log: Records the deliveries.
        feed: The event feed, from which deliveries are made.
        contexts: Reads the data that a delivery sends.
        dead_letters: The dead-letter queue.
        type_prefix: Prefix of event types.
        record_counterpart: Writes the id, number and status of the object that the target has
            created (the counterpart) to the gateway's record. Takes the commit that is being
            prepared (:class:`Draft`), the record's collection and id, the target's system and the
            counterpart.
    """

    def __init__(
        self,
        table: Table,
        log: DeliveryLog,
        *,
        feed: Feed,
        contexts: ContextReader,
        dead_letters: DeadLetters,
        type_prefix: str,
        record_counterpart: Callable[[Draft, str, str, str, Counterpart], None],
    ) -> None:
        self._table = table
        self._log = log
        self._feed = feed
        self._contexts = contexts
        self._dead_letters = dead_letters
        self._type_prefix = type_prefix
        self._record_counterpart = record_counterpart

    def run(
        self,
        targets: Sequence[SendingTarget],
        seconds_left: Callable[[], float],
        reopened: Mapping[str, Sequence[int]] = MappingProxyType({}),
    ) -> Mapping[str, TargetReport]:
        """Record deliveries to each target for new events, and attempt those that are due.

        Args:
            targets: The targets.
            seconds_left: Returns the seconds until the process ends.
            reopened: Dead letters to attempt again (redrive): their event numbers, by target.

        Returns:
            The report of each target. A target's failure is in its report and never raised.
        """
        reports: dict[str, TargetReport] = {}
        for number, target in enumerate(targets):
            # A slow target must not use up the time of those behind it.
            reserve = seconds_left() * (1 - 1 / (len(targets) - number))

            def share_left(reserve: float = reserve) -> float:
                return seconds_left() - reserve

            run = _Run(target, seconds_left, share_left)
            try:
                fault = self._serve(run, seconds_left(), reopened.get(target.name, ()))
            except Exception as error:
                # Its message can hold a partner's words.
                fault = error.code if isinstance(error, Problem) else type(error).__name__
            reports[target.name] = run.report(fault)
        return reports

    def _serve(self, run: _Run, seconds: float, reopened: Sequence[int]) -> str:
        """Record and attempt deliveries of partners' items to an external system (target).

        Holds the target's lease meanwhile.

        Args:
            run: The target, and the progress of its deliveries.
            seconds: Seconds until the process ends.
            reopened: Event numbers of dead letters to attempt again (redrive).

        Returns:
            ``busy`` if another worker holds the lease, so that nothing was done; else "".
        """
        name = run.target.name
        lease = self._log.take_lease(name, seconds + LEASE_MARGIN)
        if lease is None:
            return "busy"
        try:
            for number in reopened:
                self._log.reopen(name, number)
            self._plan(run)
            self._send_due(run)
            # A message that came meanwhile found the target busy, and was not kept.
            while self._plan(run):
                self._send_due(run)
        finally:
            self._log.return_lease(lease)
        return ""

    def _plan(self, run: _Run) -> int:
        """Record deliveries to a target for new events of the feed, and return their number.

        A new target starts at the end of the feed: earlier items are not delivered to it.
        """
        name, planned = run.target.name, 0
        position = self._log.read_position(name)
        if position is None:
            self._log.plan(name, self._feed.last_number(), ())
            return 0
        types = [self._type_prefix + event_type for event_type in EVENT_TYPES]
        while run.share_left() > 0:
            try:
                page = self._feed.read_page(position, PAGE, types)
            except Problem as problem:
                if problem.code != "cursor-expired":
                    raise
                # Nobody has delivered for two weeks. What is left is delivered, and a person told.
                run.reasons.add("events-lost")
                position = self._feed.start()
                self._log.plan(name, position, ())
                continue
            if page.position == position:
                break
            found = (self._planned_item(run.target, event) for event in page.events)
            items = [item for item in found if item is not None]
            self._log.plan(name, page.position, items)
            run.counts["planned"] += len(items)
            planned += len(items)
            position = page.position
        return planned

    def _planned_item(
        self, target: SendingTarget, event: Document
    ) -> tuple[int, PartnerItem] | None:
        item = partner_item(event, self._type_prefix)
        if item is None or item.kind not in target.kinds:
            return None
        number = int(event["sequence"])
        stored = self._table.get(event_key(number))
        is_by_client = stored is not None and stored.get("origin") == CLIENT
        return (number, item) if is_by_client else None

    def _send_due(self, run: _Run) -> None:
        now = self._log.server_time()
        pause = self._log.read_pause(run.target.name)
        if pause.until > now:
            run.is_over = True
            run.reasons.add(PAUSED)
        run.has_former_pause = pause.failures > 0
        waiting: set[tuple[str, str]] = set()
        for delivery in self._log.list_open(run.target.name, LISTED):
            if delivery.is_condemned:
                self._bury(delivery, run)
            # A comment must not come before the request that it is about.
            elif delivery.record in waiting or not self._attempt(delivery, now, run):
                waiting.add(delivery.record)

    def _attempt(self, delivery: TargetDelivery, now: str, run: _Run) -> bool:
        """Attempt a delivery if it is due and time is left.

        Returns whether it is completed: delivered, skipped, or a dead letter.
        """
        target = run.target
        if delivery.is_claimed and not target.channel.is_repeatable:
            return self._condemn(delivery, "outcome-unknown", run)
        if delivery.attempts >= MAX_ATTEMPTS:
            return self._condemn(delivery, delivery.reason or "interrupted", run)
        if run.is_over or delivery.due_at > now:
            return False
        if not run.has_time(target.channel.seconds_needed(delivery.item.kind)):
            return False
        run.has_attempted = True
        claimed = self._log.claim(delivery)
        context = self._contexts.read(claimed, target.system)
        if isinstance(context, NoContext):
            if context.is_lost:
                return self._condemn(claimed, context.reason, run)
            return self._skip(claimed, run)
        return self._deliver(claimed, context, run)

    def _deliver(self, claimed: TargetDelivery, context: DeliveryContext, run: _Run) -> bool:
        target = run.target
        try:
            if target.when is not None and target.when.render(context.variables) is not True:
                return self._skip(claimed, run)
            result = target.channel.deliver(context)
        except TemplateFault:
            result = Rejected("template")
        match result:
            case Delivered():
                return self._complete(claimed, context, result.counterpart, run)
            case Rejected():
                return self._condemn(claimed, result.reason, run)
            case Postponed():
                return self._postpone(claimed, result, run)

    def _complete(
        self,
        claimed: TargetDelivery,
        context: DeliveryContext,
        counterpart: Counterpart,
        run: _Run,
    ) -> bool:
        collection, record_id = claimed.record

        def record_result(draft: Draft) -> None:
            if context.kind in OPENING_KINDS and run.target.system:
                self._record_counterpart(
                    draft, collection, record_id, run.target.system, counterpart
                )

        self._log.complete(claimed, "delivered", counterpart.reference, record_result)
        run.counts["delivered"] += 1
        run.failures_in_a_row = 0
        # At once, and not at the end of the run, which can have set a new pause by then.
        if run.has_former_pause:
            self._log.end_pause(run.target.name)
            run.has_former_pause = False
        return True

    def _postpone(self, claimed: TargetDelivery, result: Postponed, run: _Run) -> bool:
        """Schedule a retry of a failed delivery with exponential backoff.

        A delivery that is too old becomes a dead letter. After a general failure the whole target
        is paused instead (circuit breaker): its pause doubles with each failure, and the attempt
        does not count. ``Retry-After`` is honored in both cases.

        Returns whether the delivery is completed, which is so only for a dead letter.
        """
        age = parse_timestamp(self._log.server_time()) - parse_timestamp(claimed.planned_at)
        if age > MAX_AGE:
            return self._condemn(claimed, result.reason, run)
        run.counts["postponed"] += 1
        run.reasons.add(result.reason)
        run.failures_in_a_row += 1
        run.is_over = result.is_general or run.failures_in_a_row >= STOP_AFTER
        asked = min(result.wait or 0.0, LONGEST_PAUSE)
        if not result.is_general:
            wait = max(asked, min(LONGEST_WAIT, FIRST_WAIT * 2 ** (claimed.attempts - 1)))
            self._log.postpone(claimed, result.reason, wait, counts=True)
            return False
        failures = self._log.read_pause(claimed.target).failures
        wait = asked or min(LONGEST_PAUSE, FIRST_WAIT * 2 ** min(failures, 10))
        self._log.postpone(claimed, result.reason, 0.0, counts=False)
        self._log.set_pause(claimed.target, wait, failures + 1)
        return False

    def _skip(self, claimed: TargetDelivery, run: _Run) -> bool:
        self._log.complete(claimed, "skipped")
        run.counts["skipped"] += 1
        return True

    def _condemn(self, delivery: TargetDelivery, reason: str, run: _Run) -> bool:
        """Make a delivery a dead letter: record this, then send it to the dead-letter queue.

        Returns True, because the delivery is completed.
        """
        self._bury(self._log.condemn(delivery, reason), run)
        return True

    def _bury(self, condemned: TargetDelivery, run: _Run) -> None:
        """Send a dead letter to the dead-letter queue, and record its delivery as ended."""
        self._dead_letters.send(
            {
                "target": condemned.target,
                "number": condemned.number,
                "kind": condemned.item.kind,
                "record": "/".join(condemned.record),
                "reason": condemned.reason,
                "attempts": condemned.attempts,
            }
        )
        self._log.complete(condemned, "dead")
        run.counts["dead"] += 1
        run.reasons.add(condemned.reason)
