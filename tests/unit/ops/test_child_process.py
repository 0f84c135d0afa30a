"""Nothing that was started may stay behind, however its starter ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops.child_process import run_child_process
from ops.paths import ROOT
from ops.waiting import STANDSTILL, wait_for

FAMILY = "sleep 1000 & echo $! > child; echo $$ > parent; wait"
"""A shell that has a child of its own, as MiniStack has its functions."""

STUBBORN = "trap '' TERM; echo $$ > parent; cp parent child; while :; do sleep 0.1; done"


def pids(folder: Path) -> list[int]:
    """The processes of the family, once both have written their ids."""
    wait_for(
        lambda: all(
            (folder / name).is_file() and (folder / name).read_text().strip()
            for name in ("child", "parent")
        ),
        "both to write their ids",
    )
    return [int((folder / name).read_text()) for name in ("child", "parent")]


def scratch(folder: Path) -> Path:
    """A folder with something in it."""
    (folder / "scratch/tmp").mkdir(parents=True)
    return folder / "scratch"


def is_running(pid: int) -> bool:
    """Return whether the process lives: one that only waits to be reaped does not."""
    state = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return state not in ("", "Z")


def test_run_child_process_when_the_block_ends_has_stopped_the_child_and_its_children(
    tmp_path: Path,
) -> None:
    with run_child_process(
        ["sh", "-c", FAMILY],
        log=tmp_path / "log",
        environment={"PATH": os.defpath},
        directory=tmp_path,
        scratch=scratch(tmp_path),
    ):
        family = pids(tmp_path)
        assert all(is_running(pid) for pid in family)

    assert not any(is_running(pid) for pid in family)
    assert not (tmp_path / "scratch").exists()


def test_run_child_process_when_the_block_raises_has_stopped_them_too(tmp_path: Path) -> None:
    family: list[int] = []

    with (
        pytest.raises(ZeroDivisionError),
        run_child_process(
            ["sh", "-c", FAMILY],
            log=tmp_path / "log",
            environment={"PATH": os.defpath},
            directory=tmp_path,
            scratch=scratch(tmp_path),
        ),
    ):
        family = pids(tmp_path)
        raise ZeroDivisionError

    assert family
    assert not any(is_running(pid) for pid in family)


def test_run_child_process_when_the_starter_is_killed_stops_them_all_the_same(
    tmp_path: Path,
) -> None:
    program = (
        "import os, pathlib, time; from ops.child_process import run_child_process\n"
        "here = pathlib.Path.cwd()\n"
        f"with run_child_process(['sh', '-c', {FAMILY!r}], log=here / 'log',"
        " environment={'PATH': os.defpath}, directory=here, scratch=here / 'scratch'):\n"
        "    time.sleep(1000)"
    )
    scratch(tmp_path)
    starter = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    family = pids(tmp_path)

    starter.send_signal(signal.SIGKILL)
    starter.wait()

    wait_for(lambda: not any(is_running(pid) for pid in family), "the family to end")
    wait_for(lambda: not (tmp_path / "scratch").exists(), "the scratch folder to go")


def test_run_child_process_when_the_child_ignores_sigterm_kills_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = tmp_path / "impatient.py"
    supervisor.write_text(
        (ROOT / "ops/child_process.py").read_text().replace("GRACE = 5.0", "GRACE = 0.1")
    )
    monkeypatch.setattr("ops.child_process.__file__", str(supervisor))

    with run_child_process(
        ["sh", "-c", STUBBORN],
        log=tmp_path / "log",
        environment={"PATH": os.defpath},
        directory=tmp_path,
        scratch=scratch(tmp_path),
    ):
        family = pids(tmp_path)

    assert not any(is_running(pid) for pid in family)


def test_run_child_process_gives_the_child_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")

    with run_child_process(
        ["env"],
        log=tmp_path / "log",
        environment={"PATH": os.defpath, "GIVEN": "this"},
        directory=tmp_path,
        scratch=scratch(tmp_path),
    ) as supervisor:
        assert supervisor.wait(STANDSTILL) == 0

    assert "GIVEN=this" in (tmp_path / "log").read_text()
    assert "ours" not in (tmp_path / "log").read_text()


def test_run_child_process_yields_a_supervisor_that_ends_with_the_childs_exit_code(
    tmp_path: Path,
) -> None:
    with run_child_process(
        ["sh", "-c", "exit 7"],
        log=tmp_path / "log",
        environment={"PATH": os.defpath},
        directory=tmp_path,
        scratch=scratch(tmp_path),
    ) as supervisor:
        assert supervisor.wait(STANDSTILL) == 7
