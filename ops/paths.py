"""Where things lie in the checkout. The command works from a checkout only: it builds and deploys what stands there."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".tools"
STATE = ROOT / ".state"
BUILDS = ROOT / ".aws-sam"
RUNS_KEPT = 10


def new_run(name: str) -> Path:
    """A folder for the logs and the state of one run of the local cloud. Only the last ``RUNS_KEPT`` runs are kept."""
    STATE.mkdir(exist_ok=True)
    for old in sorted((run for run in STATE.iterdir() if run.is_dir()), key=lambda run: run.stat().st_mtime)[: 1 - RUNS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    run = STATE / f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    run.mkdir()
    return run


def shown(path: Path) -> str:
    """The path as a person in the checkout would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
