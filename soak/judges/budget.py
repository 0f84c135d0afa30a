"""Calls of Wix's REST API against the call budget and against Wix's own quota."""

from collections import deque

from soak.judges.verdict import Findings, Kind

PER_MINUTE = 180
"""Calls that the budget grants in any minute."""

BURST = 60
"""Calls of these that may come at once."""

QUOTA = 200
"""Calls in a minute above which Wix answers 429 (facts of Wix: 200 requests a minute)."""


class BudgetJudge:
    """Counts calls as they arrive at Wix, in two ways.

    As the budget grants them: a bucket of ``burst`` calls that refills so that any 60 seconds have
    at most ``per_minute``. And as Wix counts: more than 200 calls in 60 seconds.

    A call arrives after it was granted, by its latency, and by half a minute if it is late. So some
    calls may bunch up: ``allowance``.

    Args:
        findings: Gets what is above.
        allowance: Calls by which arrivals may be above the grants.
        per_minute: The budget, in calls in any minute.
        burst: How many of these may come at once.
    """

    def __init__(
        self,
        findings: Findings,
        allowance: int = 15,
        per_minute: int = PER_MINUTE,
        burst: int = BURST,
    ) -> None:
        self._findings = findings
        self.per_minute = per_minute
        """The budget, in calls in any minute."""
        self._depth = float(burst + allowance)
        self._left = self._depth
        self._rate = (per_minute - burst) / 60
        self._at = float("-inf")
        self._recent: deque[float] = deque()
        self.most = 0
        """Greatest number of calls in any minute."""

    def observe_call(self, at: float) -> None:
        """Take note of a call that has arrived at Wix, with its time in Unix seconds."""
        if at > self._at:
            refill = 0.0 if self._at == float("-inf") else (at - self._at) * self._rate
            self._left = min(self._depth, self._left + refill)
            self._at = at
        if self._left >= 1:
            self._left -= 1
        else:
            self._findings.add(Kind.ABOVE_BUDGET, f"a call of Wix at {at:.3f} is above the budget")
        recent = self._recent
        recent.append(at)
        while recent[0] <= at - 60:
            recent.popleft()
        self.most = max(self.most, len(recent))
        if len(recent) > QUOTA:
            self._findings.add(
                Kind.ABOVE_BUDGET, f"{len(recent)} calls of Wix in the minute up to {at:.3f}"
            )

    def observe_throttled(self, at: float) -> None:
        """Take note of a 429 with which Wix has answered because of its quota."""
        self._findings.add(Kind.ABOVE_BUDGET, f"Wix has answered 429 at {at:.3f}")
