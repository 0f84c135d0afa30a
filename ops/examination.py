"""Runs probes (checks of a deployed stack) concurrently, and merges findings with one cause.

All probes together have a deadline.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import httpx

from ops.probes import Finding, Probe, run_probe

AT_ONCE = 6
"""Maximum number of concurrent probes."""

NO_ANSWER = "upstream_unavailable: no answer"
"""Cause of a probe that did not finish in time: the same as for calls that time out."""

TIMEOUTS_BELIEVED = 2
"""Number of timeouts of a host after which the circuit breaker opens."""

MOST_NAMED = 12
"""Maximum number of capabilities that a merged finding names."""

type Report = tuple[int, Finding | BaseException | None]
"""A probe's number, and its finding, its error, or None when it has begun."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress report of a probe: its start, or its end.

    At the start ``finding`` is None. At the end ``seconds`` is the time that the probe took.
    ``ended`` of ``total`` probes have ended.
    """

    capability: str
    finding: Finding | None
    seconds: float
    ended: int
    total: int


def run_probes(
    probes: Sequence[Probe],
    report: Callable[[Progress], None],
    *,
    seconds: float,
    at_once: int = AT_ONCE,
    clock: Callable[[], float] = time.monotonic,
) -> list[Finding]:
    """Run the probes; return their findings in the order of the probes.

    A probe that is still running after ``seconds`` gets a finding with a fault, and its thread is
    not waited for. A programming error in a probe is raised.

    Args:
        probes: The probes.
        report: Called at the begin and the end of each probe, from the calling thread.
        seconds: Total time.
        at_once: Maximum number of concurrent probes.
        clock: Monotonic time in seconds.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(probes)):
        waiting.put(number)
    reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
    for _ in range(min(at_once, len(probes))):
        # Daemon threads instead of a pool: pool threads keep the process alive while a server
        # hangs.
        threading.Thread(
            target=_run_queued_probes, args=[probes, waiting, reports], daemon=True
        ).start()
    deadline = clock() + seconds
    findings: dict[int, Finding] = {}
    begun: dict[int, float] = {}
    while len(findings) < len(probes):
        try:
            number, said = reports.get(timeout=max(deadline - clock(), 0.001))
        except queue.Empty:
            break
        if isinstance(said, BaseException):
            raise said
        if said is None:
            begun[number] = clock()
        else:
            findings[number] = said
        system, capability, _ = probes[number]
        report(
            Progress(
                f"{system}: {capability}", said, clock() - begun[number], len(findings), len(probes)
            )
        )
    return [
        findings.get(number) or _unfinished_finding(probe, number in begun)
        for number, probe in enumerate(probes)
    ]


def _run_queued_probes(
    probes: Sequence[Probe], waiting: "queue.SimpleQueue[int]", reports: "queue.SimpleQueue[Report]"
) -> None:
    while True:
        try:
            number = waiting.get_nowait()
        except queue.Empty:
            return
        reports.put((number, None))
        try:
            reports.put((number, run_probe(*probes[number])))
        except BaseException as error:
            reports.put((number, error))
            return


def _unfinished_finding(probe: Probe, begun: bool) -> Finding:
    system, capability, _ = probe
    if begun:
        return Finding(
            system, capability, False, "upstream_unavailable: no answer within the time", NO_ANSWER
        )
    return Finding(
        system, capability, False, "not checked: the time was over", "time", skipped=True
    )


def merge_causes(findings: Iterable[Finding]) -> list[Finding]:
    """Merge findings of one system that have the same cause into one finding.

    The merged finding lists the capabilities that the cause affects. Findings without a fault stay
    separate.
    """
    groups: dict[tuple[str, str], list[Finding]] = {}
    for number, finding in enumerate(findings):
        # Only faults with a known cause are merged; others get a group of their own.
        together = not finding.works and finding.cause
        groups.setdefault(
            (finding.system, finding.cause) if together else ("", str(number)), []
        ).append(finding)
    return [_merge_group(group) for group in groups.values()]


def _merge_group(group: Sequence[Finding]) -> Finding:
    first = group[0]
    if len(group) == 1:
        return first
    named = [finding.capability for finding in group]
    shown = ", ".join(named[:MOST_NAMED]) + (
        f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    )
    detail = first.found.removeprefix(f"{first.cause.partition(':')[0]}: ")
    cause = first.found if first.skipped or detail in first.cause else f"{first.cause} ({detail})"
    return replace(
        first, capability=f"{len(group)} capabilities", found=f"{cause}. It affects: {shown}"
    )


class Breaker(httpx.BaseTransport):
    """A circuit breaker per host: after a fault, later requests to the host fail at once.

    They fail with the same error. The breaker opens after one connection failure, or after
    ``TIMEOUTS_BELIEVED`` timeouts of a host. Thread-safe.
    """

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._transport = transport or httpx.HTTPTransport()
        self._timeouts: dict[str, int] = {}
        self._down: dict[str, httpx.TransportError] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.netloc.decode()
        if (known := self._down.get(host)) is not None:
            raise type(known)(str(known))
        try:
            return self._transport.handle_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            self._down[host] = error
            raise
        except httpx.TimeoutException as error:
            self._timeouts[host] = self._timeouts.get(host, 0) + 1
            if self._timeouts[host] >= TIMEOUTS_BELIEVED:
                self._down[host] = error
            raise

    def close(self) -> None:
        self._transport.close()
