"""Folders of runs: the last ones are kept, and none is taken from a run that goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops import paths
from ops.paths import RUNS_KEPT, new_run


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "STATE", tmp_path / "state")
    return tmp_path / "state"


def old_runs(state: Path, count: int = 2 * RUNS_KEPT) -> None:
    """Runs of long ago, the first one the oldest."""
    for number in range(count):
        run = state / f"old-{number:02}"
        run.mkdir(parents=True)
        os.utime(run, (number, number))


def test_new_run_when_there_are_many_then_the_last_ones_are_kept(state: Path) -> None:
    old_runs(state)

    run = new_run("tests")

    assert run.is_dir()
    assert {path.name for path in state.iterdir()} == {
        run.name,
        *(f"old-{number:02}" for number in range(RUNS_KEPT + 1, 2 * RUNS_KEPT)),
    }


def test_new_run_when_an_old_one_still_goes_on_then_it_is_left_alone(state: Path) -> None:
    program = (
        "from pathlib import Path; from ops import paths;"
        f" paths.STATE = Path({str(state)!r});"
        " print(paths.new_run('demo'), flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=paths.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        going_on = Path(demo.stdout.readline().strip())
        old_runs(state)
        os.utime(going_on, (0, 0))

        new_run("tests")

        assert going_on.is_dir()
        demo.communicate("\n")

    new_run("more")

    assert not going_on.exists()


def test_new_run_when_another_process_removes_a_run_meanwhile_then_that_is_no_fault(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_runs(state, 3)
    monkeypatch.setattr(Path, "is_dir", lambda _: True)
    monkeypatch.setattr(
        Path,
        "iterdir",
        lambda self: iter([self / "gone", *(self / f"old-{number:02}" for number in range(3))]),
    )

    assert new_run("tests").exists()
