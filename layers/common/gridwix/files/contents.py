"""Content check: compares a file's content with the kind that its name claims.

Pure; reads only the file that it is given.

``docs/adr/0012-a-file-is-what-its-content-says.md`` gives the reasons. Names are wrong by accident
(a web page saved as ``.xls``) or on purpose, so a name is trusted only if the content agrees.
Memory is bounded for any input. Of most files, only the first 8 KiB are read; of a container, also
its directory and the one or two small entries that declare its content; of a certificate or a text,
1 MiB at a time.
"""

import re
from collections.abc import Mapping
from typing import IO

from gridwix.files import text_formats
from gridwix.files.certificates import KINDS as CERTIFICATES
from gridwix.files.certificates import certificate_fault, has_private_key
from gridwix.files.compound_files import KINDS as COMPOUND
from gridwix.files.compound_files import compound_fault
from gridwix.files.packages import KINDS as PACKAGES
from gridwix.files.packages import is_zip, package_fault
from gridwix.files.types import file_extension
from gridwix.models.files import MEDIA_TYPES, FileFault

HEAD_BYTES = 8 * 1024
"""Bytes at the beginning of a file that identify most kinds."""

TEXT_BYTES = 1024 * 1024
"""Number of bytes at the beginning of a text that are searched for a private key."""

SIGNATURES: Mapping[str, re.Pattern[bytes]] = {
    kind: re.compile(pattern, re.DOTALL)
    for kind, pattern in {
        # ISO 32000-2, 7.5.2; some writers start with a byte order mark or an empty line, and
        # every reader accepts it.
        "pdf": rb"(?:\xef\xbb\xbf)?[\0\t\n\f\r ]*%PDF-",
        "png": rb"\x89PNG\r\n\x1a\n",
        "jpg": rb"\xff\xd8\xff",
        "jpeg": rb"\xff\xd8\xff",
        "gif": rb"GIF8[79]a",
        # TIFF 6.0, section 2, in both byte orders, and BigTIFF.
        "tif": rb"II[*+]\0|MM\0[*+]",
        "tiff": rb"II[*+]\0|MM\0[*+]",
        "webp": rb"RIFF.{4}WEBP",
        # ISO/IEC 23008-12: the file type box names a brand of HEIF with HEVC, as the major one or
        # among those that are compatible.
        "heic": (
            rb"\0\0\0[\x10-\xff]ftyp(?:.{4}){0,16}?hei[cxms]"
            rb"|\0\0\0[\x10-\xff]ftyp(?:.{4}){0,16}?hev[cxms]"
        ),
        "rtf": rb"\{\\rtf",
        "zip": rb"PK\x03\x04|PK\x05\x06",
    }.items()
}
"""Patterns of the first bytes of a file, for kinds that these identify."""

ZIP, OLE2 = re.compile(rb"PK\x03\x04"), re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
EXCEL, WORD = frozenset({"xlsx", "xlsm", "xls"}), frozenset({"docx", "doc"})
OOXML = frozenset({"xlsx", "xlsm", "docx", "pptx"})

OLD_EXCEL = re.compile(rb"\x09\x00\x04\x00|\x09[\x02\x04]\x06\x00")
"""First record (BOF) of workbooks of Excel 2 to 4, which are no compound files. Some exports still
write them.
"""


def beginning_fault(name: str, head: bytes) -> FileFault | None:
    """Return the fault of a file that its first bytes reveal; None if they match the file's name.

    A file with an unknown extension always has a fault.

    >>> beginning_fault("prices.xls", b"<html><table><tr><td>4711")
    <FileFault.WEB_PAGE: 'web_page'>
    >>> beginning_fault("prices.pdf", b"%PDF-1.7")

    Args:
        name: the file's name; its extension is the claim.
        head: the first :data:`HEAD_BYTES` bytes, or the whole file if it is smaller.
    """
    kind = file_extension(name)
    if kind not in MEDIA_TYPES or not head:
        return FileFault.WRONG_TYPE
    if kind in SIGNATURES:
        return None if SIGNATURES[kind].match(head) else FileFault.WRONG_TYPE
    if kind in PACKAGES or kind in COMPOUND:
        return None if _is_container(kind, head) else _disguise_fault(kind, head)
    # Certificates have no signature bytes: only the whole file tells.
    if kind in CERTIFICATES:
        return None
    return None if text_formats.is_kind(kind, head) else FileFault.WRONG_TYPE


def needs_whole_file(name: str) -> bool:
    """Return True if the whole content is needed to check a file of this name, not just its start.

    :func:`content_fault` checks the whole content, :func:`beginning_fault` the start.

    >>> needs_whole_file("scan.png"), needs_whole_file("prices.xlsx")
    (False, True)
    """
    kind = file_extension(name)
    return kind not in SIGNATURES or kind == "zip"


def content_fault(name: str, content: IO[bytes], *, macros: bool) -> FileFault | None:
    """Return the fault of a file if its content does not match its name or is forbidden, or None.

    Args:
        name: the file's name; its extension is the claim.
        content: the whole file, seekable. Its position afterwards is undefined.
        macros: True if macros are allowed in Office files of a kind that can have them. A kind
            without macros (``xlsx``, ``docx``, ``pptx``) must never have any.
    """
    kind = file_extension(name)
    content.seek(0)
    head = content.read(HEAD_BYTES)
    if fault := beginning_fault(name, head):
        return fault
    if kind in CERTIFICATES:
        return certificate_fault(kind, content)
    if kind == "zip":
        return None if is_zip(content) else FileFault.DAMAGED
    if ZIP.match(head) and kind in PACKAGES:
        return package_fault(kind, content, macros=macros)
    if OLE2.match(head) and (kind in COMPOUND or kind in OOXML):
        return compound_fault(kind, content, macros=macros)
    if kind in text_formats.KINDS:
        if text_formats.has_end_mark(head) and not _has_only_end_marks(content):
            return FileFault.WRONG_TYPE
        content.seek(0)
        return FileFault.PRIVATE_KEY if has_private_key(content.read(TEXT_BYTES)) else None
    return None


def _has_only_end_marks(content: IO[bytes]) -> bool:
    """Return True if the rest of a text file, from its current position, is only padding.

    Padding are the bytes ``END_MARKS``: Ctrl-Z and NUL.
    """
    while piece := content.read(TEXT_BYTES):
        if piece.strip(text_formats.END_MARKS):
            return False
    return True


def _is_container(kind: str, head: bytes) -> bool:
    if kind in COMPOUND:
        return bool(OLE2.match(head)) or (kind == "xls" and bool(OLD_EXCEL.match(head)))
    # Encrypted OOXML is a compound file.
    return bool(ZIP.match(head)) or (kind in OOXML and bool(OLE2.match(head)))


def _disguise_fault(kind: str, head: bytes) -> FileFault:
    """Return the fault of a file that has the name of an Office file, but another format.

    Office programs open such files, so the sender does not notice.
    """
    if kind not in EXCEL | WORD:
        return FileFault.WRONG_TYPE
    if kind in WORD and SIGNATURES["rtf"].match(head):
        return FileFault.RICH_TEXT
    if any(pattern.match(head) for pattern in SIGNATURES.values()):
        return FileFault.WRONG_TYPE
    if text_formats.is_web_page(head):
        return FileFault.WEB_PAGE if kind in EXCEL else FileFault.WEB_DOCUMENT
    if kind in EXCEL and text_formats.is_xml_spreadsheet(head):
        return FileFault.XML_SPREADSHEET
    return (
        FileFault.TEXT_TABLE
        if kind in EXCEL and text_formats.is_table(head)
        else FileFault.WRONG_TYPE
    )
