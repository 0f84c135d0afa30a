"""Applying a plan: exactly, once, or not at all, however often it is interrupted."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.plans.application import MOST_NAMED, Outcome, PlanKind, PlanOutdated, apply_plan
from ops.plans.files import PlanError, progress_path, read_progress
from ops.plans.models import BackfillPlan
from tests.unit.ops.plans.samples import plan_of


class Crash(BaseException):
    """The process ended."""


@dataclass
class World(PlanKind[BackfillPlan]):
    """Records that are to be changed, by version; a change takes a record away.

    ``lives`` is the number of changes after which the process ends; None for never.
    """

    due: dict[str, int]
    lives: int | None = None
    made: list[str] = field(default_factory=list)

    def remake(self, plan: BackfillPlan) -> BackfillPlan:
        return plan_of(dict(self.due))

    def carry_out(self, plan: BackfillPlan, pending: Collection[str]) -> Outcome:
        for change in plan.changes:
            if change.name not in pending:
                continue
            if self.lives is not None:
                if self.lives == 0:
                    raise Crash
                self.lives -= 1
            del self.due[change.name]
            self.made.append(change.name)
        return Outcome(len(pending))


DUE = {"cases/c1": 1, "cases/c2": 2, "cases/c3": 3}


def test_plan_that_is_still_true_is_carried_out_and_a_second_time_nothing_is_done(
    tmp_path: Path,
) -> None:
    plan, world = plan_of(DUE), World(dict(DUE))

    first = apply_plan(tmp_path / "p", plan, world)
    world.due = dict(DUE)
    second = apply_plan(tmp_path / "p", plan, world)

    assert (first.outcome.made, first.applied_before) == (3, None)
    assert (second.outcome.made, second.done) == (0, 3)
    assert second.applied_before is not None
    assert world.made == list(DUE)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"cases/c1": 1, "cases/c2": 2}, "cases/c3: Trading Grid no longer lists it"),
        ({**DUE, "cases/c2": 9}, "cases/c2: version was 2, now it is 9"),
        ({**DUE, "cases/c4": 1}, "cases/c4: it is not in the plan"),
    ],
)
def test_plan_of_which_something_changed_changes_nothing_and_says_what(
    tmp_path: Path, now: dict[str, int], said: str
) -> None:
    world = World(dict(now))

    with pytest.raises(PlanOutdated, match="nothing was changed") as stopped:
        apply_plan(tmp_path / "p", plan_of(DUE), world)

    assert stopped.value.differences == (said,)
    assert said in str(stopped.value)
    assert (world.due, world.made) == (now, [])
    assert not progress_path(tmp_path / "p").exists()


def test_message_names_so_many_differences_and_counts_the_others(tmp_path: Path) -> None:
    planned = {f"cases/c{number}": 1 for number in range(MOST_NAMED + 5)}

    with pytest.raises(PlanOutdated, match="and 5 more"):
        apply_plan(tmp_path / "p", plan_of(planned), World({}))


def test_what_is_new_is_left_alone_if_that_is_wanted(tmp_path: Path) -> None:
    world = World({**DUE, "cases/c4": 1})

    done = apply_plan(tmp_path / "p", plan_of(DUE), world, leave_new=True)

    assert (done.outcome.made, done.new, world.due) == (3, 1, {"cases/c4": 1})


def test_progress_that_cannot_be_stored_stops_before_anything_is_changed(tmp_path: Path) -> None:
    world = World(dict(DUE))

    with pytest.raises(PlanError, match="cannot be written"):
        apply_plan(tmp_path / "no" / "p", plan_of(DUE), world)

    assert world.made == []


def test_application_that_left_changes_is_not_finished(tmp_path: Path) -> None:
    class Partial(World):
        def carry_out(self, plan: BackfillPlan, pending: Collection[str]) -> Outcome:
            return Outcome(1, ["cases/c2: it changed"])

    plan = plan_of(DUE)

    apply_plan(tmp_path / "p", plan, Partial(dict(DUE)))

    progress = read_progress(tmp_path / "p", plan)
    assert progress is not None
    assert progress.finished_at is None


@given(lives=st.lists(st.integers(0, 3), max_size=5))
def test_plan_however_often_its_application_is_interrupted_is_carried_out_once(
    lives: list[int],
) -> None:
    with TemporaryDirectory() as folder:
        path, plan, world = Path(folder) / "p", plan_of(DUE), World(dict(DUE))
        for each in lives:
            world.lives = each
            try:
                apply_plan(path, plan, world)
            except Crash:
                continue
        world.lives = None

        apply_plan(path, plan, world)
        again = apply_plan(path, plan, world)

        assert world.made == list(DUE)
        assert again.applied_before is not None


@given(lives=st.integers(0, 2), changed=st.sampled_from(list(DUE)))
def test_interrupted_plan_of_which_a_pending_change_changed_is_stopped(
    lives: int, changed: str
) -> None:
    with TemporaryDirectory() as folder:
        path, plan, world = Path(folder) / "p", plan_of(DUE), World(dict(DUE), lives)
        with pytest.raises(Crash):
            apply_plan(path, plan, world)
        world.lives = None
        made = list(world.made)
        world.due[changed] = 99

        with pytest.raises(PlanOutdated):
            apply_plan(path, plan, world)

        assert world.made == made
