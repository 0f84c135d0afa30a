"""Rate limit of the site: requests per minute of the clock; a bulk call counts as one.

Over the limit, requests fail for the rest of the minute. Source:
https://support.wix.com/en/article/velo-about-data-quotas. Wix counts reads and writes separately;
here they share one limit, which is stricter.
"""

from emulators.common.clock import Clock
from emulators.wix.errors import WixError


class Quota:
    """The requests of the current minute."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._minute, self._used = 0, 0

    def count_request(self, code: str = "WDE0014") -> None:
        """Count one request. Raises WixError with that code over the quota."""
        minute = int(self._clock.now().timestamp() // 60)
        if minute != self._minute:
            self._minute, self._used = minute, 0
        if self._used >= self.per_minute:
            raise WixError(code, "The quota of requests per minute is exceeded")
        self._used += 1
