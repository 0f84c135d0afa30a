"""Packages of npm that a test uses."""

from pathlib import Path

import pytest

from ops.npm_packages import install_if_possible, npm_command

needs_npm = pytest.mark.skipif(
    npm_command() is None,
    reason="needs Node.js with npm, which PyPI does not have for this platform",
)


def install_packages(folder: Path) -> Path:
    """Return a folder with the packages of ``folder/package-lock.json`` in ``node_modules``.

    Skips the test if npm's registry cannot be reached.
    """
    installed = install_if_possible(folder)
    if installed is None:
        pytest.skip(f"needs the packages of {folder.name}; npm's registry cannot be reached")
    return installed
