"""What files are by their bytes, and what they may be called."""

import io
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.files import MAX_NAME, MEDIA_TYPES, is_what_it_says, kind_of, safe_name

PDF, PNG, JPEG = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
EDI = b"ISA*00*          *00*          *ZZ*PRAIRIEGOLD    *ZZ*NRG            *260312*1405*U*00401*000000001*0*P*>~\x1c"


def zipped(name: str = "xl/workbook.xml") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        # Without a date of its own it would have the time, and the test another name with every run.
        archive.writestr(zipfile.ZipInfo(name), "<workbook/>")
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.pdf", PDF),
        ("A.PDF", PDF),
        ("photo.png", PNG),
        ("photo.jpg", JPEG),
        ("photo.jpeg", JPEG),
        ("prices.xlsx", zipped()),
        ("letter.docx", zipped("word/document.xml")),
        ("all.zip", zipped("a.txt")),
        ("prices.xls", OLE),
        ("letter.doc", OLE),
        ("orders.csv", "Größe;Preis\n10;4,15\n".encode("cp1252")),
        ("notes.txt", "李: ordered".encode()),
        ("notes.txt", "ordered".encode("utf-16")),
        ("850.edi", EDI),
        ("desadv.xml", b"<?xml version='1.0'?><a/>"),
    ],
)
def test_file_is_what_it_says(name: str, head: bytes) -> None:
    assert is_what_it_says(name, head)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.pdf", PNG),
        ("a.pdf", b"<html><script>alert(1)</script></html>"),
        ("a.pdf", b"MZ\x90\x00" + b"\x00" * 60),
        ("a.png", PDF),
        ("a.jpg", zipped()),
        ("prices.xlsx", PDF),
        ("prices.xls", zipped()),
        ("orders.csv", PDF + b"\x00\x01"),
        ("notes.txt", b"MZ\x90\x00\x03\x00\x00\x00"),
        ("notes.txt", b"\x7fELF\x02\x01\x01\x00"),
        ("a.exe", b"MZ\x90\x00"),
        ("a.html", b"<html></html>"),
        ("pdf", PDF),
        (".pdf", PDF),
        ("a.pdf", b""),
        ("", PDF),
    ],
)
def test_file_that_is_something_else_is_not_believed(name: str, head: bytes) -> None:
    assert not is_what_it_says(name, head)


@given(st.sampled_from(sorted(MEDIA_TYPES)), st.binary(max_size=600))
def test_any_bytes_get_an_answer(kind: str, head: bytes) -> None:
    assert is_what_it_says(f"a.{kind}", head) in (True, False)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Preisliste Größe 李.pdf", "Preisliste Größe 李.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\dana\\prices.xlsx", "prices.xlsx"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("line\nbreak\x00.pdf", "linebreak.pdf"),
        ('a<b>:"c|?*.pdf', "abc.pdf"),
        ("Gro\u0308ße.pdf", "Größe.pdf"),
        ("مرحبا.pdf", "مرحبا.pdf"),
        ("", "file"),
        ("...", "file"),
    ],
)
def test_name_is_safe_and_keeps_its_script(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_is_good_everywhere_and_stays_as_it_is_then(name: str) -> None:
    safe = safe_name(name)

    assert 0 < len(safe) <= MAX_NAME
    assert not set(safe) & set('/\\:*?"<>|')
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in safe)
    assert safe_name(safe) == safe


def test_long_name_keeps_its_ending() -> None:
    assert kind_of(safe_name("x" * 400 + ".pdf")) == "pdf"
