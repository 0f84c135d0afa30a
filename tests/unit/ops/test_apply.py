"""The commands with ``--plan`` and ``gridwix apply``: exit codes, questions, and documents."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from gridwix.errors import GridwixError
from gridwix.models.reconciliation import GuardReason
from ops import reconcile
from ops.cli import app
from ops.commands import backfill
from ops.commands import reconcile as command
from ops.plans import kinds
from ops.plans.files import PlanError
from ops.plans.models import HAS_CHANGES
from ops.schemas import PLAN_SCHEMA, command_schemas, schema_path
from ops.stack import Stack
from tests.unit.ops.plans import (
    test_backfill_plans,
    test_reconcile_plans,
    test_redrive_plans,
    test_replay_plans,
)
from tests.unit.ops.plans.test_reconcile_plans import Site

letters = test_redrive_plans.stack
archive = test_replay_plans.stack
site = test_reconcile_plans.site

RUNS = ("apply", "backfill", "reconcile", "redrive", "replay", "setup")
"""Commands whose documents are validated here, and those of ``setup`` in its contract test."""

REDRIVE = ("redrive", "status-publisher", "--cause", "upstream_forbidden")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


def use(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setattr(Stack, "read", lambda *_: stack)
    return stack


def gridwix(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})


def document(command: str, result: Result) -> Any:
    """The document that a command printed, which its schema allows."""
    assert command in RUNS
    schema = json.loads(command_schemas()[schema_path(command)])
    found = json.loads(result.stdout)
    Draft202012Validator(schema).validate(found)
    assert schema["additionalProperties"] is False
    return found


def test_plan_is_a_file_of_the_documented_shape_and_changes_nothing(
    letters: Stack, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(letters, monkeypatch)
    test_redrive_plans.die(letters, "e1")

    result = gridwix(*REDRIVE, "--plan", plan)

    schema = json.loads(command_schemas()[PLAN_SCHEMA])
    Draft202012Validator(schema).validate(json.loads(plan.read_text()))
    assert result.exit_code == HAS_CHANGES
    assert "upstream_forbidden, event e1" in result.stdout
    assert f"gridwix apply {plan}" in result.stderr
    assert test_redrive_plans.depths(letters) == (0, 1)


def test_plan_with_nothing_to_do_ends_with_0_and_its_application_too(
    letters: Stack, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(letters, monkeypatch)

    planned = gridwix(*REDRIVE, "--plan", plan)
    applied = gridwix("apply", plan)

    assert (planned.exit_code, applied.exit_code) == (0, 0)
    assert "nothing was done" in applied.stdout
    assert document("apply", gridwix("apply", plan, "--json"))["result"] == "nothing"


def test_apply_asks_unless_it_is_told_not_to(
    letters: Stack, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(letters, monkeypatch)
    test_redrive_plans.die(letters, "e1")
    gridwix(*REDRIVE, "--plan", plan)

    asked = gridwix("apply", plan)
    before = test_redrive_plans.depths(letters)
    applied = gridwix("apply", plan, "--yes")
    again = gridwix("apply", plan)

    assert asked.exit_code == 2
    assert "Move 1 dead letter of status_publisher back to its queue, in stack gridwix?" in (
        asked.stderr
    )
    assert (before, test_redrive_plans.depths(letters)) == ((0, 1), (1, 0))
    assert (applied.exit_code, "1 of 1 changes are made" in applied.stdout) == (0, True)
    assert (again.exit_code, "was carried out at" in again.stdout) == (0, True)


def test_apply_that_is_stopped_ends_with_1_and_names_the_differences(
    letters: Stack, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(letters, monkeypatch)
    test_redrive_plans.die(letters, "e1")
    gridwix(*REDRIVE, "--plan", plan)
    test_redrive_plans.die(letters, "e2")

    result = gridwix("apply", plan, "--yes", "--json")
    told = gridwix("apply", plan, "--yes")
    left = gridwix("apply", plan, "--yes", "--leave-new", "--json")

    found, applied = document("apply", result), document("apply", left)
    assert (result.exit_code, found["result"], found["outcome"]["made"]) == (1, "stopped", 0)
    assert len(found["differences"]) == 1
    assert isinstance(told.exception, PlanError)
    assert "--leave-new" in str(told.exception)
    assert (left.exit_code, applied["result"], applied["notPlanned"]) == (0, "applied", 1)


@pytest.mark.parametrize(
    ("identity", "name", "said"),
    [
        ("arn:other", "gridwix", "the plan is for arn:stack, and this is arn:other"),
        ("arn:stack", "prod", "is a plan for stack gridwix, not for prod"),
    ],
)
def test_plan_is_applied_to_no_other_stack(
    letters: Stack,
    plan: Path,
    monkeypatch: pytest.MonkeyPatch,
    identity: str,
    name: str,
    said: str,
) -> None:
    use(letters, monkeypatch)
    test_redrive_plans.die(letters, "e1")
    gridwix(*REDRIVE, "--plan", plan)
    use(replace(letters, id=identity), monkeypatch)

    result = gridwix("apply", plan, "--yes", "--stack", name)

    assert said in str(result.exception)
    assert test_redrive_plans.depths(letters) == (0, 1)


def test_redrive_prints_documents_by_its_schema(
    letters: Stack, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(letters, monkeypatch)
    test_redrive_plans.die(letters, "e1")
    test_redrive_plans.die(letters, "e2", "row_held")

    dry = document("redrive", gridwix(*REDRIVE, "--dry-run", "--json"))
    planned = document("redrive", gridwix(*REDRIVE, "--plan", plan, "--json"))
    moved = document("redrive", gridwix(*REDRIVE, "--yes", "--json"))

    assert [(one["cause"], one["selected"]) for one in dry["causes"]] == [
        ("row_held", 0),
        ("upstream_forbidden", 1),
    ]
    assert (dry["planFile"], planned["planFile"]) == (None, str(plan))
    assert planned["plan"] == json.loads(plan.read_text())
    assert (moved["result"]["moved"], moved["result"]["left"]) == (1, 1)


def test_replay_prints_documents_by_its_schema(
    archive: Stack, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(archive, monkeypatch)
    test_replay_plans.deliver(archive, "e1")
    times = [
        f"--{name}={time:%Y-%m-%dT%H:%M:%S}"
        for name, time in (("since", test_replay_plans.SINCE), ("until", test_replay_plans.UNTIL))
    ]

    planned = gridwix("replay", *times, "--plan", plan, "--json")
    started = gridwix("replay", *times, "--timeout", "0", "--yes", "--json")

    assert planned.exit_code == HAS_CHANGES
    assert [one["event"] for one in document("replay", planned)["plan"]["changes"]] == ["e1"]
    assert document("replay", started)["replay"]["name"].startswith("gridwix-")


def test_reconcile_dry_run_shows_the_fields_and_ends_with_3(
    site: Site, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(site.stack, monkeypatch)
    site.world.edit("GC0001", headline="Edited by hand")
    only = ("--collection", "PartnerStatus")

    drifted = gridwix("reconcile", "--dry-run", *only)
    planned = gridwix("reconcile", "--plan", plan, "--json", *only)
    applied = gridwix("apply", plan, "--yes")
    right = gridwix("reconcile", "--dry-run", *only)
    repaired = gridwix("reconcile", "--yes", "--json", *only)

    assert (drifted.exit_code, planned.exit_code) == (HAS_CHANGES, HAS_CHANGES)
    assert "publish PartnerStatus/GC0001: headline differs" in drifted.stdout
    assert "PartnerStatus: rows by field that differs: headline 1" in drifted.stdout
    assert document("reconcile", planned)["plan"]["changes"][0]["fields"] == ["headline"]
    assert (applied.exit_code, right.exit_code) == (0, 0), applied.exception
    assert site.world.written() == ["GC0001"]
    assert document("reconcile", repaired)["collections"][0]["equal"] == 12


def test_reconcile_that_the_guard_stops_names_the_next_step(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(site.stack, monkeypatch)
    for key in site.world.partner_ids()[:8]:
        site.world.grid.forget(f"partners/{key}")

    for option in ("--dry-run", "--yes"):
        result = gridwix("reconcile", option, "--collection", "PartnerStatus")

        assert result.exit_code == 1
        assert "PartnerStatus: too_many" in result.stderr
        assert "--accept-shrink --plan plan.json" in result.stderr
    said = document(
        "reconcile", gridwix("reconcile", "--dry-run", "--json", "--collection", "PartnerStatus")
    )
    assert said["collections"][0]["nextStep"].startswith("PartnerStatus: too_many")


@pytest.mark.parametrize(
    ("reason", "stopped"),
    [
        (GuardReason.SHRUNK, "stopped the removals."),
        (GuardReason.TOO_MANY, "stopped the removals."),
        (GuardReason.FILES_LOST, "stopped the copies of lost files."),
    ],
)
def test_reconcile_that_the_guard_stops_says_what_was_stopped(
    site: Site, monkeypatch: pytest.MonkeyPatch, reason: GuardReason, stopped: str
) -> None:
    use(site.stack, monkeypatch)
    reports = reconcile.wait_for_reports
    monkeypatch.setattr(
        command,
        "wait_for_reports",
        lambda *given, **named: (
            one.model_copy(update={"guard": reason}) for one in reports(*given, **named)
        ),
    )

    result = gridwix("reconcile", "--yes", "--collection", "PartnerStatus")

    assert result.exit_code == 1
    assert f"The mass-delete guard {stopped} PartnerStatus: {reason}" in result.stderr


@pytest.fixture
def grid(monkeypatch: pytest.MonkeyPatch) -> test_backfill_plans.World:
    """Trading Grid with one partner and two cases, for the commands."""
    world = test_backfill_plans.World()
    world.lists.put("cases/c1", test_backfill_plans.ONE)
    world.lists.put("cases/c2", test_backfill_plans.OTHER)
    use(Stack("gridwix", {}, SimpleNamespace(), id="arn:stack"), monkeypatch)  # type: ignore[arg-type]

    @contextlib.contextmanager
    def connected(_: object) -> Iterator[None]:
        yield None

    for module in (backfill, kinds):
        monkeypatch.setattr(module, "connect", connected)
        monkeypatch.setattr(module, "new_backfill_plans", lambda *_: world.plans())
    return world


@pytest.mark.parametrize(
    ("options", "requested"),
    [
        (["--partner", "GC1"], ["partners/GC1"]),
        (["--collection", "OpenIssues"], ["cases/c1", "cases/c2"]),
        (["--collection", "OpenIssues", "--partner", "GC1", "--since", "2026-11-01"], []),
    ],
)
def test_backfill_asks_and_requests_the_selection(
    grid: test_backfill_plans.World, options: Sequence[str], requested: Sequence[str]
) -> None:
    grid.lists.records = [
        one for one in grid.lists.records if requested or one.record != "cases/c1"
    ]

    asked = gridwix("backfill", *options)
    nothing = grid.requested()
    done = gridwix("backfill", *options, "--yes", "--json")

    assert asked.exit_code == (2 if requested else 0), asked.exception
    assert (nothing, grid.requested()) == ([], list(requested))
    found = document("backfill", done)
    assert (found["outcome"] or {"made": 0})["made"] == len(requested)


def test_backfill_plan_is_applied(grid: test_backfill_plans.World, plan: Path) -> None:
    planned = gridwix("backfill", "--collection", "OpenIssues", "--plan", plan)
    before = grid.requested()
    applied = gridwix("apply", plan, "--yes")

    assert (planned.exit_code, applied.exit_code) == (HAS_CHANGES, 0), applied.exception
    assert (before, grid.requested()) == ([], ["cases/c1", "cases/c2"])


@pytest.mark.parametrize("options", [[], ["--collection", "Members"]])
def test_backfill_of_nothing_or_of_another_collection_is_refused(
    grid: test_backfill_plans.World, options: Sequence[str]
) -> None:
    result = gridwix("backfill", *options, "--yes")

    assert isinstance(result.exception, Exception)
    assert not isinstance(result.exception, GridwixError)
    assert grid.requested() == []


def test_advice_of_the_guard_is_there_for_every_reason() -> None:
    assert set(reconcile.GUARD_ADVICE) == set(GuardReason)
