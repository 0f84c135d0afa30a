"""Kinds of files that can be published, by name ending, with signatures to check them. Pure.

The kinds are those that gridwix accepts from the document library. If the first and last bytes of a
file fit its kind here, the file also passes the checks that gridwix makes later
(``docs/adr/0012``). Tests compare the two sets of checks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

TAIL_BYTES = 66_000
"""Bytes at the end of a file that are kept for the checks. The directory of a ZIP archive ends
within 65,557 bytes.
"""

END_OF_PDF = 1_024
"""Number of last bytes in which a complete PDF has ``%%EOF`` (Adobe's note 18 to PDF 1.7)."""

_FILLING = b"\0\t\n\f\r "
"""Bytes with which some systems pad the end of a file to a whole block."""

_ZIP = rb"PK\x03\x04|PK\x05\x06"
_COMPOUND = rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_OFFICE = re.compile(_COMPOUND)
"""First bytes of a password-protected file of Office 2007 or later."""

_TIFF = rb"II[*+]\0|MM\0[*+]"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: media type, and the signatures of its beginning and end.

    Attributes:
        media_type: Media type of such files.
        begin: Pattern of the first bytes; empty if the kind has no signature.
        end: Bytes that the end of a complete file contains; empty if nothing marks the end.
        end_bytes: Number of last bytes that must contain ``end``.
    """

    media_type: str
    begin: bytes = b""
    end: bytes = b""
    end_bytes: int = TAIL_BYTES

    def begins_with(self, head: bytes) -> bool:
        """Return whether a file with these first bytes can be of this kind."""
        return not self.begin or re.match(self.begin, head, re.DOTALL) is not None

    def ends_with(self, tail: bytes) -> bool:
        """Return whether a file with these last bytes (``TAIL_BYTES``) is complete."""
        return self.end in tail.rstrip(_FILLING)[-self.end_bytes :]


def _office(name: str) -> Kind:
    return Kind(name, _ZIP, b"PK\x05\x06")


KINDS: Mapping[str, Kind] = {
    # ISO 32000-2, 7.5.2; some writers begin with a byte order mark or an empty line.
    "pdf": Kind("application/pdf", rb"(?:\xef\xbb\xbf)?[\0\t\n\f\r ]*%PDF-", b"%%EOF", END_OF_PDF),
    "xlsx": _office(f"{_OFFICE}.spreadsheetml.sheet"),
    "xlsm": _office("application/vnd.ms-excel.sheet.macroEnabled.12"),
    "docx": _office(f"{_OFFICE}.wordprocessingml.document"),
    "pptx": _office(f"{_OFFICE}.presentationml.presentation"),
    "ods": _office(f"{_OPEN}.spreadsheet"),
    "odt": _office(f"{_OPEN}.text"),
    "odp": _office(f"{_OPEN}.presentation"),
    "zip": _office("application/zip"),
    # Workbooks of Excel 2 to 4 have no container.
    "xls": Kind("application/vnd.ms-excel", _COMPOUND + rb"|\x09\0\x04\0|\x09[\x02\x04]\x06\0"),
    "doc": Kind("application/msword", _COMPOUND),
    "ppt": Kind("application/vnd.ms-powerpoint", _COMPOUND),
    "msg": Kind("application/vnd.ms-outlook", _COMPOUND),
    "rtf": Kind("application/rtf", rb"\{\\rtf"),
    "png": Kind("image/png", rb"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
    "jpg": Kind("image/jpeg", rb"\xff\xd8\xff"),
    "jpeg": Kind("image/jpeg", rb"\xff\xd8\xff"),
    "gif": Kind("image/gif", rb"GIF8[79]a"),
    "tif": Kind("image/tiff", _TIFF),
    "tiff": Kind("image/tiff", _TIFF),
    "heic": Kind("image/heic", rb"....ftyp"),
    "webp": Kind("image/webp", rb"RIFF.{4}WEBP"),
    "eml": Kind("message/rfc822"),
    "cer": Kind("application/pkix-cert"),
    "crt": Kind("application/pkix-cert"),
    "pem": Kind("application/x-pem-file"),
    "p7b": Kind("application/x-pkcs7-certificates"),
    "p7c": Kind("application/pkcs7-mime"),
    "p7m": Kind("application/pkcs7-mime"),
    "edi": Kind("text/plain"),
    "x12": Kind("application/edi-x12"),
    "edifact": Kind("application/edifact"),
    "idoc": Kind("text/plain"),
    "xml": Kind("application/xml"),
    "json": Kind("application/json"),
    "csv": Kind("text/csv"),
    "txt": Kind("text/plain"),
}


OFFICE = frozenset({"xlsx", "xlsm", "docx", "pptx"})
"""Kinds of files of Office 2007 or later."""


def ending_of(name: str) -> str:
    """Return a file name's ending in lower case, without the dot; "" if the name has none.

    >>> ending_of("Guide v1.2.PDF"), ending_of("README")
    ('pdf', '')
    """
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""
