"""Clock that corrects a worker's own time by the ``Date`` headers of AWS's responses.

Workers compare the end of a lease with the current time. If the clocks of two workers differed by
minutes, one worker could take the lease of a row, file or message on which the other still works.
AWS keeps the clocks of Lambda within milliseconds; this module guards against a wrong clock.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Protocol

from gridwix.ports import Clock

TOLERANCE = 5.0
"""Seconds by which the worker's own clock may differ from AWS's: ``Date`` has whole seconds, and
responses take time.
"""

SOON = 2.0
"""Maximum duration, in seconds, of a call from which ``Date`` is used: after a longer one it is too
inexact.
"""

_BEGUN = "gridwix_begun"


class Events(Protocol):
    """Event system of a botocore client (``client.meta.events``), which takes hooks."""

    def register(self, event_name: str, handler: Callable[..., None]) -> None:
        """Call ``handler`` with the event's keyword arguments whenever ``event_name`` occurs."""


class ServerClock(Clock):
    """Returns the time in Unix seconds: the worker's own, or AWS's if the two differ much.

    AWS's time counts if the worker's clock differs from it by more than ``TOLERANCE``. All threads
    of an execution environment share one instance.

    Args:
        clock: Returns the time of the worker's own clock, in Unix seconds.
        timer: Returns the seconds of a monotonic clock.
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
        """Forget AWS's time, so that the worker's own clock counts until the next response.

        Call it before an invocation: the timer may stand still between two invocations.
        """
        self._known: tuple[float, float] | None = None

    def watch(self, events: Events, service: str) -> None:
        """Take AWS's time from every response that a botocore client gets from now on.

        Args:
            events: The client's event system.
            service: The client's service, such as ``dynamodb``.
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
    """Return the time of a ``Date`` header in Unix seconds, plus half a second.

    The header has whole seconds. Raises ValueError if the header is malformed.
    """
    return parsedate_to_datetime(date).timestamp() + 0.5
