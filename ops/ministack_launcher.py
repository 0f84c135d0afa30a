"""Starts MiniStack with one change: the environments of all functions share each unpacked layer.

MiniStack unpacks the layer's thousands of files again for each environment of each function, in
threads of the server, which answers nobody meanwhile. AWS mounts one read-only copy at ``/opt``,
and MiniStack's own executor for Docker shares one copy as well.

MiniStack's interpreter runs this file, so it imports nothing of gridwix.
"""

import hashlib
import inspect
import shutil
import sys
import tempfile
import threading
import zipfile
from importlib import import_module
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self

KNOWN_SPAWN = "c55febf956565c5e"
"""Start of the SHA-256 of the source of MiniStack's ``Worker._spawn`` that this file was written
for.
"""

FILE = 0o444
"""Mode of an unpacked file: as on AWS, a function must not change it."""

_LAYER_ARCHIVE = "layer_*.zip"


class Layers:
    """Each distinct archive of a layer, unpacked once into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def unpacked(self, archive: Path) -> Path:
        """Return the folder with the archive's content. Safe to call from several threads.

        Raises:
            BadZipFile, OSError: It could not be unpacked. Part of it is never returned.
        """
        with archive.open("rb") as content:
            target = self._folder / hashlib.file_digest(content, "sha256").hexdigest()
        with self._lock:
            if not target.is_dir():
                partial = target.with_suffix(".partial")
                shutil.rmtree(partial, ignore_errors=True)
                with zipfile.ZipFile(archive) as opened:
                    # Never outside: extractall() drops roots and "..".
                    opened.extractall(partial)
                for path in partial.rglob("*"):
                    if path.is_file():
                        path.chmod(FILE)
                partial.rename(target)
        return target


class LayerArchive:
    """Has the part of ``ZipFile`` that MiniStack uses to unpack a layer."""

    def __init__(self, archive: Path, layers: Layers) -> None:
        self._archive = archive
        self._layers = layers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A copy for each environment would fill the memory.
        self._archive.unlink()

    def namelist(self) -> list[str]:
        """Return no name: MiniStack checks each one for paths that lead outside, by reading the
        links of all its folders. Extraction excludes such paths anyway.
        """
        return []

    def extractall(self, folder: str) -> None:
        """Replace the empty ``folder`` by a link to the shared copy."""
        shared = self._layers.unpacked(self._archive)
        Path(folder).rmdir()
        Path(folder).symlink_to(shared, target_is_directory=True)


def share_layers(runtime: Any, layers: Layers) -> None:
    """Make MiniStack's module ``lambda_runtime`` link to shared layers. Everything else stays.

    Raises:
        SystemExit: MiniStack starts environments by other code than this change was made for.
    """
    found = hashlib.sha256(inspect.getsource(runtime.Worker._spawn).encode()).hexdigest()
    if not found.startswith(KNOWN_SPAWN):
        raise SystemExit(
            f"MiniStack's Worker._spawn has changed ({found[: len(KNOWN_SPAWN)]}). Read how it"
            f" unpacks layers now, adapt {Path(__file__).name}, and set KNOWN_SPAWN."
        )
    runtime.zipfile = _zipfile_with_shared_layers(layers)


def _zipfile_with_shared_layers(layers: Layers) -> ModuleType:
    """Return a stand-in for the module ``zipfile`` whose ``ZipFile`` shares layers."""

    def open_archive(file: Any, *arguments: Any, **options: Any) -> Any:
        path = Path(file) if isinstance(file, str) else None
        if path is not None and path.match(_LAYER_ARCHIVE):
            return LayerArchive(path, layers)
        return zipfile.ZipFile(file, *arguments, **options)

    stand_in = ModuleType("zipfile")
    vars(stand_in).update(vars(zipfile), ZipFile=open_archive)
    return stand_in


def main() -> None:
    """Run MiniStack in the foreground, with shared layers, until SIGTERM.

    The layers are in ``TMPDIR``, which the caller removes.
    """
    folder = Path(tempfile.mkdtemp(prefix="layers-"))
    share_layers(import_module("ministack.core.lambda_runtime"), Layers(folder))
    sys.exit(import_module("ministack.app").main())


if __name__ == "__main__":
    main()
