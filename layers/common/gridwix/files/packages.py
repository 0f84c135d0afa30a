"""Content checks of Office files that are ZIP archives: OOXML and OpenDocument. Pure.

The standards are ECMA-376 part 2 (Open Packaging Conventions) and OASIS ODF 1.3 part 2.

A program that opens a ZIP archive reads the directory at its end, so this directory is checked. The
bytes at the beginning are not: they depend on the program that wrote the archive.
"""

import io
import lzma
import posixpath
import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import IO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo, is_zipfile

from gridwix.files.bounded import BoundedReader, BoundExceeded
from gridwix.models.files import FileFault

_OFFICE = "application/vnd.openxmlformats-officedocument"

MAIN_PARTS: Mapping[str, str] = {
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet.main+xml",
    "docx": f"{_OFFICE}.wordprocessingml.document.main+xml",
    "pptx": f"{_OFFICE}.presentationml.presentation.main+xml",
    "xlsm": "application/vnd.ms-excel.sheet.macroenabled.main+xml",
}
"""Content type of the main part of a package, in lower case, by kind."""

WITH_MACROS: Mapping[str, str] = {
    "xlsx": MAIN_PARTS["xlsm"],
    "docx": "application/vnd.ms-word.document.macroenabled.main+xml",
    "pptx": "application/vnd.ms-powerpoint.presentation.macroenabled.main+xml",
}
"""Content type of the main part of the macro-enabled variant, by the kind that must not have
macros.
"""

MEDIA_TYPES: Mapping[str, str] = {
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
"""Content of the entry ``mimetype`` of an OpenDocument file, by kind."""

KINDS = frozenset(MAIN_PARTS) | frozenset(MEDIA_TYPES)
"""Kinds of files that this module checks."""

MAX_READ = 2 * 1024 * 1024
"""Maximum number of bytes read of a package in total: enough for a directory of some 25,000
entries.
"""

MAX_PART = 4 * 1024 * 1024
"""Maximum size of an entry in bytes, decompressed: enough for the content types of 20,000 parts."""

_ODF_MACRO = re.compile(r"Basic/[^/]+/(?!script-lb\.xml$)[^/]+\.xml|Scripts/.*[^/]")

UNREADABLE = (
    BadZipFile,
    BoundExceeded,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    ValueError,
    expat.ExpatError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""Exceptions of zipfile and expat for an archive that is truncated or malicious."""


class _Encrypted(Exception):
    """An entry of the archive is encrypted with a password."""


def is_zip(content: IO[bytes]) -> bool:
    """Tell whether a file has the end of a ZIP archive, regardless of its beginning."""
    try:
        return is_zipfile(BoundedReader(content, MAX_READ))
    except UNREADABLE:
        return False


def package_fault(kind: str, content: IO[bytes], *, macros: bool) -> FileFault | None:
    """Return the fault of a ZIP archive, by the Office kind that the file's name claims, or None.

    None means that the archive is valid and allowed.

    Args:
        kind: the kind that the file's name claims, one of :data:`KINDS`.
        content: the whole file, seekable.
        macros: True if macros are allowed in a kind that can have them.
    """
    try:
        with ZipFile(BoundedReader(content, MAX_READ)) as archive:
            entries = archive.infolist()
            if kind in MEDIA_TYPES:
                return _open_document_fault(kind, archive, entries, macros=macros)
            return _ooxml_fault(kind, archive, entries, macros=macros)
    except _Encrypted:
        return FileFault.PROTECTED
    except UNREADABLE:
        return FileFault.DAMAGED


def _open_document_fault(
    kind: str, archive: ZipFile, entries: Iterable[ZipInfo], *, macros: bool
) -> FileFault | None:
    said = _read_part(archive, entries, "mimetype")
    if said is None or said.strip() != MEDIA_TYPES[kind].encode():
        return FileFault.WRONG_TYPE
    has_macros = any(_ODF_MACRO.fullmatch(entry.filename) for entry in entries)
    return FileFault.MACROS if has_macros and not macros else None


def _ooxml_fault(
    kind: str, archive: ZipFile, entries: Iterable[ZipInfo], *, macros: bool
) -> FileFault | None:
    types, relationships = (
        _read_part(archive, entries, "[Content_Types].xml"),
        _read_part(archive, entries, "_rels/.rels"),
    )
    if types is None or relationships is None:
        return FileFault.WRONG_TYPE
    content_types = _ContentTypes(_xml_elements(types))
    main = content_types.type_of(_main_part(_xml_elements(relationships)))
    if main != MAIN_PARTS[kind]:
        return FileFault.MACROS if main == WITH_MACROS.get(kind) else FileFault.WRONG_TYPE
    # A kind without macros may still contain some; a kind with macros needs permission.
    if kind in WITH_MACROS:
        return (
            FileFault.MACROS
            if any(content_types.is_macro(entry.filename) for entry in entries)
            else None
        )
    return None if macros else FileFault.MACROS


class _ContentTypes:
    """Content types of the parts (entries) of an OOXML file, from its ``[Content_Types].xml``.

    Names and types are in lower case, as they are compared without regard to case.
    """

    def __init__(self, elements: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        self._type_by_extension: dict[str, str] = {}
        self._type_by_part: dict[str, str] = {}
        for name, attributes in elements:
            said = attributes.get("ContentType", "").lower()
            if name == "Default":
                self._type_by_extension[attributes.get("Extension", "").lower()] = said
            elif name == "Override":
                self._type_by_part[attributes.get("PartName", "").lower()] = said

    def type_of(self, part: str) -> str:
        """Return the content type of a part, by the part's absolute name; "" if it has none."""
        return self._type_by_part.get(part.lower()) or self._type_by_extension.get(
            part.lower().rpartition(".")[2], ""
        )

    def is_macro(self, name: str) -> bool:
        """Tell whether an entry contains macros: a VBA project, or a macro sheet of Excel 4."""
        part = _part_name(name)
        return part.endswith("/vbaproject.bin") or any(
            word in self.type_of(part) for word in ("vbaproject", "macrosheet")
        )


def _main_part(elements: Iterable[tuple[str, Mapping[str, str]]]) -> str:
    """Return the name of the entry of an OOXML file that is the document itself; "" if none is.

    The relationships of the file, in ``_rels/.rels``, declare this main part. ISO 29500 strict uses
    other namespaces, so only the end of a relationship's type is compared.
    """
    targets = (
        attributes.get("Target", "")
        for name, attributes in elements
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument")
    )
    return next((_part_name(target) for target in targets), "")


def _part_name(name: str) -> str:
    """Normalize the absolute name of an entry (part) of an Office file.

    The result is in lower case, with folders separated by slashes. Some programs separate folders
    by backslashes.
    """
    return posixpath.normpath("/" + name.replace("\\", "/").lstrip("/")).lower()


def _read_part(archive: ZipFile, entries: Iterable[ZipInfo], name: str) -> bytes | None:
    """Decompress an entry of the archive; None if it does not exist.

    Raises _Encrypted for an encrypted entry, and one of UNREADABLE for an entry that is too large,
    is compressed by an unusual method or exists twice: programs differ in which of two entries they
    read.
    """
    found = [entry for entry in entries if _part_name(entry.filename) == _part_name(name)]
    if not found:
        return None
    if len(found) > 1:
        raise BadZipFile(f"several entries {name}")
    if found[0].flag_bits & 1:
        raise _Encrypted
    # zipfile decompresses other methods without a limit, and Office uses none of them.
    if found[0].compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise BadZipFile("compressed by an unusual method")
    with archive.open(found[0]) as stream:
        data = stream.read(MAX_PART + 1)
    if len(data) > MAX_PART:
        raise BoundExceeded
    return data


def _xml_elements(data: bytes) -> list[tuple[str, Mapping[str, str]]]:
    """Return the elements of an XML document in their order: local name and attributes of each.

    Raises ExpatError for malformed XML, and for a document type declaration, which no Office file
    has.
    """
    found: list[tuple[str, Mapping[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, attributes: found.append(
        (name.rpartition(" ")[2], attributes)
    )
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.ParseFile(io.BytesIO(data))
    return found


def _refuse_document_type(*_: object) -> None:
    raise expat.ExpatError("a document type")
