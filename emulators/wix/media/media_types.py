"""Maps MIME types to Wix's media types, and file names to MIME types. Pure."""

import mimetypes
import re

OCTETS = "application/octet-stream"
MEDIA_TYPES = ("IMAGE", "VIDEO", "AUDIO", "DOCUMENT", "VECTOR", "ARCHIVE", "MODEL3D", "OTHER")
OFFICE = "application/vnd.openxmlformats-officedocument"
MORE = {
    ".docx": f"{OFFICE}.wordprocessingml.document",
    ".xlsx": f"{OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{OFFICE}.presentationml.presentation",
    ".edi": "application/edi-x12",
    ".7z": "application/x-7z-compressed",
    ".rar": "application/vnd.rar",
    ".gz": "application/gzip",
    ".glb": "model/gltf-binary",
}
"""MIME types of extensions that Python does not know.

The machine's own table is ignored, for stable results.
"""
ARCHIVES = frozenset(
    {"application/zip", "application/gzip", "application/x-tar", MORE[".7z"], MORE[".rar"]}
)
DOCUMENTS = frozenset(
    {
        "application/pdf",
        "application/json",
        "application/xml",
        "application/rtf",
        "application/msword",
        "application/edi-x12",
    }
)

MIME = re.compile(r"[a-z0-9.+_-]+/[a-z0-9.+_-]+")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")

_names = mimetypes.MimeTypes()
for _suffix, _mime in MORE.items():
    _names.add_type(_mime, _suffix)


def mime_type(text: str) -> str:
    """Return a MIME type without its parameters, or "" if the text is no MIME type.

    >>> mime_type("text/html; charset=utf-8")
    'text/html'
    """
    bare = text.partition(";")[0].strip().lower()
    return bare if MIME.fullmatch(bare) else ""


def guess_mime_type(name: str) -> str | None:
    """Return the MIME type for the extension of a file name; None if the extension is unknown.

    >>> guess_mime_type("plan.PDF")
    'application/pdf'
    """
    return _names.types_map[True].get(suffix(name, ""))


def suffix(name: str, mime: str) -> str:
    """Return a file's extension with its dot, in lower case.

    The extension comes from the name, else from the MIME type. It is "" if neither has one.
    """
    found = _SUFFIX.fullmatch(name[name.rfind(".") :].lower()) if "." in name else None
    return found[0] if found else _names.guess_extension(mime) or ""


def media_type(mime: str) -> str:
    """Return Wix's media type for a MIME type: one of :data:`MEDIA_TYPES`.

    >>> media_type("application/pdf")
    'DOCUMENT'
    """
    family = mime.partition("/")[0]
    if mime == "image/svg+xml":
        return "VECTOR"
    if family in ("image", "video", "audio"):
        return family.upper()
    if family == "model":
        return "MODEL3D"
    if mime in ARCHIVES:
        return "ARCHIVE"
    return (
        "DOCUMENT"
        if family == "text" or mime in DOCUMENTS or mime.startswith((OFFICE, "application/vnd.ms-"))
        else "OTHER"
    )


def is_name_consistent(mime: str, name: str) -> bool:
    """Return True if a file name's extension fits the MIME type: both have the same Wix media type.

    Unknown extensions, and the MIME type ``application/octet-stream``, fit everything.
    """
    suggested = guess_mime_type(name)
    return suggested is None or mime == OCTETS or media_type(suggested) == media_type(mime)
