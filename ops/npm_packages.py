"""Installs packages of npm, once per lock file, under ``.tools``."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from emulators.portal.node import NodeMissing, find_node
from ops.paths import TOOLS
from ops.waiting import STANDSTILL

UNREACHABLE = (
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENETUNREACH",
    "ETIMEDOUT",
)
"""Error codes of npm if it cannot reach the registry."""

_OPTIONS = (
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    # Where no registry answers, npm would repeat its first request for more than a minute.
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
)


def npm_command() -> list[str] | None:
    """Return the command line of npm: from PyPI's Node.js if that has npm, else from the PATH.

    Return None if there is no npm, or no Node.js that is new enough.
    """
    try:
        node = find_node()
    except NodeMissing:
        return None
    bundled = node.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    if bundled.exists():
        return [str(node), str(bundled)]
    own = shutil.which("npm")
    return [own] if own else None


def program_command(packages: Path, name: str) -> list[str]:
    """Return the command line of a JavaScript program in ``node_modules``.

    Args:
        packages: Folder with ``node_modules``.
        name: Name of the program, as in ``node_modules/.bin``.
    """
    return [str(find_node()), str(packages / "node_modules/.bin" / name)]


def install_if_possible(folder: Path) -> Path | None:
    """Install the packages of a lock file. No script of a package runs.

    Args:
        folder: Folder with ``package.json`` and ``package-lock.json``.

    Returns:
        The folder with ``node_modules``; None if npm is missing or its registry cannot be reached.
    """
    npm = npm_command()
    if npm is None:
        return None
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
        if not _install([*npm, "ci", *_OPTIONS], fresh):
            return None
        try:
            fresh.rename(installed)
        except OSError:
            # Another worker was faster.
            if not installed.exists():
                raise
    return installed


def _install(command: list[str], folder: Path) -> bool:
    """Install packages with npm; return False if npm's registry does not answer."""
    try:
        done = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, text=True, timeout=STANDSTILL
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode and any(code in done.stderr for code in UNREACHABLE):
        return False
    assert done.returncode == 0, done.stderr
    return True


def locked_addresses(folder: Path) -> list[str]:
    """Return the URLs from which a lock file's packages are downloaded."""
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    return [package["resolved"] for name, package in packages.items() if name]
