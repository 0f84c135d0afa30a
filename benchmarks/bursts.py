"""Benchmark: writes of rows while a user changes one case in Trading Grid 30 times in 3.1 seconds.

Counts the writes of the case's issue and of the partner's status, with the row pace (``ROW_PACE``,
a minimum interval between writes of one row) and without it. All functions run in the soak test's
world, in virtual time: its queues, ledger, bus, Trading Grid and site are models, and nothing
fails. The first part is one burst, with other partners at rest; the second is 1,000 of them at
once, for 1,000 partners, on a site with the usual quota.

In the first part, messages are handed over as they arrive, without the batching window of the
template: Lambda has several pollers, each with a window of its own, and it is undefined which of
them gets which message. The second part has the window.

Calls take a tenth of the soak test's usual time, as between programs on one machine: the shorter a
call, the more changes are written one by one. "Without" leaves out the pace alone: each change is
written as soon as it is read.

``--cloud`` plays the first part through the deployed stack in the local cloud instead. Its
functions read the changes one by one.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from statistics import median
from typing import Any
from unittest.mock import patch

from benchmarks import cloud_bursts
from gridwix.publication.publisher import Publisher
from soak.run import Plan, Run
from soak.traffic.cases import open_case
from soak.traffic.scene import next_mark
from soak.traffic.shape import Shape
from soak.traffic.storms import CALM
from soak.traffic.workload import calm_shape

CHANGES, SECONDS = 30, 3.1
"""Number of changes in one burst, and its duration in seconds."""

PARTNERS = 1_000
SINGLES = 20
"""Number of isolated changes, before the bursts, for which the time to the row is measured."""

ISSUES, STATUS = "OpenIssues", "PartnerStatus"

type Row = tuple[str, str]


@dataclass
class Site:
    """Counts what arrives at the Wix site. ``writes`` are the virtual times of the writes of each
    row.
    """

    run: Run

    def __post_init__(self) -> None:
        self.writes: dict[Row, list[float]] = {}
        self.run.world.wix.on_write.append(self._note)

    def _note(self, collection: str, identifier: str, old: Any, new: Any) -> None:
        del old, new
        if collection in {ISSUES, STATUS}:
            now = self.run.world.scheduler.now
            self.writes.setdefault((collection, identifier), []).append(now)

    @property
    def calls(self) -> int:
        """Number of calls of Wix's REST API so far."""
        found = self.run.world.edges.calls
        return sum(number for (edge, _), number in found.items() if edge == "wix")


@dataclass(frozen=True)
class Result:
    """Writes, calls and delays that bursts of changes caused.

    ``issue`` and ``status`` are the most writes of a row in one burst; ``calls`` those of Wix's
    REST API. ``latest`` is the longest time from a burst's last change until its issue was written
    for the last time, and ``single`` the median time of an isolated change, both in seconds.
    ``behind`` is the number of rows that do not show the last state.
    """

    issue: int
    status: int
    calls: int
    latest: float
    single: float
    behind: int


@contextmanager
def quiet_world(partners: int, *, windows: bool) -> Iterator[tuple[Run, Site, list[Row]]]:
    """Yield a world in which each partner has an open case, and everything is on the portal."""
    shape = calm_shape(Shape(partners=partners, events=0, members=0.0, documents=0.0, library=0))
    with Run(Plan("bursts", shape, CALM)) as run:
        edges = run.world.edges
        edges.latencies = {edge: seconds / 10 for edge, seconds in edges.latencies.items()}
        for mapper in () if windows else run.world.mappings.by_function.values():
            source: Any = mapper.source
            mapper.source = replace(source, window=0)
        run.begin()
        scene = run.workload.scene
        numbers = {partner: open_case(scene, partner) for partner in range(1, partners + 1)}
        run.world.run(120.0)
        run.world.run_until_quiet(24 * 3_600.0)
        cases = [scene.record("c", partner, number) for partner, number in numbers.items()]
        assert all(cases)
        yield run, Site(run), [(ISSUES, str(one["id"])) for one in cases if one]


def change_case(run: Run, row: Row, number: int) -> None:
    """Change the text of a case in Trading Grid, which sends its webhook."""
    scene = run.workload.scene
    current = scene.hub.get("cases", row[1])
    assert current is not None
    mark = next_mark("c", current)
    scene.change("c", current, {"nextStep": f"{mark} step {number}"}, mark)


def play(partners: int) -> Result:
    """Play some isolated changes, then a burst of changes of each partner's case at once."""
    with quiet_world(partners, windows=partners > 1) as (run, site, rows):
        single = median(_time_single(run, site, rows[0], number) for number in range(SINGLES))
        site.writes.clear()
        before = site.calls
        for number in range(CHANGES):
            for row in rows:
                change_case(run, row, number)
            last = run.world.scheduler.now
            run.world.run(SECONDS / (CHANGES - 1))
        run.world.run_until_quiet(24 * 3_600.0)
        return Result(
            issue=max(len(site.writes[row]) for row in rows),
            status=max(len(at) for row, at in site.writes.items() if row[0] == STATUS),
            calls=site.calls - before,
            latest=max(site.writes[row][-1] - last for row in rows),
            single=single,
            behind=sum(not _shows(run, row, CHANGES - 1) for row in rows),
        )


def _time_single(run: Run, site: Site, row: Row, number: int) -> float:
    """Return the seconds from an isolated change of a case until its issue is written."""
    run.world.run(10.0)
    site.writes.pop(row, None)
    began = run.world.scheduler.now
    change_case(run, row, -number)
    run.world.run_until_quiet(600.0)
    return site.writes[row][0] - began


def _shows(run: Run, row: Row, number: int) -> bool:
    return f"step {number}" in str(run.world.wix.rows(row[0])[row[1]])


def without_pace() -> AbstractContextManager[Any]:
    """Turn the row pace off for a ``with`` block: each change is written as soon as it is read."""
    return patch.object(Publisher, "_paced_rows", lambda *_: {})


def main(options: Sequence[str] = ()) -> None:
    """Print the figures of both parts, or those of the burst in the local cloud."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks bursts")
    parser.add_argument("--cloud", action="store_true", help="play a burst in the local cloud")
    if parser.parse_args(options).cloud:
        cloud_bursts.main(CHANGES, SECONDS)
        return
    for partners in (1, PARTNERS):
        print(f"\n{partners:,} x {CHANGES} changes of a case within {SECONDS} s")
        print(f"{'':18}{'without':>10}{'with pace':>12}{'ratio':>8}")
        with without_pace():
            before = play(partners)
        with nullcontext():
            after = play(partners)
        for name, what in (
            ("issue", "writes, issue"),
            ("status", "writes, status"),
            ("calls", "calls of Wix"),
            ("single", "single, p50 in s"),
            ("latest", "last state in s"),
            ("behind", "rows left behind"),
        ):
            one, two = getattr(before, name), getattr(after, name)
            ratio = f"{two / one:8.2f}" if one else ""
            print(f"{what:18}{one:10.3g}{two:12.3g}{ratio}")
