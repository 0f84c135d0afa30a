"""What a file may be called, what it is by its bytes, and what it was uploaded for. Pure."""

import hashlib
import unicodedata
from collections.abc import Mapping

import puremagic
from pathvalidate import sanitize_filename

HEAD_BYTES = 8 * 1024
"""How much of a file is looked at to tell what it is."""

MAX_NAME = 200
"""Characters of a name."""

MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "xls": "application/vnd.ms-excel",
    "doc": "application/msword",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
    "csv": "text/csv",
    "txt": "text/plain",
    "edi": "text/plain",
    "xml": "application/xml",
}
"""The media type of each kind of file that is known here, by the ending of its name."""

TEXTS = frozenset({"csv", "txt", "edi", "xml"})
"""Kinds of which any text may be one."""

SIGNATURES: Mapping[str, frozenset[str]] = {
    "jpg": frozenset({".jpg", ".jpeg", ".jfif"}),
    "jpeg": frozenset({".jpg", ".jpeg", ".jfif"}),
    "xlsx": frozenset({".zip", ".xlsx"}),
    "docx": frozenset({".zip", ".docx"}),
    "xls": frozenset({".xls", ".doc", ".msi", ".ppt"}),
    "doc": frozenset({".doc", ".xls", ".msi", ".ppt"}),
}
"""What the first bytes of a kind may look like, where that is not the kind itself: some formats share a container."""


def kind_of(name: str) -> str:
    """The ending of a file's name, in lower case; "" if it has none."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""


def is_what_it_says(name: str, head: bytes) -> bool:
    """Whether a file's first bytes are of the kind that its name claims. A kind that is not known here is never believed."""
    kind = kind_of(name)
    if kind not in MEDIA_TYPES:
        return False
    if kind in TEXTS:
        return _is_text(head)
    allowed = SIGNATURES.get(kind, frozenset({f".{kind}"}))
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return False
    # The likeliest come first, several of one likelihood where formats share their beginning.
    best = [match for match in found if match.confidence == found[0].confidence] if found else []
    return any(match.extension in allowed for match in best)


def safe_name(name: str) -> str:
    """A name that is one on every system: no path, no control or direction characters, not too long; its script and its ending stay."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in unicodedata.normalize("NFC", last) if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    # The sanitiser cuts what is too long for a file system without regard to the ending, so it is given no long name.
    ending = kind_of(shown)
    if len(shown) > MAX_NAME:
        shown = f"{shown[: MAX_NAME - len(ending) - 1]}.{ending}" if 0 < len(ending) < 20 else shown[:MAX_NAME]
    safe = str(sanitize_filename(shown, platform="universal", max_len=4 * MAX_NAME)).strip(" .")
    return safe or "file"


def mark(*ids: str) -> str:
    """The label of a file that is uploaded to the portal, by the ids of what it is for: ``portal/backend/uploads.js`` makes the same.

    Ids hold no slash, so what is named by two ids never has the mark of what is named by three.
    """
    return f"gridwix-{hashlib.sha256('/'.join(ids).encode()).hexdigest()[:32]}"


def _is_text(head: bytes) -> bool:
    """Whether these are the first bytes of a text, in UTF-8, UTF-16 with a mark, or an eight-bit character set."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 9 or 13 < byte < 27 for byte in head)
