"""Types of files: MIME types and the kinds of media that Wix derives from them. Pure."""

import mimetypes
import re

OCTETS = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_MORE = {
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".edi": "application/edi-x12",
    ".7z": "application/x-7z-compressed",
    ".rar": "application/vnd.rar",
    ".gz": "application/gzip",
    ".glb": "model/gltf-binary",
}
_ARCHIVES = frozenset(
    {"application/zip", "application/gzip", "application/x-tar", _MORE[".7z"], _MORE[".rar"]}
)
_DOCUMENTS = frozenset(
    {
        "application/pdf",
        "application/json",
        "application/xml",
        "application/rtf",
        "application/msword",
        "application/edi-x12",
    }
)
_MIME = re.compile(r"[a-z0-9.+_-]+/[a-z0-9.+_-]+")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")

# Not the machine's own table, so that results are the same everywhere.
_names = mimetypes.MimeTypes()
for _suffix, _mime in _MORE.items():
    _names.add_type(_mime, _suffix)


def mime_type(text: str) -> str:
    """A MIME type without its parameters; empty for any other text."""
    bare = text.partition(";")[0].strip().lower()
    return bare if _MIME.fullmatch(bare) else ""


def suffix_of(name: str) -> str:
    """A name's extension with its dot, in lower case; empty without one."""
    found = _SUFFIX.fullmatch(name[name.rfind(".") :].lower()) if "." in name else None
    return found[0] if found else ""


def guess_mime_type(name: str) -> str:
    """The MIME type of a name's extension; empty if it is not known."""
    return _names.types_map[True].get(suffix_of(name), "")


def kind_of(mime: str) -> str:
    """The kind of media of a MIME type.

    >>> kind_of("application/pdf"), kind_of("image/png")
    ('DOCUMENT', 'IMAGE')
    """
    family = mime.partition("/")[0]
    if mime == "image/svg+xml":
        return "VECTOR"
    if family in ("image", "video", "audio"):
        return family.upper()
    if family == "model":
        return "MODEL3D"
    if mime in _ARCHIVES:
        return "ARCHIVE"
    office = mime.startswith((_OFFICE, "application/vnd.ms-"))
    return "DOCUMENT" if family == "text" or mime in _DOCUMENTS or office else "OTHER"


def is_consistent(mime: str, name: str) -> bool:
    """True if the name's extension stands for the same kind of media, or for none."""
    suggested = guess_mime_type(name)
    return not suggested or mime == OCTETS or kind_of(suggested) == kind_of(mime)
