"""Files of plans: what was written is read, and what was edited is refused."""

import json
from pathlib import Path

import pytest

from ops.commands.planning import save_plan
from ops.plans.files import (
    PlanError,
    Progress,
    progress_path,
    read_plan,
    read_progress,
    write_plan,
    write_progress,
)
from tests.unit.ops.plans.samples import MADE, plan_of

PLAN = plan_of({"cases/c1": 1})


def test_written_plan_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"

    write_plan(path, PLAN)

    assert read_plan(path) == PLAN
    assert [one.name for one in tmp_path.iterdir()] == ["plan.json"]


@pytest.mark.parametrize(
    ("member", "value"),
    [("changes", []), ("madeBy", "0.2.0"), ("stack", {"name": "prod", "id": "arn:prod"})],
)
def test_edited_plan_is_refused(tmp_path: Path, member: str, value: object) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, PLAN)
    path.write_text(json.dumps({**json.loads(path.read_text()), member: value}))

    with pytest.raises(PlanError, match="was edited"):
        read_plan(path)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"kind": "reconcile"}', '{"kind": "other", "format": 1}', "\x00"]
)
def test_file_that_is_no_plan_is_refused_with_the_next_step(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)

    with pytest.raises(PlanError, match=r"plan\.json is no plan .* make the plan again"):
        read_plan(path)


def test_plan_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, PLAN)
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))

    with pytest.raises(PlanError, match="format"):
        read_plan(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"none\.json cannot be read \(No such file"):
        read_plan(tmp_path / "none.json")


def test_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"plan\.json cannot be written"):
        write_plan(tmp_path / "no" / "plan.json", PLAN)


def test_progress_is_that_of_the_plan_and_of_no_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    progress = Progress(digest=PLAN.digest, begun_at=MADE)

    before = read_progress(path, PLAN)
    write_progress(path, progress)

    assert before is None
    assert read_progress(path, PLAN) == progress
    assert read_progress(path, plan_of({"cases/c1": 2})) is None


def test_progress_that_cannot_be_read_stops_everything(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    progress_path(path).write_text("{")

    with pytest.raises(PlanError, match="not known what was applied"):
        read_progress(path, PLAN)


def test_plans_of_the_same_changes_at_two_times_have_two_digests() -> None:
    later = plan_of({"cases/c1": 1}, made_at=MADE.replace(hour=10))

    assert later.digest != PLAN.digest
    assert PLAN.compute_digest() == PLAN.digest


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ({"cases/case_1": 4}, "`gridwix apply {path}` does it"),
        ({}, "there is nothing to apply"),
    ],
)
def test_a_plan_without_changes_is_not_said_to_be_applied(
    versions: dict[str, int], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plan.json"

    save_plan(plan_of(versions), path)

    assert capsys.readouterr().err.strip() == f"The plan is in {path}: {told.format(path=path)}"
