"""Rate limit (token bucket) as pure arithmetic: the generic cell rate algorithm, GCRA.

GCRA (ITU-T I.371) stores a token bucket as one instant.

The bucket holds ``burst`` calls and refills at ``calls_per_minute - burst`` calls a minute. Between
two instants 60 s apart it grants at most the ``burst`` that it held at the first, and the
``calls_per_minute - burst`` that flowed in since: together never more than ``calls_per_minute``. A
plain bucket that refills at ``calls_per_minute`` would grant ``calls_per_minute + burst``.

Instants are whole nanoseconds since 1970, so only the cost of one call is rounded, and upwards.
"""

from dataclasses import dataclass

SECOND = 1_000_000_000
"""One second in nanoseconds."""
MINUTE = 60 * SECOND


@dataclass(frozen=True, slots=True)
class RateState:
    """State of the token bucket, in nanoseconds since 1970.

    ``spent_until`` is the time at which the bucket would be full again without further calls.
    Before ``blocked_until`` no call is granted.
    """

    spent_until: int = 0
    blocked_until: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """Result of a request for calls.

    If ``wait`` is 0, the calls are granted, and ``state`` is to be stored. Otherwise nothing was
    taken, ``state`` is unchanged, and the calls are available ``wait`` nanoseconds later.
    """

    state: RateState
    wait: int


@dataclass(frozen=True, slots=True)
class CallRate:
    """Rate limit of ``calls_per_minute`` calls in any 60 s, of which ``burst`` may come at once.

    Raises ValueError unless 1 <= burst < calls_per_minute.

    The clocks of several workers may differ. A worker with a clock that lags, or goes back, is
    granted fewer calls and waits longer, by as much as it lags. If a clock leads by some seconds,
    the limit of 60 s can be exceeded by at most the calls that the token bucket gains in those
    seconds.
    """

    calls_per_minute: int
    burst: int

    def __post_init__(self) -> None:
        if not 1 <= self.burst < self.calls_per_minute:
            raise ValueError(
                "burst must be at least 1 and less than calls_per_minute,"
                f" got {self.burst} and {self.calls_per_minute}"
            )

    @property
    def cost(self) -> int:
        """Time in which the bucket refills by one call, in nanoseconds, rounded up."""
        return -(-MINUTE // (self.calls_per_minute - self.burst))

    def leaving_share(self, share: float) -> "CallRate":
        """Return a rate limit for callers that leave a share of the burst (0 to 1) to others.

        Both limits use the same stored token bucket, and fill it at the same rate:
        ``calls_per_minute - burst``, 120 calls a minute in the example. The new limit has a smaller
        burst, of at least 1 call. Its callers are granted no call once the bucket has no more than
        the share that is left to the others.

        >>> CallRate(calls_per_minute=180, burst=60).leaving_share(0.25)
        CallRate(calls_per_minute=165, burst=45)
        """
        burst = max(1, self.burst - round(self.burst * share))
        return CallRate(self.calls_per_minute - self.burst + burst, burst)

    def take(self, state: RateState, *, now: int, calls: int = 1) -> Decision:
        """Take all of ``calls`` from the bucket at once, or none and return the time to wait.

        The bucket of the example holds 60 calls, and refills at the other 60 calls a minute.

        >>> rate = CallRate(calls_per_minute=120, burst=60)
        >>> decision = rate.take(RateState(), now=0, calls=60)
        >>> decision.wait, rate.take(decision.state, now=0).wait / SECOND
        (0, 1.0)

        Args:
            state: the stored state.
            now: the time, in nanoseconds since 1970.
            calls: the number of calls.

        Raises:
            ValueError: unless 1 <= calls <= burst. More calls are never available at once.
        """
        if not 1 <= calls <= self.burst:
            raise ValueError(f"calls must be from 1 to {self.burst}, got {calls}")
        spent_until = max(state.spent_until, now) + calls * self.cost
        # Granted at once if the calls taken and not yet refilled fit into the bucket.
        wait = max(spent_until - (now + self.burst * self.cost), state.blocked_until - now, 0)
        return Decision(state if wait else RateState(spent_until, state.blocked_until), wait)

    def calls_left(self, state: RateState, *, now: int) -> int:
        """Return how many calls could be taken at once: 0 to ``burst``.

        >>> rate = CallRate(calls_per_minute=120, burst=60)
        >>> rate.calls_left(rate.take(RateState(), now=0, calls=45).state, now=0)
        15

        Args:
            state: the stored state.
            now: the time, in nanoseconds since 1970.
        """
        if state.blocked_until > now:
            return 0
        spent = max(state.spent_until - now, 0)
        return max(self.burst - -(-spent // self.cost), 0)
