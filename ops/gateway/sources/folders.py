"""Finds out how the files of a folder would change the gateway's document library."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gridwix_gateway.sources.documents.contents import (
    ReadContent,
    check_content,
    check_size,
    read_content,
)
from gridwix_gateway.sources.documents.faults import FileRefused
from gridwix_gateway.sources.documents.mapping import DocumentMapping, MappedDocument
from gridwix_gateway.sources.documents.service import Step, is_ignored
from gridwix_gateway.sources.mapping import CellFault
from ops.errors import OpsError

MAX_FILES = 100_000
"""Maximum number of files in a folder."""

PIECE = 1 << 20
"""Maximum number of bytes of a file that are in memory at once."""

type Outcome = Step | Literal["ignored", "refused"]
type Decide = Callable[[MappedDocument, ReadContent], Step]
"""Returns what a file changes. Raises FileRefused."""


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file of a folder of documents, and its effect on the gateway's document library.

    Attributes:
        path: Path of the file below the folder, with ``/`` between the segments.
        file: Path of the file on this machine.
        outcome: Effect on the library (``document`` is a new document, ``version`` a new version,
            ``details`` changed fields), or ``refused`` or ``ignored``.
        document: The document that the path names; None if the path names none.
        faults: Faults for which the file is refused; empty for other outcomes.
    """

    path: str
    file: Path
    outcome: Outcome
    document: MappedDocument | None = None
    faults: Sequence[CellFault] = ()

    @property
    def is_change(self) -> bool:
        """True if the file adds or changes a document of the library."""
        return self.outcome in ("document", "version", "details")


def first_drop(_document: MappedDocument, _content: ReadContent) -> Step:
    """Return the text "document": in an empty library, every file becomes a new document.

    Pass this function to :func:`read_folder` as ``decide``, to preview a folder for a gateway that
    has no documents yet.
    """
    return "document"


def read_folder(folder: Path, mapping: DocumentMapping, decide: Decide) -> Sequence[FolderFile]:
    """Return the effect of each file of a folder on the gateway's document library. Writes nothing.

    Args:
        folder: The folder.
        mapping: Maps the path of a file to a document.
        decide: Returns the effect of a file, by comparison with the gateway's documents.

    Returns:
        An entry with the outcome ``refused`` for each folder that cannot be read, then one entry
        per file in the order of their paths.

    Raises:
        OpsError: There is no such folder, or it has too many files.
    """
    files, unreadable = _walk_folder(folder)
    found = [_read_file(path, file, mapping, decide) for path, file in files]
    return [*(_refused_folder(path, folder, error) for path, error in unreadable), *found]


def _walk_folder(folder: Path) -> tuple[Sequence[tuple[str, Path]], Sequence[tuple[str, OSError]]]:
    """Return all files below a folder by relative path, and unreadable folders with their error."""
    if not folder.is_dir():
        raise OpsError(
            f"there is no folder {folder}",
            "give the folder: a source of documents takes a whole folder",
        )
    files: list[tuple[str, Path]] = []
    errors: list[OSError] = []
    # Path.rglob passes over folders that it cannot read.
    for parent, _, names in os.walk(folder, onerror=errors.append):
        paths = (Path(parent, name) for name in names)
        files += ((one.relative_to(folder).as_posix(), one) for one in paths if one.is_file())
        if len(files) > MAX_FILES:
            raise OpsError(f"{folder} has more than {MAX_FILES:,} files", "take one of its folders")
    places = ((Path(error.filename).relative_to(folder).as_posix(), error) for error in errors)
    unreadable = [(path, error) for path, error in places if not is_ignored(f"{path}/file")]
    return sorted(files), unreadable


def _refused_folder(path: str, folder: Path, error: OSError) -> FolderFile:
    said = f"the folder cannot be read ({type(error).__name__})"
    fault = CellFault("", "", "unreadable", said)
    return FolderFile(path, folder / path, "refused", None, (fault,))


def _read_file(path: str, file: Path, mapping: DocumentMapping, decide: Decide) -> FolderFile:
    if is_ignored(path):
        return FolderFile(path, file, "ignored")
    document: MappedDocument | None = None
    try:
        document = mapping.map_path(path)
        content = _read_content(file)
        check_content(document.ending, content)
        return FolderFile(path, file, decide(document, content), document)
    except FileRefused as refused:
        return FolderFile(path, file, "refused", document, refused.faults)


def _read_content(file: Path) -> ReadContent:
    try:
        size = file.stat().st_size
        check_size(size)
        with file.open("rb") as opened:
            content = read_content(iter(lambda: opened.read(PIECE), b""))
        if content.size != size or file.stat().st_size != size:
            raise FileRefused("growing", "the file is still growing: take it when it is complete")
    except OSError as error:
        raise FileRefused("unreadable", f"it cannot be read ({type(error).__name__})") from None
    return content
