"""Gathers changes of partners, so that one pass resolves all audiences again for many of them.

To resolve the audiences of shared documents or notices takes a listing of all partners of the hub.
A change of a partner asks for an audience refresh instead: a delayed message to the function's own
queue, unless one is under way. ``docs/adr/0056-audiences-are-refreshed-together.md`` has the
reasons.

No change is missed:

- A refresh is *pending* from the time at which its message was sent until its pass begins, which
  ends that before it reads. So what finds a refresh pending has changed before the pass reads.
- The message is sent first and then recorded. A crash in between makes a second pass.
- Clocks decide only for how long a pending refresh is believed in, in case that its message is
  lost: until shortly before it is due, and never for longer than the longest delay and the
  greatest error of a clock.
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
"""Longest delay of a refresh, in seconds. SQS allows 900, but an alarm of the queue is on messages
older than 300, and AWS does not say that the age of a delayed message is left out.
"""

DELAY_PER_SECOND = 10
"""Seconds of delay for each second of the last pass: passes take a tenth of the time, up to the
longest delay.
"""

READ_LAG = 5
"""A refresh that is due within so many seconds is not relied on: what Trading Grid lists then may
be older than the change.
"""

CLOCK_ERROR = 300
"""Greatest error of a worker's clock, in seconds."""

ROUNDS = 6
"""Maximum number of attempts to record the beginning of a pass while other workers win the race."""


@dataclass(frozen=True, slots=True)
class RefreshState:
    """The refreshes of one function. Times are in Unix seconds.

    ========================  =======================================
    transition                when
    ========================  =======================================
    :meth:`expect_refresh`    a message was sent
    :meth:`begin_pass`        a message has arrived, before the pass
    :meth:`end_pass`          after the pass
    ========================  =======================================

    ``pending`` is the event id of the message that is under way, due at ``due_at``; "" for none.
    ``began_at`` is the beginning of a pass that has not ended; 0.0 for none. ``seconds`` is how
    long the last one took. ``revision`` counts the changes of the stored state; 0: none is stored.
    """

    pending: str = ""
    due_at: float = 0.0
    began_at: float = 0.0
    seconds: float = 0.0
    revision: int = 0

    def is_refresh_ahead(self, now: float) -> bool:
        """Tell whether a pass will come that reads what has changed until now.

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
        """The state after a message was sent."""
        return replace(self, pending=event_id, due_at=due_at)

    def begin_pass(self, event_ids: Collection[str], now: float) -> "RefreshState":
        """The state while the pass of these messages runs: a change needs another message."""
        begun = replace(self, began_at=now)
        return replace(begun, pending="", due_at=0.0) if self.pending in event_ids else begun

    def end_pass(self, seconds: float) -> "RefreshState":
        """The state after a pass."""
        return replace(self, began_at=0.0, seconds=max(0.0, seconds))


class RefreshStates(Protocol):
    """Storage of a function's state. Raises :class:`gridwix.errors.UpstreamError`."""

    def read(self) -> RefreshState:
        """The stored state, strongly consistent; ``RefreshState()`` if none is stored."""

    def save(self, state: RefreshState) -> bool:
        """Store a state with the next revision. False if the stored revision is not the state's."""


class RefreshQueue(Protocol):
    """The function's own queue."""

    def send(self, change: Change, *, delay: int) -> None:
        """Send a change that is delivered after ``delay`` seconds, at least once.

        Raises UpstreamError; it may have been sent all the same.
        """


class AudienceRefreshes:
    """Makes sure that audiences are resolved again after a change of a partner, and rarely.

    Args:
        function: Name of the function, for the ids of its messages.
        states: Its state.
        queue: Its own queue.
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
        """Make sure that a pass comes that reads the changes of partners among ``changes``.

        Those changes, and no others, are invalid in the report if it cannot be made sure.
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
        """Record that the audience refreshes among ``changes`` begin, and when they end.

        Call :meth:`gather` for the same changes first, so that a pending refresh among them serves
        them. A pass that fails with an error does not end: until one succeeds, the next ones keep
        the longer distances.

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
