"""Measures the hosts that ``gridwix doctor`` calls: their clock and their speed. Adds no call.

A signed webhook is valid for five minutes, and tokens expire by the clock. So a clock that is a
minute off is reported as a fault, before anything fails.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from ops.probes import Finding

MAX_SKEW = 60.0
"""Seconds by which two clocks may differ."""

SLOW = 2.0
"""Median response time, in seconds, from which on a host is slow. A function that publishes a
change makes several calls within its 60 seconds.
"""

MIN_RESPONSES = 3
"""Minimum number of responses for judging a host's speed: the first one includes the connection."""

AWS = "AWS"
HERE = "this machine"


@dataclass(frozen=True, slots=True)
class Response:
    """A recorded response of a host, with its duration in seconds.

    ``skew`` is the host's clock minus this machine's, in seconds; None if the response has no date.
    """

    host: str
    seconds: float
    skew: float | None


class ResponseLog(httpx.BaseTransport):
    """An HTTP transport that records the duration and the clock skew of each response. Thread-safe.

    Args:
        transport: Sends the requests.
        clock: Returns Unix seconds.
    """

    def __init__(
        self, transport: httpx.BaseTransport, clock: Callable[[], float] = time.time
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._lock = threading.Lock()
        self._responses: list[Response] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        begun = self._clock()
        response = self._transport.handle_request(request)
        ended = self._clock()
        skew = date_skew(response.headers.get("Date"), (begun + ended) / 2)
        with self._lock:
            self._responses.append(
                Response(request.url.netloc.decode(), max(ended - begun, 0.0), skew)
            )
        return response

    def close(self) -> None:
        self._transport.close()

    @property
    def responses(self) -> tuple[Response, ...]:
        with self._lock:
            return tuple(self._responses)


def date_skew(date: str | datetime | None, now: float) -> float | None:
    """Return the seconds by which a ``Date`` header is ahead of ``now`` (Unix seconds).

    Return None for a missing or invalid header.

    >>> date_skew("Thu, 01 Jan 1970 00:02:00 GMT", 30.0)
    90.0
    >>> date_skew("soon", 0.0) is None
    True
    """
    if date is None:
        return None
    try:
        at = date if isinstance(date, datetime) else parsedate_to_datetime(date)
        return at.timestamp() - now
    except ValueError:
        return None


def clock_finding(skews: Mapping[str, float]) -> Finding:
    """Return a finding on whether the clocks of all hosts and of this machine agree.

    The median counts as right, so a clock that differs from most others is reported, be it this
    machine's or a host's.

    Args:
        skews: Seconds by which each clock is ahead of this machine's, by name.
    """
    if not skews:
        return Finding("Stack", "clocks", False, "not checked: no host told its time", skipped=True)
    clocks = {HERE: 0.0, **skews}
    right = statistics.median_low(sorted(clocks.values()))
    wrong = {name: skew - right for name, skew in clocks.items() if abs(skew - right) > MAX_SKEW}
    if not wrong:
        worst = max(abs(one - other) for one in clocks.values() for other in clocks.values())
        return Finding("Stack", "clocks", True, f"{len(clocks)} clocks differ by {worst:.0f} s")
    said = "; ".join(
        f"the clock of {name} is {abs(off):.0f} s {'ahead' if off > 0 else 'behind'}"
        for name, off in sorted(wrong.items())
    )
    return Finding(
        "Stack",
        "clocks",
        False,
        f"{said}: webhooks are rejected from five minutes on. Correct that clock (NTP), or tell its"
        " operator",
    )


def host_skews(responses: Iterable[Response], names: Mapping[str, str]) -> dict[str, float]:
    """Return the median clock skew of each system in seconds, if its responses had a date.

    Args:
        responses: Measured responses.
        names: Names of systems by host.
    """
    found: dict[str, list[float]] = {}
    for one in responses:
        if one.skew is not None and one.host in names:
            found.setdefault(names[one.host], []).append(one.skew)
    return {name: statistics.median(skews) for name, skews in found.items()}


def speed_findings(responses: Iterable[Response], names: Mapping[str, str]) -> list[Finding]:
    """Return a fault for each slow host; hosts that are fast enough have no finding.

    Args:
        responses: Measured responses.
        names: Names of systems by host.
    """
    by_host: dict[str, list[float]] = {}
    for one in responses:
        by_host.setdefault(one.host, []).append(one.seconds)
    return [
        Finding(
            names.get(host, host),
            f"speed of {host}",
            False,
            f"half of the responses take longer than {statistics.median(times):.1f} s (limit"
            f" {SLOW:g} s): changes arrive late and functions run out of time. Ask its operator, or"
            " see docs/runbook.md#when-trading-grid-or-wix-is-down",
        )
        for host, times in by_host.items()
        if len(times) >= MIN_RESPONSES and statistics.median(times) > SLOW
    ]
