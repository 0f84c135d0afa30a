"""How many calls may be made, as arithmetic: the generic cell rate algorithm (GCRA, ITU-T I.371), which is a token bucket kept as one instant.

The bucket holds ``burst`` calls and refills at ``calls_per_minute - burst`` calls a minute. Between any two instants 60 s apart it can give out what it held
at the first, at most ``burst``, and what flowed in since, at most ``calls_per_minute - burst``: together never more than ``calls_per_minute``. A plain bucket
that refills at ``calls_per_minute`` would give out ``calls_per_minute + burst``.

Instants are whole nanoseconds since 1970, so nothing is rounded but the time that one call costs, and that upwards.
"""

from dataclasses import dataclass

SECOND = 1_000_000_000
MINUTE = 60 * SECOND


@dataclass(frozen=True, slots=True)
class RateState:
    """``spent_until`` is when the bucket would be full again if no more calls were taken; before ``blocked_until`` no call is granted."""

    spent_until: int = 0
    blocked_until: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """``wait`` 0: granted, and ``state`` is what to store. Otherwise nothing was taken, ``state`` is unchanged and the calls could be had ``wait`` ns later."""

    state: RateState
    wait: int


@dataclass(frozen=True, slots=True)
class CallRate:
    """At most ``calls_per_minute`` calls in any 60 s, of which ``burst`` may come at once. Raises ValueError unless 1 <= burst < calls_per_minute.

    Clocks of several takers may differ. One that lags, or goes back, is granted less and told to wait longer, by as much as it lags. One that leads by some
    seconds can make a window exceed the limit by at most what flows in during those seconds.
    """

    calls_per_minute: int
    burst: int

    def __post_init__(self) -> None:
        if not 1 <= self.burst < self.calls_per_minute:
            raise ValueError(f"burst must be at least 1 and less than calls_per_minute, got {self.burst} and {self.calls_per_minute}")

    @property
    def cost(self) -> int:
        """The time in which one call flows into the bucket, rounded up."""
        return -(-MINUTE // (self.calls_per_minute - self.burst))

    def take(self, state: RateState, *, now: int, calls: int = 1) -> Decision:
        """Take ``calls`` at once or none. Raises ValueError unless 1 <= calls <= burst: more can never be had at once."""
        if not 1 <= calls <= self.burst:
            raise ValueError(f"calls must be from 1 to {self.burst}, got {calls}")
        spent_until = max(state.spent_until, now) + calls * self.cost
        wait = max(spent_until - (now + self.burst * self.cost), state.blocked_until - now, 0)
        return Decision(state if wait else RateState(spent_until, state.blocked_until), wait)
