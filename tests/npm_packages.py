"""Packages of npm that a test uses."""

from pathlib import Path

import pytest

from ops.npm_packages import HAS_NPM, install_if_possible

needs_npm = pytest.mark.skipif(
    not HAS_NPM,
    reason="needs Node.js 20 with npm, which is not installed",
)


def install_packages(folder: Path) -> Path:
    """Return a folder with the packages of ``folder/package-lock.json`` in ``node_modules``.

    Skips the test if npm's registry cannot be reached.
    """
    installed = install_if_possible(folder)
    if installed is None:
        pytest.skip(f"needs the packages of {folder.name}; npm's registry cannot be reached")
    return installed
