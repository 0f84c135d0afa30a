"""Benchmark: 10,000 unsigned requests on one route of the webhooks, at several rates, and signed
forms of site code on another at the same time.

Everything runs in the local cloud, which limits nothing: the rate is set here. API Gateway lets 100
requests a second pass on the route (``ThrottlingRateLimit``). On AWS each request has an
environment to itself, and what a flood can take from the other route is concurrency of the account,
which ``WebhookConcurrency`` reserves. Here the local cloud, the processes of its functions and both
senders share the machine's processors, so the ratio says what the machine has left, too. The flood
comes in parts, with signed requests alone before each: both meet the same load of other programs.
That makes the ratio fair, but not independent of the load: beside busy programs, a local cloud that
rests between two requests answers later than one that is at work.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.submissions import OVERRIDES, acceptance_times
from ops.local_environment import LocalEnvironment, start_local_environment
from ops.paths import ROOT

FLOOD = 10_000
"""Number of unsigned requests at each rate."""

PACES = (33.0, 50.0, 100.0)
"""Rates of the flood, in unsigned requests per second."""

PARTS = 10
"""Number of parts in which the flood of each rate comes."""

SIGNED_PER_SECOND = 5
ALONE = 50
"""Number of signed forms that are posted without a flood before each part."""

WARM_UP = 16
MOST_RATIO = 2.0
FORM = "partner-question"
VALUES = {"topic": "orders", "question": "Where is our order?", "your_name": "Somebody"}


@dataclass(frozen=True, slots=True)
class Figures:
    """Latencies of signed requests without and during a flood, and the responses to unsigned ones.

    ``alone`` and ``beside`` are the seconds of each signed request, ``statuses`` the number of
    unsigned ones by status. ``processor`` is their sender's processor time in seconds. ``lost`` are
    signed forms that are not in the inbox.
    """

    pace: float
    alone: Sequence[float]
    beside: Sequence[float]
    statuses: Mapping[str, int]
    seconds: float
    processor: float
    lost: int

    @property
    def ratio(self) -> float:
        """The p95 latency of signed requests during the flood, divided by that without it."""
        return _p95(self.beside) / _p95(self.alone)


@contextlib.contextmanager
def _step(_: str) -> Iterator[None]:
    yield


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[94]


class SignedSender:
    """Posts signed forms one after the other, at a constant rate. ``sent`` has their ids."""

    def __init__(self, local: LocalEnvironment) -> None:
        self.sent: set[str] = set()
        self._local = local

    def post(self) -> float:
        """Post a form; return the seconds until the response. A post that fails counts as lost."""
        identifier = f"signed-{len(self.sent)}"
        self.sent.add(identifier)
        values = {**VALUES, "email": f"{identifier}@example.com"}
        begun = time.monotonic()
        with contextlib.suppress(httpx.HTTPError):
            self._local.site_code.submit_form(FORM, identifier, None, values)
        return time.monotonic() - begun

    def post_while(self, goes_on: Callable[[int], bool]) -> list[float]:
        """Post forms at the constant rate, as long as ``goes_on`` of the number of posted ones is
        true.
        """
        begun, seconds = time.monotonic(), list[float]()
        while goes_on(len(seconds)):
            seconds.append(self.post())
            due = begun + len(seconds) / SIGNED_PER_SECOND
            time.sleep(max(0.0, due - time.monotonic()))
        return seconds

    def count_lost(self) -> int:
        """Return the number of sent forms that are not in the inbox."""
        return len(self.sent - acceptance_times(self._local).keys())


def _measure_pace(url: str, signed: SignedSender, pace: float, count: int) -> Figures:
    alone, beside, statuses = list[float](), list[float](), Counter[str]()
    seconds = processor = 0.0
    command = [sys.executable, "-m", "benchmarks.unsigned_sender", url, str(count // PARTS)]
    for _ in range(PARTS):
        alone += signed.post_while(lambda done: done < ALONE)
        with subprocess.Popen(
            [*command, str(pace)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as flood:
            # It prints a line when it begins.
            assert flood.stdout is not None
            flood.stdout.readline()
            beside += signed.post_while(lambda _: flood.poll() is None)
            answers, took, used = json.loads(flood.stdout.read())
        statuses.update(answers)
        seconds += took
        processor += used
    return Figures(pace, alone, beside, statuses, seconds, processor, signed.count_lost())


def measure(paces: Sequence[float] = PACES, count: int = FLOOD) -> Iterator[Figures]:
    """Yield the figures of each rate: forms are posted alone, then during the flood."""
    with (
        tempfile.TemporaryDirectory() as folder,
        start_local_environment(Path(folder), _step, partners=10, overrides=OVERRIDES) as local,
    ):
        url = local.cloud.local_url(local.stack.output("TradingGridWebhookUrl"))
        signed = SignedSender(local)
        for _ in range(WARM_UP):
            signed.post()
            httpx.post(url, content=b"{}", timeout=60.0)
        for pace in paces:
            local.wait_until_idle()
            yield _measure_pace(url, signed, pace, count)


def main(options: Sequence[str] = ()) -> None:
    """Run the benchmark of floods and print a row for each rate."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks floods")
    parser.add_argument("--per-second", nargs="+", type=float, default=PACES, metavar="N")
    parser.add_argument("--unsigned", type=int, default=FLOOD, metavar="N")
    given = parser.parse_args(options)
    print(
        f"floods: {given.unsigned:,} unsigned requests on one route beside {SIGNED_PER_SECOND}"
        f" signed ones a second on another\n  goals: none lost, p95 at most {MOST_RATIO:.0f} times"
        f" that without a flood\n  the local cloud and both senders share {os.cpu_count()}"
        " processors"
    )
    if (load := os.getloadavg()[0]) > (os.cpu_count() or 1):
        print(f"  other programs load them ({load:.1f}): the ratio says little about the flood")
    print(
        f"  {'a second':>8}{'signed':>8}{'lost':>6}{'median':>17}{'p95':>17}{'ratio':>7}"
        "   load; processor time of an unsigned request's sender; answers"
    )
    for one in measure(given.per_second, given.unsigned):
        median = [f"{statistics.median(times):.3f}" for times in (one.alone, one.beside)]
        p95 = [f"{_p95(times):.3f}" for times in (one.alone, one.beside)]
        print(
            f"  {given.unsigned / one.seconds:8.0f}{len(one.beside):8}{one.lost:6}"
            f"{' -> '.join(median):>17}{' -> '.join(p95):>17}{one.ratio:7.1f}"
            f"   {os.getloadavg()[2]:.1f}; {1000 * one.processor / given.unsigned:.1f} ms each;"
            f" {dict(one.statuses)}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
