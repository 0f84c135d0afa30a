"""Packages of npm, installed once per lock file under ``.tools``."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from ops.paths import TOOLS
from ops.waiting import STANDSTILL

UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ENETUNREACH", "ETIMEDOUT")
"""npm's codes if it cannot reach the registry."""

HAS_NPM = bool(shutil.which("node") and shutil.which("npm"))


def install_if_possible(folder: Path) -> Path | None:
    """Install the packages of a lock file. No script of a package runs.

    Args:
        folder: Folder with ``package.json`` and ``package-lock.json``.

    Returns:
        A folder with ``node_modules``, or None if npm's registry cannot be reached.
    """
    lock = (folder / "package-lock.json").read_bytes()
    cache = TOOLS / folder.name
    installed = cache / hashlib.sha256(lock).hexdigest()[:16]
    if installed.exists():
        return installed
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        fresh = Path(scratch) / "packages"
        fresh.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(folder / name, fresh)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(
            command, cwd=fresh, check=False, capture_output=True, text=True, timeout=STANDSTILL
        )
        if done.returncode and any(code in done.stderr for code in UNREACHABLE):
            return None
        assert done.returncode == 0, done.stderr
        try:
            fresh.rename(installed)
        except OSError:
            # Another worker was faster.
            if not installed.exists():
                raise
    return installed


def locked_addresses(folder: Path) -> list[str]:
    """Return the addresses from which the packages of a lock file come."""
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    return [package["resolved"] for name, package in packages.items() if name]
