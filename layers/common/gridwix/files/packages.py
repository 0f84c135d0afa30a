"""Office files that are ZIP archives: OOXML (ECMA-376 part 2, Open Packaging Conventions) and OpenDocument (OASIS ODF 1.3 part 2). Pure.

Readers go by the directory at an archive's end, so that is what is looked at; the bytes at its beginning differ from writer to writer.
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
"""The content type of the part that a package is about, in lower case."""

WITH_MACROS: Mapping[str, str] = {
    "xlsx": MAIN_PARTS["xlsm"],
    "docx": "application/vnd.ms-word.document.macroenabled.main+xml",
    "pptx": "application/vnd.ms-powerpoint.presentation.macroenabled.main+xml",
}
"""The same of the kind that may have macros, where a kind may not."""

MEDIA_TYPES: Mapping[str, str] = {
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
"""What the entry ``mimetype`` of an OpenDocument file says."""

KINDS = frozenset(MAIN_PARTS) | frozenset(MEDIA_TYPES)

MAX_READ = 2 * 1024 * 1024
"""Bytes of a package that are read in all, its directory among them: some 25,000 entries."""

MAX_PART = 4 * 1024 * 1024
"""Bytes of an entry, decompressed: the content types of a package with 20,000 parts."""

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
"""What zipfile and expat raise for an archive that is cut off, or made to harm."""


class _Encrypted(Exception):
    """An entry that only a password opens."""


def is_zip(content: IO[bytes]) -> bool:
    """Whether a file ends as a ZIP archive does; what is in it does not matter."""
    try:
        return is_zipfile(BoundedReader(content, MAX_READ))
    except UNREADABLE:
        return False


def package_fault(kind: str, content: IO[bytes], *, macros: bool) -> FileFault | None:
    """Why a ZIP archive is not an Office file of a kind out of :data:`KINDS`, or may not be taken; None if it is and may."""
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


def _open_document_fault(kind: str, archive: ZipFile, entries: Iterable[ZipInfo], *, macros: bool) -> FileFault | None:
    said = _part(archive, entries, "mimetype")
    if said is None or said.strip() != MEDIA_TYPES[kind].encode():
        return FileFault.WRONG_TYPE
    has_macros = any(_ODF_MACRO.fullmatch(entry.filename) for entry in entries)
    return FileFault.MACROS if has_macros and not macros else None


def _ooxml_fault(kind: str, archive: ZipFile, entries: Iterable[ZipInfo], *, macros: bool) -> FileFault | None:
    types, relationships = _part(archive, entries, "[Content_Types].xml"), _part(archive, entries, "_rels/.rels")
    if types is None or relationships is None:
        return FileFault.WRONG_TYPE
    content_types = _ContentTypes(_elements(types))
    main = content_types.of(_main_part(_elements(relationships)))
    if main != MAIN_PARTS[kind]:
        return FileFault.MACROS if main == WITH_MACROS.get(kind) else FileFault.WRONG_TYPE
    if kind in WITH_MACROS:
        return FileFault.MACROS if any(content_types.is_macro(entry.filename) for entry in entries) else None
    return None if macros else FileFault.MACROS


class _ContentTypes:
    """What ``[Content_Types].xml`` says of each part; names and types in lower case, as they are compared without regard to it."""

    def __init__(self, elements: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        self._of_extension: dict[str, str] = {}
        self._of_part: dict[str, str] = {}
        for name, attributes in elements:
            said = attributes.get("ContentType", "").lower()
            if name == "Default":
                self._of_extension[attributes.get("Extension", "").lower()] = said
            elif name == "Override":
                self._of_part[attributes.get("PartName", "").lower()] = said

    def of(self, part: str) -> str:
        """The content type of a part, by its absolute name; "" if it has none."""
        return self._of_part.get(part.lower()) or self._of_extension.get(part.lower().rpartition(".")[2], "")

    def is_macro(self, name: str) -> bool:
        """Whether an entry of the archive holds macros: a VBA project, or a macro sheet of Excel 4."""
        part = _part_name(name)
        return part.endswith("/vbaproject.bin") or any(word in self.of(part) for word in ("vbaproject", "macrosheet"))


def _main_part(elements: Iterable[tuple[str, Mapping[str, str]]]) -> str:
    """The part that the package's relationships name as the document itself; "" if none. ISO 29500 strict uses other namespaces, so only their end counts."""
    targets = (
        attributes.get("Target", "") for name, attributes in elements if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument")
    )
    return next((_part_name(target) for target in targets), "")


def _part_name(name: str) -> str:
    """An absolute name of a part, in lower case. Some writers part folders by backslashes."""
    return posixpath.normpath("/" + name.replace("\\", "/").lstrip("/")).lower()


def _part(archive: ZipFile, entries: Iterable[ZipInfo], name: str) -> bytes | None:
    """An entry, decompressed; None if there is none. Raises one of UNREADABLE if it is there twice, as readers would differ, or too large."""
    found = [entry for entry in entries if _part_name(entry.filename) == _part_name(name)]
    if not found:
        return None
    if len(found) > 1:
        raise BadZipFile(f"several entries {name}")
    if found[0].flag_bits & 1:
        raise _Encrypted
    # The others of zipfile's methods decompress without a limit, and Office knows none of them.
    if found[0].compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise BadZipFile("compressed by an unusual method")
    with archive.open(found[0]) as stream:
        data = stream.read(MAX_PART + 1)
    if len(data) > MAX_PART:
        raise BoundExceeded
    return data


def _elements(data: bytes) -> list[tuple[str, Mapping[str, str]]]:
    """The elements of an XML document, by their local names, with their attributes. Raises ExpatError; also for a document type, which none of these has."""
    found: list[tuple[str, Mapping[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, attributes: found.append((name.rpartition(" ")[2], attributes))
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.ParseFile(io.BytesIO(data))
    return found


def _refuse_document_type(*_: object) -> None:
    raise expat.ExpatError("a document type")
