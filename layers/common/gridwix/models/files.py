"""Models of files that are copied between Trading Grid and Wix: media types, faults, states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    # Office: OOXML, OpenDocument, and the formats before both.
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "xls": "application/vnd.ms-excel",
    "doc": "application/msword",
    "ppt": "application/vnd.ms-powerpoint",
    "rtf": "application/rtf",
    # Pictures and scans.
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "heic": "image/heic",
    "webp": "image/webp",
    # Mail.
    "msg": "application/vnd.ms-outlook",
    "eml": "message/rfc822",
    # Certificates for AS2, and files that are signed or encrypted with them.
    "cer": "application/pkix-cert",
    "crt": "application/pkix-cert",
    "pem": "application/x-pem-file",
    "p7b": "application/x-pkcs7-certificates",
    "p7c": "application/pkcs7-mime",
    "p7m": "application/pkcs7-mime",
    # EDI and other texts.
    "edi": "text/plain",
    "x12": "application/edi-x12",
    "edifact": "application/edifact",
    "idoc": "text/plain",
    "xml": "application/xml",
    "json": "application/json",
    "csv": "text/csv",
    "txt": "text/plain",
    "zip": "application/zip",
}
"""Media types by file name extension, for the kinds of files with content that gridwix can check.
``types`` in ``config/`` may name only these.
"""

MACRO_KINDS = frozenset({"xlsm"})
"""Kinds that exist for their macros: ``types`` can name them only beside ``macros: true``."""


UPLOAD_LABEL = "gridwix-"
"""Prefix of the labels that the portal's backend gives an upload."""


class FileFault(StrEnum):
    """Reason why a file is not copied between Trading Grid and the portal.

    BLOCKED: requests to the file's address are not allowed. GONE: there is no such file. CHANGED:
    the bytes differ from those announced. FAILED: the portal's media library could not process the
    file. UNREACHABLE: the file's address did not return its bytes, in several attempts. WRONG_TYPE:
    the content is not of the type that the file name claims, or the type is not accepted.

    Faults of the content: DAMAGED: truncated or cannot be opened. PROTECTED: encrypted with a
    password, so its type cannot be checked. MACROS: contains macros, which its file type or the
    configuration does not allow. WEB_PAGE, XML_SPREADSHEET, TEXT_TABLE: HTML, XML Spreadsheet 2003
    or text in columns under the name of an Excel workbook. WEB_DOCUMENT, RICH_TEXT: HTML or RTF
    under the name of a Word document. PRIVATE_KEY: contains a private key.
    """

    BLOCKED = "blocked"
    GONE = "gone"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    CHANGED = "changed"
    INFECTED = "infected"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    DAMAGED = "damaged"
    PROTECTED = "protected"
    MACROS = "macros"
    WEB_PAGE = "web_page"
    XML_SPREADSHEET = "xml_spreadsheet"
    TEXT_TABLE = "text_table"
    WEB_DOCUMENT = "web_document"
    RICH_TEXT = "rich_text"
    PRIVATE_KEY = "private_key"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Digest (``sha256``, hexadecimal) and ``size`` (bytes) of a file's content."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Upload address that Trading Grid has issued for one file.

    ``put_url`` is presigned: time-limited, no credentials needed. ``upload_id`` names the upload in
    later calls.
    """

    upload_id: str
    put_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to create in the portal's media library.

    ``label`` is a search tag: with it, an upload is found again if its response was lost. ``size``
    is in bytes.
    """

    name: str = field(repr=False)
    media_type: str
    size: int
    private: bool
    label: str


class FileState(StrEnum):
    """State of a file in the portal's media library. GONE: there is no such file."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"


LOST_STATES = frozenset({FileState.FAILED, FileState.GONE})
"""States of a lost file, which was usable and can no longer be opened: removed, or in the trash."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file in the portal's media library. ``labels`` are the search tags it got at upload."""

    file_id: str
    state: FileState
    size: int
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UploadPage:
    """One page of the list of files that members of the portal have uploaded.

    ``cursor`` reads the next page; it is None on the last page.
    """

    files: tuple[MediaFile, ...] = ()
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file attached to a form submission: its Wix address, name and size.

    ``size`` is in bytes, None if unknown. ``url`` is "" for a file that was uploaded separately
    from the form; ``file_id`` identifies such a file.
    """

    url: str = field(repr=False)
    name: str = field(repr=False)
    size: int | None
    file_id: str = ""
