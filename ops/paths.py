"""Paths in the checkout of this repository.

The command ``gridwix`` works only in a checkout, because it builds and deploys from there.
"""

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
GATEWAY = "gateway"
"""Folder of ``config/`` with the community gateway's declarations."""
RUNS_KEPT = 10
"""Number of run folders to keep."""
LOCK = "in-use"
"""Name of a run's lock file, which its process holds."""

_own_locks: list[IO[str]] = []


def new_run(name: str) -> Path:
    """Create the folder for logs and state of one local run, locked by this process until it ends.

    Folders of older runs are removed, except for the last ``RUNS_KEPT`` and those in use. Safe to
    call from several processes at once.
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
    # The reference keeps the file open, and so the lock, until the process ends.
    _own_locks.append(lock)
    return run


def _changed_at(run: Path) -> float:
    try:
        return run.stat().st_mtime
    except FileNotFoundError:
        # Another process has removed it.
        return 0.0


def _is_in_use(run: Path) -> bool:
    """Return True if the process that created the run's folder is alive."""
    try:
        with (run / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def display_path(path: Path) -> str:
    """Return a path relative to the checkout, or absolute outside of it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
