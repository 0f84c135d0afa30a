"""Packages of PyPI that a test runs in an environment of their own, installed once per lock file
under ``.tools``.
"""

import hashlib
import subprocess
from pathlib import Path

import pytest

from ops.paths import ROOT, TOOLS
from ops.waiting import STANDSTILL

UNREACHABLE = ("Failed to fetch", "error sending request", "dns error", "Could not connect")
"""What uv says if it cannot reach the package index."""


def install_environment(name: str) -> Path:
    """Return the folder of the programs of ``ops/requirements/NAME.txt``.

    Skips the test if the package index cannot be reached.
    """
    locked = ROOT / f"ops/requirements/{name}.txt"
    folder = TOOLS / name / hashlib.sha256(locked.read_bytes()).hexdigest()[:16]
    ready = folder / ".ready"
    if not ready.exists():
        python = str(folder / "bin/python")
        for command in (
            ["venv", "--quiet", "--allow-existing", "--python", "3.13", str(folder)],
            ["pip", "sync", "--quiet", "--python", python, "--require-hashes", str(locked)],
        ):
            done = subprocess.run(
                [str(TOOLS / "bin/uv"), *command],
                check=False,
                capture_output=True,
                text=True,
                timeout=STANDSTILL,
            )
            if done.returncode and any(words in done.stderr for words in UNREACHABLE):
                pytest.skip(f"needs the packages of {name}; the package index cannot be reached")
            assert done.returncode == 0, done.stderr
        ready.touch()
    return folder / "bin"
