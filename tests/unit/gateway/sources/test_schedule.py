"""Due sources run one after another, and one that fails stops no other."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gridwix_gateway.problems import Problem
from gridwix_gateway.sources.credentials import Secrets
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import Timing
from gridwix_gateway.sources.runs import RunReport, SourceRun
from gridwix_gateway.sources.schedule import Source, report_entry, run_due_sources
from tests.fakes.gateway.source_runs import SECRETS, World, simple_source


@dataclass
class FakeSource(Source):
    """A source that takes some time, or raises."""

    name: str = "a"
    digest: str = "d"
    every: timedelta = timedelta(minutes=5)
    seconds: float = 1.0
    error: BaseException | None = None
    world: World | None = None
    runs: list[str] = field(default_factory=list)

    def read_source(
        self, run: SourceRun, secrets: Secrets, timing: Timing, deadline: float
    ) -> RunReport:
        self.runs.append(self.name)
        timing.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        run.end_run(run.state)
        return run.make_report("complete", 1)


def make_world() -> World:
    return World(lambda _: httpx.Response(500))


def run_sources(
    world: World, *sources: FakeSource, seconds: float = 300.0
) -> list[tuple[str, str, int]]:
    emitted: list[tuple[str, str, int]] = []
    run_due_sources(
        sources,
        world.commits,
        world.table,
        secrets=lambda name: SECRETS[name],
        timing=world.clock.timing,
        deadline=world.clock.seconds + seconds,
        emit=lambda report, faults: emitted.append((report.source, report.fault, faults)),
    )
    return emitted


def test_sources_when_one_crashes_then_the_others_run_and_no_message_is_repeated() -> None:
    world = make_world()
    broken = FakeSource("a", error=RuntimeError("a customer's name"))

    emitted = run_sources(world, broken, FakeSource("b"))

    assert emitted == [("a", "crashed", 1), ("b", "", 0)]


def test_crash_when_reported_then_its_place_is_named_and_not_its_message() -> None:
    world = make_world()
    reports = run_due_sources(
        [FakeSource("a", error=RuntimeError("a customer's name"))],
        world.commits,
        world.table,
        secrets=lambda name: SECRETS[name],
        timing=world.clock.timing,
        deadline=world.clock.seconds + 300,
        emit=lambda *_: None,
    )

    entry = str(report_entry(reports[0]))
    assert "RuntimeError in test_schedule.py:" in entry
    assert "customer" not in entry


def test_sources_when_they_fail_again_then_the_runs_in_a_row_are_counted() -> None:
    world = make_world()
    broken = FakeSource("a", error=ValueError())
    counts = []
    for _ in range(3):
        counts += [faults for _, _, faults in run_sources(world, broken)]
        world.clock.advance(minutes=5)

    assert counts == [1, 2, 3]


def test_sources_when_the_time_is_short_then_the_longest_waiting_one_is_first() -> None:
    world = make_world()
    sources = [FakeSource("a", seconds=100), FakeSource("b", seconds=100)]

    first = run_sources(world, *sources, seconds=120)
    world.clock.advance(minutes=5)
    second = run_sources(world, *sources, seconds=120)

    assert [name for name, _, _ in (*first, *second)] == ["a", "b"]


def test_sources_when_none_is_due_then_nothing_runs() -> None:
    world = make_world()
    source = FakeSource("a")
    run_sources(world, source)

    assert run_sources(world, source) == []
    world.clock.advance(minutes=5)
    assert len(run_sources(world, source)) == 1


def test_sources_when_the_table_takes_no_commits_then_the_invocation_fails() -> None:
    world = make_world()

    with pytest.raises(Problem):
        run_sources(world, FakeSource("a", error=Problem("unavailable", "busy")))


@pytest.mark.parametrize("members", [{}, {"token": ""}, {"token": "a\r\nX: b"}, {"token": 7}])
def test_secret_when_a_member_is_missing_or_no_header_text_then_the_run_stops(
    members: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SECRETS, "api", members)
    world = make_world()

    assert world.run_source(simple_source()).fault == "secret"


def test_fault_when_it_has_a_code_then_it_has_a_fix() -> None:
    assert SourceFault("order", "x").fix
