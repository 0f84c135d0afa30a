"""Unix seconds by AWS: a worker's own clock, unless AWS's answers say that it is wrong.

Workers compare the end of a claim with the time. If their clocks differed by minutes, one would
take a row, a file or a message from another that still works on it. AWS keeps the clocks of Lambda
within milliseconds; this one holds where something does not.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Protocol

from gridwix.ports import Clock

TOLERANCE = 5.0
"""Seconds by which the own clock may differ: ``Date`` has whole seconds, and answers take time."""

SOON = 2.0
"""Seconds within which an answer has to come for its ``Date`` to count."""

_BEGUN = "gridwix_begun"


class Events(Protocol):
    """The events of a botocore client."""

    def register(self, event_name: str, handler: Callable[..., None]) -> None:
        """Call ``handler`` with the event's keyword arguments at each such event."""


class ServerClock(Clock):
    """The time, for all threads of an execution environment.

    Args:
        clock: The own clock, in Unix seconds.
        timer: Seconds of a timer that is never set.
    """

    def __init__(self, clock: Clock, timer: Callable[[], float]) -> None:
        self._clock = clock
        self._timer = timer
        self.forget()

    def __call__(self) -> float:
        own = self._clock()
        known = self._known
        if known is None:
            return own
        told, at = known
        true = told + self._timer() - at
        return own if abs(own - true) <= TOLERANCE else true

    def forget(self) -> None:
        """Forget what AWS has said: the timer may stand still between two invocations."""
        self._known: tuple[float, float] | None = None

    def watch(self, events: Events, service: str) -> None:
        """Take the time from each answer of a botocore client.

        Args:
            events: The client's events.
            service: Its service, such as ``dynamodb``.
        """
        events.register(f"before-call.{service}", self._note_begin)
        events.register(f"after-call.{service}", self._note_answer)

    def _note_begin(self, *, context: dict[str, Any], **_: Any) -> None:
        context[_BEGUN] = self._timer()

    def _note_answer(
        self, *, parsed: Mapping[str, Any], context: Mapping[str, Any], **_: Any
    ) -> None:
        now = self._timer()
        date = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if date is None or now - context.get(_BEGUN, now) > SOON:
            return
        with suppress(ValueError):
            self._known = _middle_of_second(date), now


@lru_cache(maxsize=8)
def _middle_of_second(date: str) -> float:
    """The time of a ``Date`` header, in Unix seconds. Raises ValueError."""
    return parsedate_to_datetime(date).timestamp() + 0.5
