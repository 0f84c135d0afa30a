"""The configuration of a running function: taken before a batch, named in its log, and what was
built from an old one is dropped.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, override

import pytest

from gridwix.configuration.in_effect import LOOK_EVERY, ConfigurationInEffect
from gridwix.errors import GridwixError, Throttled
from gridwix.models.configuration_versions import configuration_digest
from gridwix.runtime import configuration as runtime
from gridwix.runtime.configuration import configuration, configuration_version
from gridwix.runtime.environment import once
from gridwix.runtime.observability import logger
from gridwix.runtime.queue_runner import Batch, QueueRunner
from tests.fakes.configuration import KeptVersions, variant, version_of


class World:
    """Published versions, the clock of an execution environment, and its log."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.log = StringIO()
        self.versions = KeptVersions(*(variant(number) for number in range(1, 4)))
        self.used = ConfigurationInEffect(self.versions, lambda: variant(0), lambda: self.now)

    def publish(self, number: int) -> None:
        self.versions.version = version_of(number)
        self.now += LOOK_EVERY

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log lines so far."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    found = World()
    monkeypatch.setenv("CONFIGURATION_TABLE", "configuration")
    monkeypatch.setattr(runtime, "in_effect", lambda: found.used)
    monkeypatch.setattr(logger.registered_handler, "stream", found.log)
    yield found
    logger.remove_keys(["config_version"])


@once
def first_team() -> str:
    """A service that was built from the configuration."""
    return configuration().routing.rules[0].team


class Run(QueueRunner[str, list[str]]):
    """Asks its service before and after ``during``, as a batch that takes long does."""

    def __init__(self, during: Callable[[], None] = lambda: None) -> None:
        super().__init__(None)
        self.during = during
        self.seen: list[str] = []

    @override
    def parse(self, body: str) -> str:
        return body

    @override
    def run(self, batch: Batch[str]) -> list[str]:
        self.seen.append(first_team())
        self.during()
        self.seen += [first_team(), configuration().routing.rules[0].team]
        logger.info("run")
        return []

    @override
    def empty_report(self) -> list[str]:
        return []

    @override
    def failures(self, report: list[str], batch: Batch[str]) -> Mapping[str, GridwixError]:
        return {}

    @override
    def emit_metrics(
        self, report: list[str], batch: Batch[str], failures: Mapping[str, GridwixError]
    ) -> None:
        return None


def run(during: Callable[[], None] = lambda: None) -> list[str]:
    """Return the teams that one batch has seen."""
    runner = Run(during)
    assert runner.process({"Records": []}) == {"batchItemFailures": []}
    return runner.seen


def test_batch_keeps_its_version_and_the_next_one_takes_the_new(world: World) -> None:
    world.publish(1)

    first = run(during=lambda: world.publish(2))
    second = run()

    assert first == ["edi-support"] * 3
    assert second == ["transportation"] * 3


def test_every_line_of_a_batch_names_its_version(world: World) -> None:
    for number in (1, 2):
        world.publish(number)
        run()

    versions = [(line["message"], line["config_version"]) for line in world.lines]
    assert versions == [
        ("configuration_loaded", version_of(1)),
        ("run", version_of(1)),
        ("configuration_loaded", version_of(2)),
        ("run", version_of(2)),
    ]
    assert configuration_version() == version_of(2)


@pytest.mark.parametrize(
    ("spoil", "reason", "team"),
    [
        (
            lambda world: setattr(world.versions, "error", Throttled(system="aws", status=400)),
            "unreadable",
            "edi-support",
        ),
        (
            lambda world: world.versions.contents.update({configuration_digest(b"{"): b"{"}),
            "refused",
            "ap-disputes",
        ),
    ],
    ids=["store fails", "version of another release"],
)
def test_batch_succeeds_without_the_version_in_effect_and_says_why(
    world: World,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[World], None],
    reason: str,
    team: str,
) -> None:
    world.publish(1)
    run()
    spoil(world)
    world.versions.version = configuration_digest(b"{")
    world.now += LOOK_EVERY

    assert run() == [team] * 3

    fault = next(line for line in world.lines if line["message"] == "configuration_not_used")
    assert (fault["level"], fault["reason"]) == ("ERROR", reason)
    emitted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = [line for line in emitted if "ConfigurationFaults" in line]
    assert {line.get("service"): line.get("reason") for line in counted} == {
        "test": reason,
        "gridwix": None,
    }


def test_first_batch_that_needs_the_configuration_may_find_out_while_it_runs(
    world: World,
) -> None:
    world.publish(1)

    assert configuration().routing.rules[0].team == "edi-support"
    assert [line["config_version"] for line in world.lines] == [version_of(1)]


def test_machine_without_a_table_uses_what_is_compiled_and_logs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    monkeypatch.delenv("CONFIGURATION_TABLE", raising=False)
    runtime.in_effect.cache_clear()

    runtime.refresh_configuration()

    assert configuration_version() == version_of(0)
    assert log.getvalue() == ""


def test_form_needs_the_number_formats_of_its_language_in_the_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = configuration()
    key = min(shipped.forms)

    def missing(locale: str) -> str:
        form = shipped.forms[key].model_copy(update={"locale": locale})
        return runtime.form_without_formats(shipped.model_copy(update={"forms": {key: form}}))

    everything = missing("pl-PL")
    (tmp_path / "locale-data").mkdir()
    (tmp_path / "locale-data/de.dat").touch()
    layer = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(runtime, "find_spec", lambda _: layer)

    assert (everything, missing("de-AT"), missing("de")) == ("", "", "")
    assert missing("pl-PL") == f"forms.{key}.locale"
