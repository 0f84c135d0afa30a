"""Office files before 2007, Outlook messages and encrypted OOXML: compound files, also called OLE2 ([MS-CFB]). Pure.

What such a file is stands in the names of the streams at its root. Those of objects that are embedded in it stand deeper and do not count.
"""

from collections.abc import Mapping
from typing import IO

from gridwix.files.bounded import BoundedReader, BoundExceeded
from gridwix.models.files import FileFault

KINDS: Mapping[str, frozenset[str]] = {
    # Excel 97 and later; Excel 5 and 95.
    "xls": frozenset({"workbook", "book"}),
    "doc": frozenset({"worddocument"}),
    "ppt": frozenset({"powerpoint document"}),
    "msg": frozenset({"__properties_version1.0"}),
}
"""Streams of which a file of a kind has one, in lower case ([MS-XLS] 2.1.2, [MS-DOC] 2.1, [MS-PPT] 2.1, [MS-OXMSG] 2.2)."""

MACROS: Mapping[str, str] = {"xls": "_vba_project_cur", "doc": "macros"}
"""The storage of the macros."""

ENCRYPTED = "encryptedpackage"
"""The stream of an OOXML file that is encrypted with a password ([MS-OFFCRYPTO] 2.3.4.4)."""

MAX_READ = 8 * 1024 * 1024
"""Bytes that are read in all: the allocation table of a file of 256 MiB, and a directory of 40,000 entries."""


def compound_fault(kind: str, content: IO[bytes], *, macros: bool) -> FileFault | None:
    """Why a compound file is not of a kind out of :data:`KINDS`, or may not be taken; None if it is and may. For a kind of OOXML it never is."""
    names = _root_names(content)
    if names is None:
        return FileFault.DAMAGED
    if ENCRYPTED in names:
        return FileFault.PROTECTED
    if not names & KINDS.get(kind, frozenset()):
        return FileFault.WRONG_TYPE
    return FileFault.MACROS if MACROS.get(kind) in names and not macros else None


def _root_names(content: IO[bytes]) -> frozenset[str] | None:
    """The names at the root, in lower case; None for a file that cannot be read."""
    # Most functions never see such a file.
    from olefile import OleFileIO

    try:
        with OleFileIO(BoundedReader(content, MAX_READ)) as file:
            return frozenset(entry.name.lower() for entry in file.root.kids)
    # What olefile raises for a file that is cut off, or made to harm: its checks do not cover every number in it.
    except (BoundExceeded, OSError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None
