"""The portal element in a few files, made by esbuild.

A page with its hundred modules takes three times as long to open, and most of that is the browser's
work per request.
"""

import subprocess
from pathlib import Path

from ops.npm_packages import install_if_possible, program_command
from ops.paths import ROOT
from ops.waiting import STANDSTILL

ELEMENT = ROOT / "portal" / "element"
ESBUILD = Path(__file__).parent / "esbuild"
"""Folder with the lock file of esbuild."""

ENTRIES = ("index.js", "texts/index.js")
"""Modules with a state that tests import, too. What two entries share stays one module."""


def esbuild() -> list[str] | None:
    """The command of the program; None without npm or its registry."""
    packages = install_if_possible(ESBUILD)
    return None if packages is None else program_command(packages, "esbuild")


def bundle_element(program: list[str], folder: Path) -> None:
    """Write the entries, and the modules that they share, to a folder."""
    command = [
        *program,
        *(str(ELEMENT / entry) for entry in ENTRIES),
        "--bundle",
        "--splitting",
        "--format=esm",
        "--charset=utf8",
        "--log-level=warning",
        f"--outbase={ELEMENT}",
        f"--outdir={folder}",
    ]
    subprocess.run(command, check=True, timeout=STANDSTILL)
