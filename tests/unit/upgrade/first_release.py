"""The first release: its template, code and collections, and what it has stored and sent.

``scripts/samples/first_release.py`` made the samples, with that release's own code.
"""

import json
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests/samples/upgrade"
ARCHIVE = SAMPLES / "first-release.tar.xz"


def unpack_release(folder: Path) -> Path:
    """Unpack what the first release deploys into a folder, and return that folder."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@cache
def read_sample(name: str) -> dict[str, Any]:
    """A sample file: ``messages`` (bodies by name) or ``documents`` (texts by key)."""
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return found
