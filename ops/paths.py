"""Where things lie in the checkout. The command works from a checkout only: it builds and deploys what stands there."""

import fcntl
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".tools"
STATE = ROOT / ".state"
BUILDS = ROOT / ".aws-sam"
RUNS_KEPT = 10
LOCK = "in-use"

_own_locks: list[IO[str]] = []


def new_run(name: str) -> Path:
    """A folder for the logs and the state of one run of the local cloud, this process's until it ends.

    Only the last ``RUNS_KEPT`` runs are kept, and those that are still going on. Safe to call from several processes at once.
    """
    STATE.mkdir(exist_ok=True)
    runs = sorted((_changed_at(run), run) for run in STATE.iterdir() if run.is_dir())
    for _, old in runs[: 1 - RUNS_KEPT]:
        if not _is_in_use(old):
            shutil.rmtree(old, ignore_errors=True)
    run = STATE / f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    run.mkdir()
    lock = (run / LOCK).open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    _own_locks.append(lock)
    return run


def _changed_at(run: Path) -> float:
    try:
        return run.stat().st_mtime
    except FileNotFoundError:
        # Another process has removed it.
        return 0.0


def _is_in_use(run: Path) -> bool:
    """Whether the process lives that has made the run."""
    try:
        with (run / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def display_path(path: Path) -> str:
    """The path as a person in the checkout would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
