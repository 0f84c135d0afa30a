"""Content checks of compound files (OLE2, [MS-CFB]), such as those of Office before 2007. Pure.

Outlook messages and encrypted OOXML files are compound files, too.

The names of the streams at the root tell the kind of such a file. The streams of embedded objects
are in deeper storages and do not count.
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
"""Names of streams by kind of file, in lower case: a file of the kind has one of them ([MS-XLS]
2.1.2, [MS-DOC] 2.1, [MS-PPT] 2.1, [MS-OXMSG] 2.2).
"""

MACROS: Mapping[str, str] = {"xls": "_vba_project_cur", "doc": "macros"}
"""Name of the storage that holds macros, by kind of file."""

ENCRYPTED = "encryptedpackage"
"""Stream of an OOXML file that is encrypted with a password ([MS-OFFCRYPTO] 2.3.4.4)."""

MAX_READ = 8 * 1024 * 1024
"""Maximum number of bytes read of one file: enough for the allocation table of a file of 256 MiB,
and for a directory of 40,000 entries.
"""


def compound_fault(kind: str, content: IO[bytes], *, macros: bool) -> FileFault | None:
    """Return the fault of a compound file, by the kind that the file's name claims, or None.

    None means that the file is valid and allowed. A compound file with the name of an OOXML file,
    such as ``prices.xlsx``, always has a fault.

    Args:
        kind: the kind that the file's name claims.
        content: the whole file, seekable.
        macros: True if macros are allowed.
    """
    names = _root_names(content)
    if names is None:
        return FileFault.DAMAGED
    if ENCRYPTED in names:
        return FileFault.PROTECTED
    if not names & KINDS.get(kind, frozenset()):
        return FileFault.WRONG_TYPE
    return FileFault.MACROS if MACROS.get(kind) in names and not macros else None


def _root_names(content: IO[bytes]) -> frozenset[str] | None:
    """Return the lower-case names of streams and storages at the root of a compound file.

    None if the file cannot be read.
    """
    # Imported here, because most functions never see such a file.
    from olefile import OleFileIO

    try:
        with OleFileIO(BoundedReader(content, MAX_READ)) as file:
            return frozenset(entry.name.lower() for entry in file.root.kids)
    # olefile does not check every number in a file, so a truncated or malicious one raises any of
    # these.
    except (
        BoundExceeded,
        OSError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ):
        return None
