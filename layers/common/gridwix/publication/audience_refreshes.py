"""Audience refreshes: resolve all audiences again once for many changes of partners, after a delay.

The audience of a row is the list of partners that see it. To resolve the audiences of shared
documents or notices, a function has to list all partners of the hub. So a change of a partner does
not resolve them at once: the function sends a delayed message to its own queue, unless such a
message is under way. The message starts a *pass*, which lists the partners and resolves all
audiences again. ``docs/adr/0056-audiences-are-refreshed-together.md`` has the reasons.

No change is missed:

- A refresh is *pending* from the time at which its message was sent until its pass begins. The pass
  ends this state before it reads the partners. So a change that finds a refresh pending is older
  than the read.
- The message is sent first and then recorded. A crash in between causes a second pass.
- The message of a pending refresh may be lost. So a change relies on a pending refresh only if the
  refresh is due at a plausible time: in more than ``READ_LAG`` seconds, and not later than the
  longest delay plus the maximum clock skew. Otherwise another message is sent.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from gridwix.errors import Unavailable, UpstreamError
from gridwix.mapping.audiences import may_change_audiences
from gridwix.models.events import AUDIENCES, AUDIENCES_CHANGED, Change
from gridwix.models.ids import CompanyId
from gridwix.ports import Clock
from gridwix.publication.changes import ChangeReport
from gridwix.publication.hub_partners import PartnersIncomplete

MIN_DELAY = 15
"""Shortest delay of a refresh, in seconds."""

MAX_DELAY = 240
"""Longest delay of a refresh, in seconds. SQS allows 900, but the queue has an alarm on messages
older than 300, and AWS does not say that the delay does not count as age.
"""

DELAY_PER_SECOND = 10
"""Seconds of delay for each second that the last pass took, so that passes take at most a tenth of
the time (unless the longest delay is reached).
"""

READ_LAG = 5
"""Seconds before its time from which a pending refresh is no longer relied on: the list that it
reads from Trading Grid may be older than the change.
"""

CLOCK_ERROR = 300
"""Maximum clock skew of a worker, in seconds."""

ROUNDS = 6
"""Maximum number of attempts to record the beginning of a pass while other workers win the race."""


@dataclass(frozen=True, slots=True)
class RefreshState:
    """State of one function's audience refreshes. Times are in Unix seconds.

    The audience of a row is the list of partners that see it. A refresh is a delayed message that
    starts a *pass*: the function lists all partners and determines the audiences of its rows again.
    Each step gives a new state:

    ========================  =======================================
    transition                when
    ========================  =======================================
    :meth:`expect_refresh`    a message was sent
    :meth:`begin_pass`        a message has arrived, before the pass
    :meth:`end_pass`          after the pass
    ========================  =======================================

    ``pending`` is the event id of the message that is under way, due at ``due_at``; "" for none.
    ``began_at`` is the time at which the running pass began; 0.0 if none is running. ``seconds`` is
    how long the last pass took. ``revision`` counts the changes of the stored state (optimistic
    locking); 0 if no state is stored.
    """

    pending: str = ""
    due_at: float = 0.0
    began_at: float = 0.0
    seconds: float = 0.0
    revision: int = 0

    def is_refresh_ahead(self, now: float) -> bool:
        """Return True if a pending audience refresh will read all that has changed until ``now``.

        An audience refresh lists all partners, to determine again which of them see each row. The
        result is False if no refresh is pending, if the pending one is due within ``READ_LAG``
        seconds (the list that it reads may be older than the change), or if it is due later than
        any delay allows (a wrong clock).

        >>> state = RefreshState("audiences-1", due_at=1_000.0)
        >>> [state.is_refresh_ahead(now) for now in (0.0, 985.0, 996.0)]
        [False, True, False]
        """
        return bool(self.pending) and READ_LAG < self.due_at - now <= MAX_DELAY + CLOCK_ERROR

    def delay(self, now: float) -> int:
        """Return the delay of the next audience refresh, in seconds, 15 to 240.

        An audience refresh lists all partners, to determine again which of them see each row. The
        delay is ten times the duration of the last refresh. A refresh that has begun and not ended
        counts with its time so far: its worker may have been killed.

        >>> [RefreshState(seconds=seconds).delay(0.0) for seconds in (0.2, 3.01, 60)]
        [15, 31, 240]
        """
        running = now - self.began_at if self.began_at else 0.0
        wanted = math.ceil(DELAY_PER_SECOND * max(self.seconds, running))
        return min(MAX_DELAY, max(MIN_DELAY, wanted))

    def expect_refresh(self, event_id: str, due_at: float) -> "RefreshState":
        """Return the state after a refresh message was sent: the refresh is pending.

        Args:
            event_id: Event id of the message.
            due_at: Time at which the message is delivered, in Unix seconds.
        """
        return replace(self, pending=event_id, due_at=due_at)

    def begin_pass(self, event_ids: Collection[str], now: float) -> "RefreshState":
        """Return the state after an audience refresh has begun; ``now`` is its time.

        The refresh lists all partners, and determines again which partners see each row. If the
        pending message is among ``event_ids``, no message is pending any more: the next change of a
        partner has to send a new one.

        Args:
            event_ids: Event ids of the messages that have requested this refresh.
            now: Time at which the refresh begins, in Unix seconds.
        """
        begun = replace(self, began_at=now)
        return replace(begun, pending="", due_at=0.0) if self.pending in event_ids else begun

    def end_pass(self, seconds: float) -> "RefreshState":
        """Return the state after an audience refresh has ended; the refresh took ``seconds``.

        An audience refresh determines again which partners see each row.
        """
        return replace(self, began_at=0.0, seconds=max(0.0, seconds))


class RefreshStates(Protocol):
    """Stores, for one function, which audience refresh is pending or running.

    An audience refresh determines again which partners see each row of the function (the row's
    audience). Methods raise :class:`gridwix.errors.UpstreamError`.
    """

    def read_state(self) -> RefreshState:
        """Return the stored state of the function's audience refreshes.

        The read is strongly consistent. ``RefreshState()`` if no state is stored.
        """

    def save(self, state: RefreshState) -> bool:
        """Store a state with the next revision (optimistic locking).

        Returns False, and stores nothing, if the stored revision is not that of ``state``.
        """


class RefreshQueue(Protocol):
    """Queue to which a function sends itself delayed messages, each requesting an audience refresh.

    An audience refresh determines again which partners see each row of the function.
    """

    def send(self, change: Change, *, delay: int) -> None:
        """Send a change as a message that is delivered after ``delay`` seconds, at least once.

        Raises UpstreamError; the message may have been sent all the same.
        """


class AudienceRefreshes:
    """Requests audience refreshes, so that audiences are resolved again after changes of partners.

    The audience of a row is the partners that see it. Many changes share one audience refresh: a
    delayed message to the function's own queue.

    Args:
        function: Name of the function, for the ids of its messages.
        states: Stores the state of the function's refreshes.
        queue: The function's own queue.
        company_id: The hub's company.
        clock: Returns the time in Unix seconds.
    """

    def __init__(
        self,
        function: str,
        *,
        states: RefreshStates,
        queue: RefreshQueue,
        company_id: CompanyId,
        clock: Clock,
    ) -> None:
        self._function = function
        self._states = states
        self._queue = queue
        self._company_id = company_id
        self._clock = clock

    def gather(self, changes: Sequence[Change]) -> ChangeReport:
        """Request an audience refresh if one of the changes may change which partners see a row.

        The refresh determines the partners of all rows again. The request is a delayed message to
        the function's own queue; none is sent if a refresh is pending already. The returned report
        is empty, unless the request cannot be sent or recorded: then it has the error for each
        change that needs the refresh, so that the change is retried.
        """
        concerned = [change for change in changes if may_change_audiences(change)]
        if not concerned:
            return ChangeReport()
        try:
            self._request_refresh()
        except UpstreamError as error:
            return ChangeReport(invalid={change.event_id: error for change in concerned})
        return ChangeReport()

    def _request_refresh(self) -> None:
        state, now = self._states.read_state(), self._clock()
        if state.is_refresh_ahead(now):
            return
        delay = state.delay(now)
        due_at = now + delay
        event_id = f"audiences-{self._function}-{round(due_at * 1000)}"
        self._queue.send(
            Change(
                event_id=event_id,
                type=AUDIENCES_CHANGED,
                subject=AUDIENCES,
                occurred_at=datetime.fromtimestamp(now, UTC),
                company_id=self._company_id,
                via="resync",
            ),
            delay=delay,
        )
        # If another worker was faster, the next change may send one message more than needed.
        self._states.save(state.expect_refresh(event_id, due_at))

    @contextmanager
    def pass_of(self, changes: Sequence[Change]) -> Iterator[None]:
        """Record the beginning and the end of an audience refresh, which runs inside this context.

        An audience refresh determines again which partners see each row. If no change in
        ``changes`` is a message that requests a refresh, nothing is recorded. Call :meth:`gather`
        for the same changes before: the refresh that begins here may then still count as pending,
        and cover them.

        If the block raises, no end is recorded. The refresh then counts as running until a later
        one succeeds, and the delay between refreshes grows (backoff). Raises UpstreamError if the
        beginning cannot be recorded; the block does not run then.
        """
        refreshes = {change.event_id for change in changes if change.is_audience_refresh}
        if not refreshes:
            yield
            return
        began_at = self._clock()
        self._begin_pass(refreshes, began_at)
        yield
        # The rows are written, whatever is known of how long it took.
        with suppress(UpstreamError):
            self._states.save(self._states.read_state().end_pass(self._clock() - began_at))

    def settle_covered[Report: ChangeReport](
        self, changes: Sequence[Change], report: Report
    ) -> Report:
        """Count failed audience refreshes as done if a pending one will do all that they have to.

        Call it after the pass, with its report. Each pass resolves all audiences again and writes
        all rows that differ, so a row that one pass could not write is written by the next. Without
        a pending refresh, a failed one stays failed, and is retried. So is one that has run out of
        time while it listed the partners: its next attempt goes on in seconds, where a pending
        refresh may be minutes away.
        """
        if any(isinstance(error, PartnersIncomplete) for error in report.reasons.values()):
            return report
        failed = [
            change.event_id
            for change in changes
            if change.is_audience_refresh and report.failure(change) is not None
        ]
        if not failed:
            return report
        with suppress(UpstreamError):
            if self._states.read_state().is_refresh_ahead(self._clock()):
                return replace(
                    report,
                    rows={**report.rows, **dict.fromkeys(failed, ())},
                    invalid={
                        event_id: error
                        for event_id, error in report.invalid.items()
                        if event_id not in failed
                    },
                )
        return report

    def _begin_pass(self, event_ids: Collection[str], now: float) -> None:
        for _ in range(ROUNDS):
            if self._states.save(self._states.read_state().begin_pass(event_ids, now)):
                return
        raise Unavailable("other workers wrote the state of audience refreshes", system="aws")
