"""Audience refreshes: after changes of partners, one delayed pass resolves all audiences again for
many changes together.

To resolve the audiences of shared documents or notices takes a listing of all partners of the hub.
A change of a partner asks for an audience refresh instead: a delayed message to the function's own
queue, unless one is under way. ``docs/adr/0056-audiences-are-refreshed-together.md`` has the
reasons.

No change is missed:

- A refresh is *pending* from the time at which its message was sent until its pass begins. A pass
  ends that state before it reads. So a change that finds a refresh pending is older than the read.
- The message is sent first and then recorded. A crash in between causes a second pass.
- Clocks decide only for how long a pending refresh is relied on, in case its message is lost:
  until shortly before it is due, and never for longer than the longest delay plus the maximum clock
  skew.
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

    ========================  =======================================
    transition                when
    ========================  =======================================
    :meth:`expect_refresh`    a message was sent
    :meth:`begin_pass`        a message has arrived, before the pass
    :meth:`end_pass`          after the pass
    ========================  =======================================

    ``pending`` is the event id of the message that is under way, due at ``due_at``; "" for none.
    ``began_at`` is the beginning of a pass that has not ended; 0.0 for none. ``seconds`` is how
    long the last pass took. ``revision`` counts the changes of the stored state (optimistic
    locking); 0: none is stored.
    """

    pending: str = ""
    due_at: float = 0.0
    began_at: float = 0.0
    seconds: float = 0.0
    revision: int = 0

    def is_refresh_ahead(self, now: float) -> bool:
        """Return True if a pending refresh will read everything that has changed until ``now``.

        >>> state = RefreshState("audiences-1", due_at=1_000.0)
        >>> [state.is_refresh_ahead(now) for now in (0.0, 985.0, 996.0)]
        [False, True, False]
        """
        return bool(self.pending) and READ_LAG < self.due_at - now <= MAX_DELAY + CLOCK_ERROR

    def delay(self, now: float) -> int:
        """Seconds until the next pass.

        A pass that has not ended, since its worker was killed perhaps, counts with its time so far.

        >>> [RefreshState(seconds=seconds).delay(0.0) for seconds in (0.2, 3.01, 60)]
        [15, 31, 240]
        """
        running = now - self.began_at if self.began_at else 0.0
        wanted = math.ceil(DELAY_PER_SECOND * max(self.seconds, running))
        return min(MAX_DELAY, max(MIN_DELAY, wanted))

    def expect_refresh(self, event_id: str, due_at: float) -> "RefreshState":
        """The state after the message of a refresh was sent: that refresh is pending."""
        return replace(self, pending=event_id, due_at=due_at)

    def begin_pass(self, event_ids: Collection[str], now: float) -> "RefreshState":
        """The state while a pass runs: its messages are no longer pending, so a change from now on
        needs another one.
        """
        begun = replace(self, began_at=now)
        return replace(begun, pending="", due_at=0.0) if self.pending in event_ids else begun

    def end_pass(self, seconds: float) -> "RefreshState":
        """The state after a pass has ended, with the duration of the pass."""
        return replace(self, began_at=0.0, seconds=max(0.0, seconds))


class RefreshStates(Protocol):
    """Stores which audience refresh of a function is pending or running.

    Methods raise :class:`gridwix.errors.UpstreamError`.
    """

    def read(self) -> RefreshState:
        """The stored state, strongly consistent; ``RefreshState()`` if none is stored."""

    def save(self, state: RefreshState) -> bool:
        """Store a state with the next revision (optimistic locking).

        Returns False, and stores nothing, if the stored revision is not that of ``state``.
        """


class RefreshQueue(Protocol):
    """The function's own queue, to which it sends the message of a refresh."""

    def send(self, change: Change, *, delay: int) -> None:
        """Send a change that is delivered after ``delay`` seconds, at least once.

        Raises UpstreamError; it may have been sent all the same.
        """


class AudienceRefreshes:
    """Makes sure that audiences are resolved again after a change of a partner, once for many
    changes.

    Args:
        function: Name of the function, for the ids of its messages.
        states: The function's refresh state.
        queue: The function's own queue.
        company_id: The hub's company.
        clock: Unix seconds.
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
        """Make sure that a later pass reads the changes of partners among ``changes``: send the
        message of a refresh unless one is pending.

        If that fails, these changes, and no others, are invalid in the report.
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
        state, now = self._states.read(), self._clock()
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
        """Context of the pass for the audience refreshes among ``changes``: records its beginning
        and its end.

        Call :meth:`gather` for the same changes first, so that a pending refresh among them serves
        changes of partners in the same batch. The end of a pass that fails is not recorded: until
        one succeeds, its time counts on, and passes are further apart (backoff).

        Raises UpstreamError if the beginning cannot be recorded; nothing must be read then.
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
            self._states.save(self._states.read().end_pass(self._clock() - began_at))

    def _begin_pass(self, event_ids: Collection[str], now: float) -> None:
        for _ in range(ROUNDS):
            if self._states.save(self._states.read().begin_pass(event_ids, now)):
                return
        raise Unavailable("other workers wrote the state of audience refreshes", system="aws")
