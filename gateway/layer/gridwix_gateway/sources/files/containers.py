"""Detects a file's real type from its first bytes: a workbook, a text, or another known type.

The declaration says what a file must be. A file of another type is refused, and the message names
its real type and how to convert it. File names do not help: HTML pages and texts are also called
``.xls``.
"""

from pathlib import Path
from typing import Literal

from gridwix_gateway.sources.files.faults import FileFault

type Container = Literal["zip", "ole", "html", "xml", "json_array", "pdf", "gzip", "text"]

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_CHUNK = 1 << 20
_BOM_UTF8 = b"\xef\xbb\xbf"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def identify_container(path: Path) -> Container:
    """Return the type of a file by its first bytes. Raises FileFault for an empty file."""
    with path.open("rb") as file:
        head = file.read(4_096)
    if not head.strip(b"\x00\r\n\t "):
        raise FileFault("empty", "the file is empty, or is still being written")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(_OLE):
        return "ole"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    start = _readable_start(head)
    if start.startswith(("<!doctype html", "<html", "<table", "<head", "<body", "<meta", "<div")):
        return "html"
    if start.startswith("<?xml"):
        return "html" if "<html" in start or "<table" in start else "xml"
    if start.startswith("[") and start[1:].lstrip().startswith(("{", "]")):
        return "json_array"
    return "text"


def require_workbook(path: Path) -> None:
    """Check that a file is a ZIP archive, as a workbook is.

    Else raise FileFault, which names the file's real type.
    """
    match identify_container(path):
        case "zip":
            return
        case "ole":
            if _contains(path, _ENCRYPTED):
                raise FileFault(
                    "password",
                    "the workbook has a password: save it without one, and send it again",
                )
            raise FileFault(
                "old-excel",
                "it is a workbook of Excel 97 to 2003: save it as Excel Workbook (.xlsx)",
            )
        case "html":
            raise FileFault(
                "html",
                "it is an HTML page with the name of a workbook: open it in Excel and save it as"
                " Excel Workbook (.xlsx)",
            )
        case "xml":
            raise FileFault(
                "xml-spreadsheet",
                "it is an XML file: open it in Excel and save it as Excel Workbook (.xlsx)",
            )
        case other:
            raise FileFault(
                "no-workbook", f"the source expects a workbook (.xlsx), and this is {_noun(other)}"
            )


def require_text(path: Path) -> None:
    """Check that a file is a text. Else raise FileFault, which names the file's real type."""
    kind = identify_container(path)
    if kind == "zip":
        raise FileFault(
            "no-text", "the source expects a text, and this is a workbook or a ZIP archive"
        )
    if kind == "ole":
        raise FileFault(
            "no-text", "the source expects a text, and this is a workbook or an Office file"
        )
    if kind in ("html", "xml", "pdf", "gzip"):
        raise FileFault(
            "html" if kind == "html" else "no-text",
            f"the source expects a text, and this is {_noun(kind)}",
        )


def _noun(kind: Container) -> str:
    return {
        "pdf": "a PDF document",
        "gzip": "a gzip archive",
        "json_array": "a JSON text",
        "html": "an HTML page",
        "xml": "an XML file",
    }.get(kind, "a text")


def _readable_start(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", errors="ignore")
    else:
        text = head.removeprefix(_BOM_UTF8).decode("latin-1")
    return text.lstrip().lower()


def _contains(path: Path, wanted: bytes) -> bool:
    """Return whether a file contains a sequence of bytes, reading it in chunks."""
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(_CHUNK):
            if wanted in tail + chunk:
                return True
            tail = chunk[-len(wanted) :]
    return False
