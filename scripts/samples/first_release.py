"""Writes the samples of the first release, for the tests of upgrades.

``.venv/bin/python scripts/samples/first_release.py`` in a clone with the whole history:

1. packs what that release deploys into ``tests/samples/upgrade/first-release.tar.xz``: a test must
   not need the history, which a shallow clone lacks;
2. has that release's own code write its items, messages and documents, against moto
   (``first_release_state.py``).
"""

import io
import lzma
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

COMMIT = "8c970d098ccb4d324b017dc8688157d7b1c08272"
CONTENT = ("template.yaml", "functions", "layers/common", "portal/collections")

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests/samples/upgrade"
ARCHIVE = SAMPLES / "first-release.tar.xz"


def pack_release() -> None:
    """Write the archive: equal bytes whenever it is made."""
    packed = subprocess.run(
        ["git", "archive", "--format=tar", COMMIT, *CONTENT],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
    ARCHIVE.write_bytes(lzma.compress(packed, preset=9 | lzma.PRESET_EXTREME))


def write_state() -> None:
    """Have the release's code write its state."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(lzma.decompress(ARCHIVE.read_bytes()))) as archive:
            archive.extractall(folder, filter="data")
        # Before the checkout's own package of the same name.
        path = {"PYTHONPATH": f"{folder}/layers/common"}
        subprocess.run(
            [sys.executable, Path(__file__).with_name("first_release_state.py"), SAMPLES],
            check=True,
            env={**os.environ, **path, "AWS_DEFAULT_REGION": "eu-west-1"},
        )


if __name__ == "__main__":
    pack_release()
    write_state()
