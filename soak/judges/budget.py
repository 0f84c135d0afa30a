"""Calls of Wix's REST API against the call budget and against Wix's own quota."""

from collections import deque
from dataclasses import dataclass

from soak.judges.verdict import Findings, Kind


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How often Wix may be called.

    ``per_minute``: calls that the budget grants in any minute. ``burst``: how many of these may
    come at once. ``quota``: calls in a minute above which Wix answers 429. ``allowance``: calls by
    which arrivals may be above the grants: a call arrives after it was granted, by its latency, and
    by half a minute if it is late, so some may bunch up.
    """

    per_minute: int = 180
    burst: int = 60
    quota: int = 200
    allowance: int = 15


class BudgetJudge:
    """Counts calls as they arrive at Wix, in two ways.

    As the budget grants them: a bucket of ``burst`` calls that refills so that any 60 seconds have
    at most ``per_minute``. And as Wix counts: more than ``quota`` calls in 60 seconds.

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
        if len(recent) > self.limits.quota:
            self._findings.add(
                Kind.ABOVE_BUDGET, f"{len(recent)} calls of Wix in the minute up to {at:.3f}"
            )

    def observe_throttled(self, at: float) -> None:
        """Take note of a 429 with which Wix has answered because of its quota."""
        self._findings.add(Kind.ABOVE_BUDGET, f"Wix has answered 429 at {at:.3f}")
