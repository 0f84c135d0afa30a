"""What is found out about the bytes of a file, and what gridwix would say of them."""

import io
import json
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from importlib.resources import files

import pytest

from gridwix.files.contents import beginning_fault, content_fault
from gridwix.models.files import MEDIA_TYPES
from gridwix_gateway.content.uploads import EICAR
from gridwix_gateway.sources.documents import contents
from gridwix_gateway.sources.documents.contents import (
    MAX_BYTES,
    check_content,
    check_size,
    has_private_key,
    read_content,
)
from gridwix_gateway.sources.documents.faults import FileRefused
from gridwix_gateway.sources.documents.kinds import KINDS
from tests.unit.gateway.sources.documents.samples import pdf

KEY = b"MHcCAQEEIBkg4LVWM9nuwNSk"

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

BEGINNINGS = {
    "pdf": b"%PDF-1.7", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "gif": b"GIF89a",
    "tif": b"II*\0", "bigtiff": b"MM\0+", "webp": b"RIFF....WEBP", "rtf": b"{\\rtf1",
    "zip": b"PK\x03\x04", "empty zip": b"PK\x05\x06", "ole": OLE, "bom": b"\xef\xbb\xbf\n%PDF-1.7",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "excel 4": b"\x09\x04\x06\x00",
    "html": b"<html><table>", "text": b"ISA*00*          *00*", "xml": b"<?xml version='1.0'?><a/>",
    "json": b'{"a": 1}', "mail": b"From: a@example.com\nSubject: b\n\n", "nul": b"\0" * 64,
}  # fmt: skip
"""First bytes of files."""


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.comment = b"c" * 60_000
    return content.getvalue()


def fault(ending: str, content: bytes, piece: int = 1 << 16) -> str:
    """The code of a file's fault; "" if it has none."""
    chunks = (content[place : place + piece] for place in range(0, len(content), piece))
    try:
        check_content(ending, read_content(chunks))
    except FileRefused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize(
    ("ending", "content", "code"),
    [
        ("pdf", pdf(), ""),
        ("pdf", b"\xef\xbb\xbf\n" + pdf(), ""),
        # A block device fills up the last block.
        ("pdf", pdf() + b"\0" * 5_000, ""),
        ("pdf", pdf() + b"<!-- a gateway's words -->" * 30, ""),
        ("pdf", pdf("x" * 100_000)[:-6], "truncated"),
        # The end of the first page of a linearized file is not the end of the file.
        ("pdf", pdf() + b"x" * 2_000, "truncated"),
        ("pdf", b"<html>Please log in</html>", "other-content"),
        ("docx", archive(), ""),
        ("docx", archive()[:-60_023], "truncated"),
        ("xlsx", OLE + b"x" * 100, "password"),
        ("xls", OLE + b"x" * 100, ""),
        ("xlsx", b"<html>", "other-content"),
        ("png", b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82", ""),
        ("png", b"\x89PNG\r\n\x1a\n....", "truncated"),
        ("edi", b"ISA*00*", ""),
        ("txt", EICAR, "infected"),
        ("pem", b"-----BEGIN CERTIFICATE-----\n", ""),
        ("pem", b"-----BEGIN RSA PRIVATE KEY-----\n" + KEY, "private-key"),
        ("txt", b"x" * 200_000 + b"-----BEGIN PRIVATE KEY-----\n" + KEY, "private-key"),
        ("txt", b"-----BEGIN EC PRIVATE KEY-----\n" + KEY * 9_000, "private-key"),
        ("txt", b"", "empty"),
    ],
    # Not the bytes: an archive holds the time at which it was made.
    ids=lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else value or "good",
)
def test_content_that_must_not_be_published_is_found(
    ending: str, content: bytes, code: str
) -> None:
    assert fault(ending, content) == code
    assert fault(ending, content, piece=1_000) == code


@pytest.mark.parametrize(
    ("content", "is_key"),
    [
        (b"Send us no -----BEGIN PRIVATE KEY----- blocks.", False),
        (b"-----BEGIN CERTIFICATE-----\n" + KEY, False),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\r\n" + KEY, True),
        (b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: A\n\n" + KEY, True),
        (b'{"key": "-----BEGIN PRIVATE KEY-----\\n' + KEY, True),
        (b"> -----BEGIN PRIVATE KEY-----\n> " + KEY, True),
        (b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: a\n" + KEY, True),
        (b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" + KEY, True),
        (b"PuTTY-User-Key-File-3: ssh-ed25519", True),
        (("-----BEGIN PRIVATE KEY-----\n" + KEY.decode()).encode("utf-16"), True),
    ],
)
def test_private_key_is_what_gridwix_takes_for_one(content: bytes, is_key: bool) -> None:
    assert has_private_key(content) == is_key
    assert fault("txt", content) == ("private-key" if is_key else "")
    assert (content_fault("a.txt", io.BytesIO(content), macros=True) is not None) == is_key


def test_private_key_is_looked_for_in_bounded_time() -> None:
    begun = time.process_time()

    for text in (b"-----BEGIN PRIVATE KEY-----\n", b"-----BEGIN PRIVATE KEY-----\na: \\\\"):
        assert not has_private_key(text * (66_000 // len(text)))

    assert time.process_time() - begun < 2


def test_kinds_are_those_that_gridwix_takes() -> None:
    assert {ending: kind.media_type for ending, kind in KINDS.items()} == MEDIA_TYPES


@pytest.mark.parametrize("ending", KINDS)
def test_beginning_that_gridwix_takes_is_not_refused(ending: str) -> None:
    taken = [
        name
        for name, head in BEGINNINGS.items()
        if beginning_fault(f"a.{ending}", head) is None and not head.startswith(OLE)
    ]

    assert [name for name in taken if not KINDS[ending].begins_with(BEGINNINGS[name])] == []


def test_signatures_tell_kinds_apart() -> None:
    told = [ending for ending, kind in KINDS.items() if kind.begin]

    assert [one for one in told if KINDS[one].begins_with(BEGINNINGS["html"])] == []
    assert {"pdf", "xlsx", "doc", "zip", "png", "heic"} <= set(told)


def test_largest_file_is_that_of_the_profile() -> None:
    text = files("gridwix_gateway.profile").joinpath("profile.json").read_text("utf-8")
    new_upload = json.loads(text)["components"]["schemas"]["NewUpload"]["properties"]

    assert new_upload["sizeBytes"]["maximum"] == MAX_BYTES
    check_size(MAX_BYTES)
    with pytest.raises(FileRefused, match="at most 1,073,741,824"):
        check_size(MAX_BYTES + 1)


def test_large_file_is_read_in_constant_memory() -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(64):
            yield bytes(1 << 20)

    tracemalloc.start()
    content = read_content(chunks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert content.size == 64 << 20
    assert peak < 5 << 20


def test_file_that_does_not_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_BYTES", 10_000)
    read = []

    def chunks() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield bytes(1_000)

    with pytest.raises(FileRefused) as raised:
        read_content(chunks())

    assert raised.value.code == "too-large"
    assert len(read) == 11
