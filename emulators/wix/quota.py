"""Rate limits of the site, in requests per minute of the emulator's clock.

Wix Data counts reads and writes separately, each against a quota of its own. A call that reads
items is one read. A call that writes is one write, even if it is a bulk call with many items. Over
the quota, requests fail for the rest of the minute (``WDE0014``, 429). The defaults are 3000 reads
and 1500 writes. Source: https://support.wix.com/en/article/velo-about-data-quotas.

All REST calls together have a limit as well. Wix currently documents no such limit. The default is
far above both quotas, and a test sets the limit that it needs.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from emulators.common.clock import Clock, rfc3339
from emulators.wix.errors import WixError

READS_PER_MINUTE = 3000
WRITES_PER_MINUTE = 1500
REQUESTS_PER_MINUTE = 6000


class Quota(StrEnum):
    """The quotas of a site: ``REQUESTS`` for all calls, ``READS`` and ``WRITES`` for Wix Data.

    A call of Wix Data counts against two quotas: ``REQUESTS``, and either ``READS`` or ``WRITES``.
    """

    READS = "reads"
    WRITES = "writes"
    REQUESTS = "requests"


@dataclass(slots=True)
class Usage:
    """Number of requests since the time ``since``: allowed and refused ones.

    Allowed requests are counted by quota and collection, refused requests by quota. A request that
    names no collection counts under an empty name.
    """

    since: str
    granted: dict[Quota, Counter[str]] = field(
        default_factory=lambda: {quota: Counter() for quota in (Quota.READS, Quota.WRITES)}
    )
    refused: Counter[Quota] = field(default_factory=Counter)


class Quotas:
    """Counts requests against the site's quotas per minute.

    It also counts the requests since the last call of :meth:`mark`, for tests (``usage``).
    """

    def __init__(self, limits: dict[Quota, int], clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._minute = 0
        self._used: Counter[Quota] = Counter()
        self.usage = self._new_usage()

    def count_request(self, quota: Quota, code: str) -> None:
        """Count one request against ``quota`` and against the limit of all requests.

        Raises WixError with ``code`` if one of the two is used up in this minute.
        """
        counted = dict.fromkeys((quota, Quota.REQUESTS))
        used = self.used()
        for one in counted:
            if used[one] >= self.limits[one]:
                self.usage.refused[one] += 1
                raise WixError(code, f"The quota of {one} per minute is exceeded")
        self._used.update(counted.keys())

    def note_collection(self, quota: Quota, collection: str) -> None:
        """Count one read or write of a collection in ``usage``, after its quota has allowed it."""
        self.usage.granted[quota][collection] += 1

    def used(self) -> Counter[Quota]:
        """Return the number of requests in the current minute that the quotas allowed, by quota."""
        minute = int(self._clock.now().timestamp() // 60)
        # A fixed window, not a sliding one: a burst at the end of a minute can be followed by
        # another.
        if minute != self._minute:
            self._minute, self._used = minute, Counter()
        return self._used

    def mark(self) -> None:
        """Start a new count of the usage from now on."""
        self.usage = self._new_usage()

    def _new_usage(self) -> Usage:
        return Usage(since=rfc3339(self._clock.now()))
