"""Benchmark: 10,000 unsigned requests on one route of the webhooks, and signed forms of site code
on another at the same time.

Everything runs in the local cloud. The requests come as fast as API Gateway lets them pass on one
route (``ThrottlingRateLimit``), because the local cloud limits nothing. On AWS, what a flood can
take from the other route is concurrency of the account, which ``WebhookConcurrency`` reserves. Here
it is the machine's processors.
"""

import contextlib
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.submissions import OVERRIDES, acceptance_times
from ops.local_environment import LocalEnvironment, start_local_environment

FLOOD = 10_000
"""Unsigned requests."""

PER_SECOND = 100
"""Unsigned requests that API Gateway lets pass on the route."""

SIGNED_PER_SECOND = 5
ALONE = 300
"""Signed forms before the flood."""

SENDERS = 16
MOST_RATIO = 2.0
FORM = "partner-question"
VALUES = {"topic": "orders", "question": "Where is our order?", "your_name": "Somebody"}


@dataclass(frozen=True, slots=True)
class Figures:
    """``alone`` and ``beside`` are the seconds of each signed request. ``flood`` counts the
    unsigned ones by status, ``lost`` the accepted forms that are not in the inbox.
    """

    alone: Sequence[float]
    beside: Sequence[float]
    flood: Counter[int]
    seconds: float
    lost: int


@contextlib.contextmanager
def _step(_: str) -> Iterator[None]:
    yield


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def _send_in_time(begun: float, number: int, per_second: float) -> None:
    time.sleep(max(0.0, begun + number / per_second - time.monotonic()))


def _post_signed(local: LocalEnvironment, label: str, number: int, begun: float) -> float:
    """Post one form at its time; return the seconds until the answer. Raises httpx.HTTPError."""
    _send_in_time(begun, number, SIGNED_PER_SECOND)
    sent = time.monotonic()
    values = {**VALUES, "email": f"{label}{number}@example.com"}
    local.site_code.submit_form(FORM, f"{label}-{number}", None, values)
    return time.monotonic() - sent


def _flood(url: str, over: threading.Event) -> tuple[Counter[int], float]:
    """Send the unsigned requests; return their number by status, and the seconds."""
    statuses: Counter[int] = Counter()
    begun = time.monotonic()
    with httpx.Client(timeout=60.0) as http, ThreadPoolExecutor(SENDERS) as pool:

        def post(number: int) -> int:
            _send_in_time(begun, number, PER_SECOND)
            return http.post(url, content=b'{"specversion": "1.0"}').status_code

        statuses.update(pool.map(post, range(FLOOD)))
    over.set()
    return statuses, time.monotonic() - begun


def measure() -> Figures:
    """Post forms alone, then while the flood lasts."""
    with (
        tempfile.TemporaryDirectory() as folder,
        start_local_environment(Path(folder), _step, partners=10, overrides=OVERRIDES) as local,
        ThreadPoolExecutor(SENDERS) as pool,
    ):
        url = local.cloud.local_url(local.stack.output("TradingGridWebhookUrl"))
        # Starts the environments of both functions.
        list(pool.map(lambda number: _post_signed(local, "warm", number, 0.0), range(SENDERS)))
        list(pool.map(lambda _: httpx.post(url, content=b"{}", timeout=60.0), range(SENDERS)))
        local.wait_until_idle()
        begun = time.monotonic()
        alone = list(
            pool.map(lambda number: _post_signed(local, "alone", number, begun), range(ALONE))
        )
        over = threading.Event()
        flood = pool.submit(_flood, url, over)
        begun, beside, number = time.monotonic(), [], 0
        while not over.is_set():
            number += 1
            beside.append(_post_signed(local, "beside", number, begun))
        statuses, seconds = flood.result()
        stored = acceptance_times(local).keys()
        sent = {f"alone-{one}" for one in range(ALONE)}
        sent |= {f"beside-{one}" for one in range(1, number + 1)}
        return Figures(alone, beside, statuses, seconds, len(sent - stored))


def main() -> None:
    """Run the benchmark and print its figures."""
    figures = measure()
    alone, beside = _percentile(figures.alone, 95), _percentile(figures.beside, 95)
    print(
        f"floods: {FLOOD:,} unsigned requests in {figures.seconds:.0f} s on one route,"
        f" {len(figures.beside):,} signed ones on another"
    )
    print(f"  answers to the unsigned   {dict(figures.flood)}")
    print(f"  signed and lost           {figures.lost}   goal: 0")
    print(
        f"  signed, alone             median {statistics.median(figures.alone):.3f} s,"
        f" p95 {alone:.3f} s"
    )
    print(
        f"  signed, beside the flood  median {statistics.median(figures.beside):.3f} s,"
        f" p95 {beside:.3f} s, {beside / alone:.1f} times   goal: at most {MOST_RATIO:.0f}"
    )


if __name__ == "__main__":
    main()
