"""Which type of media a MIME type stands for, and which MIME type a file's name suggests. Pure."""

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
"""Names that Python does not know by itself. What the machine knows does not count: the answers are the same everywhere."""
ARCHIVES = frozenset({"application/zip", "application/gzip", "application/x-tar", MORE[".7z"], MORE[".rar"]})
DOCUMENTS = frozenset({"application/pdf", "application/json", "application/xml", "application/rtf", "application/msword", "application/edi-x12"})

MIME = re.compile(r"[a-z0-9.+_-]+/[a-z0-9.+_-]+")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")

_names = mimetypes.MimeTypes()
for _suffix, _mime in MORE.items():
    _names.add_type(_mime, _suffix)


def mime_type(text: str) -> str:
    """A MIME type without its parameters. Empty for a text that is none."""
    bare = text.partition(";")[0].strip().lower()
    return bare if MIME.fullmatch(bare) else ""


def guess_mime_type(name: str) -> str | None:
    """What a file's name suggests; None if it suggests nothing."""
    return _names.types_map[True].get(suffix(name, ""))


def suffix(name: str, mime: str) -> str:
    """A file's extension with its dot, in lower case: the name's own, else the one that goes with the MIME type, else none."""
    found = _SUFFIX.fullmatch(name[name.rfind(".") :].lower()) if "." in name else None
    return found[0] if found else _names.guess_extension(mime) or ""


def media_type(mime: str) -> str:
    """One of :data:`MEDIA_TYPES`."""
    family = mime.partition("/")[0]
    if mime == "image/svg+xml":
        return "VECTOR"
    if family in ("image", "video", "audio"):
        return family.upper()
    if family == "model":
        return "MODEL3D"
    if mime in ARCHIVES:
        return "ARCHIVE"
    return "DOCUMENT" if family == "text" or mime in DOCUMENTS or mime.startswith((OFFICE, "application/vnd.ms-")) else "OTHER"


def is_name_consistent(mime: str, name: str) -> bool:
    """Whether a file of that name can be of that type: its extension stands for the same type of media, or for nothing known."""
    suggested = guess_mime_type(name)
    return suggested is None or mime == OCTETS or media_type(suggested) == media_type(mime)
