"""Counts changes of portal sections, and sends the new counts to each portal page that is open.

The counts are sent several times, because a page may miss a message.
``docs/adr/0026-open-pages-are-rung.md`` gives the reasons.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gridwix.errors import BudgetExhausted, GridwixError, OutOfTime, Refused, UpstreamError
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.reports import Addable
from gridwix.portal_ringer.messages import LAST_REPEAT, ChangesMessage, RingMessage
from gridwix.portal_ringer.ports import ChangeNumbers, RepeatQueue, RingSite
from gridwix.portal_ringer.rings import (
    Rings,
    merge_changes,
    merge_rings,
    split_rings,
    without,
)

NO_TIME = "no time is left to ring the portal: the message returns to the queue"

DELAYS = (2, 2, 2, 3)
"""Seconds before a failed ring is retried, and before each repeat: a ring is sent about 0, 2, 4 and
7 s after the change, because a page that reconnects takes a few seconds.
"""


@dataclass(frozen=True, slots=True)
class RingReport(Addable):
    """Result of a batch: counted changes, and rings (messages to open pages with the new counts).

    A ring is first sent after the change, and then repeated for pages that have missed it. Rings
    are counted by partner, and ``everybody`` counts as one partner. ``changed``: partners with
    increased change numbers. ``rung``: rings that the site accepted. ``unpublished``: accepted
    rings that the site could not pass on to pages. ``failed``: rings that failed when they were
    first sent and are tried again. ``dropped``: rings that are given up, such as a repeat that
    failed or could not be queued. ``failures``: the error of each SQS message that has to be
    delivered again, by message id. ``errors``: the errors of sending and queueing rings, also those
    in ``failures``. ``told``: the change numbers that were sent, without repeats; ``untold``: the
    error of each such ring that could not be sent, by partner.
    """

    changed: int = 0
    rung: int = 0
    unpublished: int = 0
    failed: int = 0
    dropped: int = 0
    failures: Mapping[str, GridwixError] = field(default_factory=dict)
    errors: tuple[GridwixError, ...] = ()
    told: Rings = field(default_factory=dict)
    untold: Mapping[str, GridwixError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _RingResult:
    """Result of sending rings to the site: messages that make open pages reload changed sections.

    ``unrung`` are the partners with a ring that was not sent, and ``error`` is the reason; None if
    all were sent. ``unpublished`` counts the rings that the site could not pass on to pages.
    """

    unrung: frozenset[str] = frozenset()
    unpublished: int = 0
    error: GridwixError | None = None


class PortalRinger:
    """Counts changes of the portal's rows, and sends the counts to open pages (a ring).

    A ring tells a page which sections to reload. Each counted change leads to at least one ring,
    with any number of workers; the order of rings does not matter.

    A change is counted before its ring. A page that reads a count and then the rows has all changes
    up to that count, because rows are written before their change is counted. If a ring fails, only
    the ring is queued and tried again. If the ring cannot be queued either, its change is counted a
    second time, so that a page reads the section once too often.

    Args:
        numbers: The change counters.
        site: Receives the rings. None for a portal without rings: changes are counted all the same,
            because its pages poll the counts.
        repeats: The function's own queue. Through it, a ring that was sent is sent again some
            seconds later, for pages that have missed it (repeat), and a ring that failed is tried
            again (retry).
    """

    def __init__(self, numbers: ChangeNumbers, site: RingSite | None, repeats: RepeatQueue) -> None:
        self._numbers = numbers
        self._site = site
        self._repeats = repeats

    def send_rings(
        self,
        changes: Mapping[str, ChangesMessage],
        rings: Mapping[str, RingMessage],
        deadline: Deadline = NO_DEADLINE,
    ) -> RingReport:
        """Count the changes and send the rings of a batch of messages. Never raises a GridwixError.

        A ring tells open portal pages which sections have changed. ``changes`` and ``rings`` are
        the messages by their ids. Once ``deadline`` is near, no further request is sent to the
        site.
        """
        counted: Rings = {}
        failures: dict[str, GridwixError] = {}
        merged = merge_changes(message.changes for message in changes.values())
        try:
            counted = self._numbers.increase(merged) if merged else {}
        except (UpstreamError, BudgetExhausted) as error:
            failures.update(dict.fromkeys(changes, error))
        else:
            failures.update(_refused_messages(changes, merged.keys() - counted.keys()))
        if self._site is None:
            dropped = sum(len(message.rings) for message in rings.values())
            # Its pages look at the numbers, so nobody is told and nothing is owed.
            return RingReport(changed=len(counted), dropped=dropped, failures=failures)
        due = merge_rings([counted, *(message.rings for message in rings.values())])
        first = merge_rings(
            [counted, *(message.rings for message in rings.values() if message.repeat == 0)]
        )
        result = _ring_site(self._site, due, deadline)
        # By the repeat that comes next.
        following: defaultdict[int, list[Rings]] = defaultdict(list)
        following[1].append(without(counted, result.unrung))
        following[0].append(without(counted, counted.keys() - result.unrung))
        dropped = 0
        for identifier, message in rings.items():
            missed = message.rings.keys() & result.unrung
            if missed and message.repeat == 0:
                failures[identifier] = result.error or OutOfTime(NO_TIME)
                continue
            dropped += len(missed)
            if message.repeat < LAST_REPEAT:
                following[message.repeat + 1].append(without(message.rings, missed))
        lost, not_queued = self._send_repeats(following)
        if not_queued[0]:
            # Neither rung nor queued: the changes are counted again.
            failures.update(dict.fromkeys(changes, not_queued[0][0]))
        errors = [*not_queued[0], *not_queued[1], *([result.error] if result.error else [])]
        return RingReport(
            changed=len(counted),
            rung=len(due.keys() - result.unrung),
            unpublished=result.unpublished,
            failed=len(counted.keys() & result.unrung)
            + sum(
                len(message.rings.keys() & result.unrung)
                for message in rings.values()
                if message.repeat == 0
            ),
            dropped=dropped + lost,
            failures=failures,
            errors=tuple(dict.fromkeys(errors)),
            told=without(first, result.unrung),
            untold=dict.fromkeys(first.keys() & result.unrung, result.error or OutOfTime(NO_TIME)),
        )

    def _send_repeats(
        self, following: Mapping[int, list[Rings]]
    ) -> tuple[int, tuple[list[GridwixError], list[GridwixError]]]:
        """Queue the next repeat of each ring that was sent, and the retry of each ring that failed.

        A ring tells open pages which sections have changed, and is repeated for pages that have
        missed it. ``following`` has the rings to queue, by the number of the repeat from 1; at 0
        are rings that failed when they were first sent.

        Returns:
            The number of partners with repeats that could not be queued, and two lists of errors:
            first those of retries, then those of repeats.
        """
        lost = 0
        errors: tuple[list[GridwixError], list[GridwixError]] = ([], [])
        for repeat, waiting in following.items():
            for part in split_rings(merge_rings(waiting)):
                try:
                    self._repeats.send(RingMessage(rings=part, repeat=repeat), delay=DELAYS[repeat])
                except UpstreamError as error:
                    errors[0 if repeat == 0 else 1].append(error)
                    lost += len(part) if repeat else 0
        return lost, errors


def _refused_messages(
    changes: Mapping[str, ChangesMessage], refused: Collection[str]
) -> Mapping[str, GridwixError]:
    """Return an error for each message with a partner for which Wix refuses to count a change.

    The keys are message ids. SQS delivers these messages again. The changes of the other partners
    in the messages are then counted a second time, which does no harm: open portal pages of these
    partners reload the changed sections again.
    """
    error = Refused("Wix refuses to count a change", system="wix", status=200)
    return {
        identifier: error
        for identifier, message in changes.items()
        if not message.changes.keys().isdisjoint(refused)
    }


def _ring_site(site: RingSite, rings: Rings, deadline: Deadline) -> _RingResult:
    """Send rings to the site, in as few requests as possible.

    A ring has the change counts by which open pages know which sections to reload. Stops at the
    first request that fails: the site would fail all others as well, and each may take seconds.
    """
    pending = set(rings)
    unpublished = 0
    for part in split_rings(rings):
        if deadline.is_near():
            return _RingResult(frozenset(pending), unpublished, OutOfTime(NO_TIME))
        try:
            unpublished += site.ring(part)
        except GridwixError as error:
            return _RingResult(frozenset(pending), unpublished, error)
        pending.difference_update(part)
    return _RingResult(unpublished=unpublished)
