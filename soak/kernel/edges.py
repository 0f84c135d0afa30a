"""The edges between the functions and everything else: where latency and faults happen.

Every call of a model goes over one edge (:meth:`Edges.cross`). A seeded schedule says which calls
fail, and how. What a fault looks like (an error code, a broken connection) is the model's.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from enum import StrEnum
from random import Random
from typing import Protocol

from soak.kernel.tasks import Killed, Scheduler


class Fault(StrEnum):
    """Fault of a call. The first ones can happen to a call of any model."""

    THROTTLED = "throttled"
    """refused: too many calls. Nothing was carried out."""
    SERVER_ERROR = "server error"
    """refused with a 5xx. Nothing was carried out."""
    NOT_CONNECTED = "not connected"
    """the connection could not be established"""
    REQUEST_LOST = "request lost"
    """the caller's time-out; nothing was carried out"""
    ANSWER_LOST = "answer lost"
    """the caller's time-out, although the call was carried out"""
    LATE = "late"
    """time-out; carried out afterwards, within :data:`LATEST_ARRIVAL` seconds"""
    RESET_BEFORE = "reset before"
    """the connection breaks; nothing was carried out"""
    RESET_AFTER = "reset after"
    """the connection breaks; it was carried out"""
    SLOW = "slow"
    """carried out, and answered after some seconds"""
    KILLED_BEFORE = "killed before"
    """the worker dies; nothing was carried out"""
    KILLED_AFTER = "killed after"
    """the worker dies; it was carried out"""

    STALE = "stale"
    """a read from a lagging replica; only for models with replicas"""
    PARTIAL = "partial"
    """carried out in part, with a response that says so; only for calls with several parts"""
    CONFLICT = "conflict"
    """refused because another transaction was in flight; only for DynamoDB"""


LATEST_ARRIVAL = 25.0
"""Maximum seconds, after the caller's time-out, until a late request is carried out.

The duration of a claim allows for it (docs/adr/0002-no-stale-overwrite.md).
"""

_MODELS_OWN = frozenset({Fault.STALE, Fault.PARTIAL, Fault.CONFLICT})


class FaultSource(Protocol):
    """Decides which calls fail."""

    def draw(self, edge: str, operation: str, now: float) -> Fault | None:
        """Return the fault of the next call over an edge; None for a call that succeeds."""


class NoFaults:
    """A fault source with which every call succeeds."""

    def draw(self, edge: str, operation: str, now: float) -> Fault | None:
        """Return None: no call fails."""
        del edge, operation, now
        return None


class RatedFaults:
    """A fault source by chance, until a time.

    Args:
        random: The seeded source of chance.
        rates: For each edge, the share of calls (0 to 1) with each fault.
        until: Virtual time after which nothing fails.
    """

    def __init__(
        self, random: Random, rates: Mapping[str, Mapping[Fault, float]], until: float
    ) -> None:
        self._random = random
        self._until = until
        self._limits: dict[str, list[tuple[float, Fault]]] = {}
        for edge, shares in rates.items():
            limit = 0.0
            self._limits[edge] = []
            for fault, share in shares.items():
                limit += share
                self._limits[edge].append((limit, fault))

    def draw(self, edge: str, operation: str, now: float) -> Fault | None:
        """Return a fault by chance; None for a call that succeeds."""
        del operation
        limits = self._limits.get(edge)
        if not limits or now >= self._until:
            return None
        chance = self._random.random()
        if chance >= limits[-1][0]:
            return None
        return next(fault for limit, fault in limits if chance < limit)


class PlannedFaults:
    """A fault source by a schedule: each fault hits the first call over its edge at or after its
    time.

    Args:
        planned: Time, edge and fault of each, in any order.
    """

    def __init__(self, planned: Sequence[tuple[float, str, Fault]]) -> None:
        self._waiting: dict[str, list[tuple[float, Fault]]] = {}
        for when, edge, fault in sorted(planned, key=lambda one: one[0], reverse=True):
            self._waiting.setdefault(edge, []).append((when, fault))

    def draw(self, edge: str, operation: str, now: float) -> Fault | None:
        """Return the next planned fault of this edge if its time has come; None otherwise."""
        del operation
        waiting = self._waiting.get(edge)
        if waiting and waiting[-1][0] <= now:
            return waiting.pop()[1]
        return None


class Edges:
    """All edges between the functions and the models: adds latency and faults to each call, and
    counts them.

    Args:
        scheduler: Virtual time.
        random: The seeded source of latencies.
        faults: Decides which calls fail.
        latencies: Usual latency of a call over each edge, in seconds; 10 ms without an entry.
        timeout: Seconds after which a caller gives up waiting.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        random: Random,
        faults: FaultSource,
        latencies: Mapping[str, float],
        timeout: float = 5.0,
    ) -> None:
        self.scheduler = scheduler
        # In a list, so that copies see another source of faults as well.
        self._faults = [faults]
        self.calls: Counter[tuple[str, str]] = Counter()
        self.faulted: Counter[tuple[str, Fault]] = Counter()
        self._random = random
        self.latencies = latencies
        self._timeout = timeout

    @property
    def faults(self) -> FaultSource:
        """The source that decides which calls fail. It can be replaced at any time."""
        return self._faults[0]

    @faults.setter
    def faults(self, faults: FaultSource) -> None:
        self._faults[0] = faults

    def with_timeout(self, timeout: float) -> "Edges":
        """Return the same edges, faults and counts with another time-out of callers.

        ``timeout`` is in seconds.
        """
        edges = copy(self)
        edges._timeout = timeout
        return edges

    def cross[R](  # noqa: C901 - one case per fault
        self,
        edge: str,
        operation: str,
        carry_out: Callable[[Fault | None], R],
        fail: Callable[[Fault], R],
        *,
        own: frozenset[Fault] = frozenset(),
        refusals: type[Exception] | tuple[type[Exception], ...] = (),
    ) -> R:
        """Make one call over an edge: wait for its latency, and carry it out or let it fail.

        Args:
            edge: The edge's name, such as ``wix``.
            operation: The call's name, for the counts.
            carry_out: Does the work and returns the response. It gets a fault of ``own``, or None.
            fail: Returns the error response of a fault, or raises its exception.
            own: Which of STALE, PARTIAL and CONFLICT this call can have. Any other is ignored.
            refusals: Exceptions of ``carry_out`` that are error responses, which get lost if the
                response does.

        Raises:
            Killed: The worker was killed.
        """
        scheduler = self.scheduler
        task = scheduler.current
        self.calls[edge, operation] += 1
        # Outside of a task the world is set up: nothing fails then.
        if task is None:
            return carry_out(None)
        fault = self._faults[0].draw(edge, operation, scheduler.now)
        if fault in _MODELS_OWN and fault not in own:
            fault = None
        latency = self.latencies.get(edge, 0.01) * (0.5 + self._random.random())
        if fault is None:
            scheduler.sleep(latency / 2)
            response = carry_out(None)
            scheduler.sleep(latency / 2)
            return response
        self.faulted[edge, fault] += 1
        scheduler.sleep(latency / 2)
        match fault:
            case Fault.STALE | Fault.PARTIAL | Fault.CONFLICT:
                response = carry_out(fault)
            case Fault.SLOW:
                response = carry_out(None)
                scheduler.sleep(self._timeout * (0.2 + 0.7 * self._random.random()))
            case Fault.ANSWER_LOST:
                self._discard(carry_out, refusals)
                scheduler.sleep(self._timeout)
                return fail(fault)
            case Fault.RESET_AFTER:
                self._discard(carry_out, refusals)
                return fail(fault)
            case Fault.LATE:
                arrival = self._timeout + LATEST_ARRIVAL * self._random.random()
                scheduler.after(arrival, lambda: self._discard(carry_out, refusals))
                scheduler.sleep(self._timeout)
                return fail(fault)
            case Fault.REQUEST_LOST:
                scheduler.sleep(self._timeout)
                return fail(fault)
            case Fault.KILLED_BEFORE:
                scheduler.kill(task)
                raise Killed
            case Fault.KILLED_AFTER:
                self._discard(carry_out, refusals)
                scheduler.kill(task)
                raise Killed
            case _:
                scheduler.sleep(latency / 2)
                return fail(fault)
        scheduler.sleep(latency / 2)
        return response

    @staticmethod
    def _discard[R](
        carry_out: Callable[[Fault | None], R],
        refusals: type[Exception] | tuple[type[Exception], ...],
    ) -> None:
        """Carry out a call that has lost its caller, and ignore its response."""
        with suppress(*(refusals if isinstance(refusals, tuple) else (refusals,))):
            carry_out(None)
