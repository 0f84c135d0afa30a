"""Judges the rate of calls of Wix's REST API, by the call budget and by Wix's own quota."""

from collections import deque
from dataclasses import dataclass

from soak.judges.verdict import Findings, Kind


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Limits on the rate of calls to Wix.

    ``per_minute``: calls that the budget grants in any minute. ``burst``: maximum of these that may
    come at once. ``quota``: calls in a minute above which Wix answers 429. ``allowance``: calls by
    which arrivals may be above the grants: a call arrives after it was granted, by its latency, and
    by half a minute if it is late, so some may bunch up.
    """

    per_minute: int = 180
    burst: int = 60
    quota: int = 200
    allowance: int = 15


class BudgetJudge:
    """Judges the times at which calls arrive at Wix, by the budget's token bucket and by Wix's
    quota.

    The bucket of ``burst`` calls refills so that any 60 seconds have at most ``per_minute``. The
    quota is ``quota`` calls in 60 seconds.

    Args:
        findings: Gets what is above.
        limits: How often Wix may be called.
    """

    def __init__(self, findings: Findings, limits: CallLimits) -> None:
        self.limits = limits
        self._findings = findings
        self._depth = float(limits.burst + limits.allowance)
        self._left = self._depth
        self._rate = (limits.per_minute - limits.burst) / 60
        self._at = float("-inf")
        self._recent: deque[float] = deque()
        self.most = 0
        """Maximum number of calls in any minute so far."""

    def observe_call(self, at: float) -> None:
        """Judge a call that has arrived at Wix, by its time in Unix seconds."""
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
        if len(recent) > self.limits.quota:
            self._findings.add(
                Kind.ABOVE_BUDGET, f"{len(recent)} calls of Wix in the minute up to {at:.3f}"
            )

    def observe_throttled(self, at: float) -> None:
        """Report a 429 that Wix answered because its quota was used up."""
        self._findings.add(Kind.ABOVE_BUDGET, f"Wix has answered 429 at {at:.3f}")
