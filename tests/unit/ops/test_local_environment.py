"""Waits of the local environment: until nothing is underway, as long as something moves."""

import contextlib
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ops import local_environment, waiting
from ops.errors import BundleError
from ops.local_environment import LOOK, QUIET, LocalEnvironment
from ops.queues import Depth
from ops.stack import QueuePair
from ops.waiting import STANDSTILL, Standstill
from tests.unit.template.rules import load

VISIBILITY = 365


class Machine:
    """An environment whose time passes while it sleeps.

    ``waiting`` and ``in_flight`` are what its queue holds, ``calls`` what Trading Grid has to send.
    """

    def __init__(self) -> None:
        self.now = 1_000.0
        self.waiting = self.in_flight = self.calls = self.repeats = 0
        self.asked: list[str] = []
        self.steps: Iterator[tuple[float, dict[str, int]]] = iter(())
        self.step: tuple[float, dict[str, int]] | None = None

    def script(self, *steps: tuple[float, dict[str, int]]) -> None:
        """Schedule changes of the environment, each after so many seconds from now."""
        self.steps = iter([(self.now + seconds, change) for seconds, change in steps])
        self.step = next(self.steps, None)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        while self.step is not None and self.step[0] <= self.now:
            vars(self).update(self.step[1])
            self.step = next(self.steps, None)

    def monotonic(self) -> float:
        return self.now

    def depth(self, sqs: object, url: str) -> Depth:
        self.asked.append(url)
        if url == "ringer":
            return Depth(0, 0, self.repeats, VISIBILITY)
        return (
            Depth(self.waiting, self.in_flight, 0, VISIBILITY)
            if url == "feed"
            else Depth(0, 0, 0, VISIBILITY)
        )


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(local_environment, "read_depth", made.depth)
    monkeypatch.setattr(local_environment, "time", made)
    monkeypatch.setattr(
        local_environment,
        "wait_for",
        partial(waiting.wait_for, clock=made.monotonic, sleep=made.sleep),
    )
    return made


@pytest.fixture
def local(machine: Machine) -> LocalEnvironment:
    pairs = [
        QueuePair("feed", "feed", "feed-dead"),
        QueuePair("status_publisher", "publisher", "publisher-dead"),
        QueuePair("portal_ringer", "ringer", "ringer-dead"),
    ]
    stack = SimpleNamespace(queues=pairs, aws=SimpleNamespace(sqs=None))
    grid, wix = SimpleNamespace(underway=lambda: machine.calls), SimpleNamespace(underway=lambda: 0)
    nothing = cast("Any", None)
    return LocalEnvironment(
        Path(),
        nothing,
        cast("Any", stack),
        cast("Any", grid),
        cast("Any", wix),
        nothing,
        nothing,
        nothing,
        "",
        "",
    )


def test_idle_when_queues_shrink_then_they_are_waited_for_however_long_it_takes(
    machine: Machine, local: LocalEnvironment
) -> None:
    machine.waiting = 10
    machine.script(*((number * 200.0, {"waiting": 10 - number}) for number in range(1, 11)))

    local.wait_until_idle()

    assert machine.now >= 1_000 + 10 * 200 + QUIET - LOOK


def test_idle_when_a_webhook_is_yet_to_be_sent_then_it_is_waited_for_and_for_what_follows_from_it(
    machine: Machine, local: LocalEnvironment
) -> None:
    machine.calls = 1
    machine.script(
        (30, {"calls": 0, "waiting": 1}),
        (60, {"waiting": 0, "in_flight": 1}),
        (90, {"in_flight": 0}),
    )

    local.wait_until_idle()

    assert machine.now >= 1_090 + QUIET - LOOK


def test_idle_when_a_queue_is_busy_then_it_alone_is_asked_until_it_is_empty(
    machine: Machine, local: LocalEnvironment
) -> None:
    machine.in_flight = 1
    machine.script((2, {"in_flight": 0}))

    local.wait_until_idle(0)

    assert set(machine.asked[:-2]) == {"feed"}
    assert machine.asked[-2:] == ["publisher", "ringer"]


def test_idle_when_only_repeats_of_rings_are_delayed_then_nobody_waits_for_them(
    machine: Machine, local: LocalEnvironment
) -> None:
    machine.repeats = 3

    local.wait_until_idle(0)

    assert machine.now == 1_000


def test_parameters_of_the_local_stack_are_those_that_the_template_takes() -> None:
    wanted = local_environment.stack_parameters(
        "http://127.0.0.1:1", "GC1", "http://127.0.0.1:2", "site", "instance", 4711
    )
    parameters = load()["Parameters"]

    assert wanted["PortalRingUrl"] == "http://127.0.0.1:4711/_functions/gridwixRing"
    for name, value in wanted.items():
        assert re.fullmatch(parameters[name].get("AllowedPattern", ".*"), value), name


def test_idle_when_one_look_is_enough_then_nobody_sleeps(
    machine: Machine, local: LocalEnvironment
) -> None:
    local.wait_until_idle(0)
    assert machine.now == 1_000

    machine.in_flight = 1
    machine.script((5, {"in_flight": 0}))
    local.wait_until_idle(0)
    assert 1_005 <= machine.now < 1_005 + QUIET


def test_idle_when_a_queue_stands_still_then_that_is_told_with_what_it_holds(
    machine: Machine, local: LocalEnvironment
) -> None:
    machine.waiting = 7

    with pytest.raises(
        Standstill,
        match=(
            r"waited for the queues to be empty, .* seen: feed: 7 waiting,"
            r" 0 in flight, 0 delayed"
        ),
    ):
        local.wait_until_idle()

    assert machine.now < 1_000 + STANDSTILL + 10


def test_wait_when_a_function_was_ended_then_its_message_has_the_time_to_come_again(
    machine: Machine, local: LocalEnvironment
) -> None:
    machine.in_flight = 1
    machine.script(
        (VISIBILITY, {"in_flight": 0, "waiting": 1}),
        (VISIBILITY + 60, {"in_flight": 1, "waiting": 0}),
        (VISIBILITY + 65, {"in_flight": 0}),
    )

    local.wait_for(lambda: not machine.in_flight and not machine.waiting, "the row")

    assert machine.now >= 1_000 + VISIBILITY + 65


def test_wait_when_it_never_happens_then_it_ends_although_messages_go_to_and_fro(
    machine: Machine, local: LocalEnvironment
) -> None:
    machine.script(*((number * 30.0, {"waiting": number % 2}) for number in range(1, 1_000)))

    with pytest.raises(Standstill, match=r"waited for the row, .* seen: empty queues: see"):
        local.wait_for(lambda: False, "the row")

    assert machine.now < 1_000 + 2 * STANDSTILL


def test_start_when_the_build_fails_then_parts_that_are_still_starting_are_stopped_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failed, parts = threading.Event(), []

    @contextlib.contextmanager
    def starts_late(*arguments: object, **options: object) -> Iterator[str]:
        failed.wait()
        parts.append("started")
        try:
            yield "http://127.0.0.1:1"
        finally:
            parts.append("stopped")

    def build(log: Path) -> Path:
        threading.Timer(0.05, failed.set).start()
        raise BundleError("sam build failed", "see its log")

    for name in ("local_cloud", "_run_emulator"):
        monkeypatch.setattr(local_environment, name, starts_late)
    monkeypatch.setattr(local_environment, "build_bundle", build)

    with (
        pytest.raises(BundleError, match="sam build failed"),
        local_environment.start_local_environment(tmp_path, lambda _: contextlib.nullcontext()),
    ):
        pytest.fail("it came up")

    assert (parts.count("started"), parts.count("stopped")) == (3, 3)
