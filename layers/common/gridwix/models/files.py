"""Files on their way between the two systems."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    # Office: OOXML, OpenDocument, and what there was before both.
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
    # Certificates of AS2 and what is signed or encrypted with them.
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
"""Media types of the kinds of files whose content gridwix can tell, by the ending of the name. ``types`` in ``config/`` names no others."""

MACRO_KINDS = frozenset({"xlsm"})
"""Kinds that exist for their macros: ``types`` can name them only beside ``macros: true``."""


class FileFault(StrEnum):
    """Why a file is not taken over.

    BLOCKED: its address may not be asked. GONE: nothing is there. CHANGED: the bytes are others than were announced. FAILED: the portal's media library could
    do nothing with it. WRONG_TYPE: it is not what its name says, or of a kind that is not taken.

    Those that say more of its content: DAMAGED: it is cut off or cannot be opened. PROTECTED: encrypted with a password, so nobody can tell what it is. MACROS:
    it holds macros, which its kind or the configuration does not allow. WEB_PAGE, XML_SPREADSHEET, TEXT_TABLE: HTML, XML Spreadsheet 2003 or text in columns
    under the name of an Excel workbook. WEB_DOCUMENT, RICH_TEXT: HTML or RTF under the name of a Word document. PRIVATE_KEY: it holds a private key.
    """

    BLOCKED = "blocked"
    GONE = "gone"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    CHANGED = "changed"
    INFECTED = "infected"
    FAILED = "failed"
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
    """A file's digest (``sha256``, in hexadecimal digits) and its ``size`` in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Where Trading Grid takes a file: ``put_url`` is good for a while, and needs no credentials."""

    upload_id: str
    put_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as the portal's media library is to have it. ``label`` finds it again; ``size`` is in bytes."""

    name: str = field(repr=False)
    media_type: str
    size: int
    private: bool
    label: str


class FileState(StrEnum):
    """How a file in the media library stands. GONE: there is none."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"


LOST_STATES = frozenset({FileState.FAILED, FileState.GONE})
"""How a file stands that was usable and no longer can be opened: somebody has removed it, or put it into the trash."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file in the media library. ``labels`` are those that it was given when it came."""

    file_id: str
    state: FileState
    size: int
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that was sent along: where Wix keeps it, its name and its size in bytes (None if Wix did not say). ``url`` is "" for one that
    was not sent with a form but uploaded, and is known by its ``file_id``."""

    url: str = field(repr=False)
    name: str = field(repr=False)
    size: int | None
    file_id: str = ""
