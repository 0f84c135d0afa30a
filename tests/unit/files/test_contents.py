"""Files that others' software wrote are what they say, and nothing else is."""

import io
import random
import re
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.files.contents import HEAD_BYTES, beginning_fault, content_fault, needs_whole_file
from gridwix.models.files import MEDIA_TYPES, FileFault

SAMPLES = Path(__file__).parents[2] / "samples" / "files"
FILES = {path.name: path.read_bytes() for path in sorted(SAMPLES.iterdir())}

FAULTS = {
    "html": FileFault.WEB_PAGE,
    "html doc": FileFault.WEB_DOCUMENT,
    "rtf doc": FileFault.RICH_TEXT,
    "xml-spreadsheet-2003": FileFault.XML_SPREADSHEET,
    "tab-separated": FileFault.TEXT_TABLE,
    "utf-16-text": FileFault.TEXT_TABLE,
    "protected": FileFault.PROTECTED,
    "macros": FileFault.MACROS,
    "private-key": FileFault.PRIVATE_KEY,
    "private-key-encrypted": FileFault.PRIVATE_KEY,
    "private-key-rsa": FileFault.PRIVATE_KEY,
    "private-key-der": FileFault.PRIVATE_KEY,
}
"""Expected faults, by the part of a sample's name before two hyphens."""

SOUND = [name for name in FILES if "--" not in name]
ALSO = {
    "jpg": {"jpeg"},
    "tif": {"tiff"},
    "tiff": {"tif"},
    "cer": {"crt"},
    "crt": {"cer"},
    # Certificates stand in signed data, and what is signed may bring its own along.
    "p7b": {"p7c", "p7m"},
    "p7c": {"p7b", "p7m"},
    "p7m": {"p7b", "p7c", "eml"},
    "pem": {"cer", "crt"},
    "idoc": {"xml"},
}
"""Other kinds that the content of a file of this kind may have."""

SHEET = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
TEXTS = {"csv", "txt", "edi"}


def kind_of(name: str) -> str:
    return name.rpartition(".")[2]


def told(name: str, data: bytes, *, macros: bool = False) -> FileFault | None:
    """Return the fault of a file, on which both examinations have to agree."""
    first, whole = (
        beginning_fault(name, data[:HEAD_BYTES]),
        content_fault(name, io.BytesIO(data), macros=macros),
    )
    assert first in (None, whole)
    assert needs_whole_file(name) or first == whole
    return whole


@pytest.mark.parametrize("name", SOUND)
def test_file_of_another_program_is_what_it_says(name: str) -> None:
    assert told(name, FILES[name], macros=True) is None
    assert told(name, FILES[name]) is (FileFault.MACROS if name.endswith(".xlsm") else None)


@pytest.mark.parametrize("name", sorted(set(FILES) - set(SOUND)))
def test_file_that_is_something_else_is_refused_with_what_it_is(name: str) -> None:
    said, kind = name.partition("--")[0], kind_of(name)

    assert told(name, FILES[name]) is FAULTS.get(f"{said} {kind}", FAULTS.get(said))


def test_every_kind_has_a_sample() -> None:
    assert {kind_of(name) for name in SOUND} >= set(MEDIA_TYPES) - {"edi", "jpeg", "txt"}


@pytest.mark.parametrize("name", SOUND)
def test_file_under_the_name_of_another_kind_is_refused(name: str) -> None:
    data, kind = FILES[name], kind_of(name)

    taken = {claimed for claimed in MEDIA_TYPES if told(f"a.{claimed}", data, macros=True) is None}

    is_text = beginning_fault("a.txt", data[:HEAD_BYTES]) is None
    also = (
        ALSO.get(kind, set())
        | (TEXTS if is_text else set())
        | ({"zip"} if data.startswith(b"PK") else set())
        | ({"pem"} if b"-----BEGIN " in data else set())
    )
    assert kind in taken
    assert taken - {kind} <= also


@pytest.mark.parametrize("kind", ["xlsx", "docx", "pptx"])
def test_package_with_the_flags_of_office_is_what_it_says(kind: str) -> None:
    data = FILES[f"office-flags.{kind}"]

    assert data[6:8] == b"\x06\x00"
    assert [
        claimed for claimed in ("xlsx", "docx", "pptx") if told(f"a.{claimed}", data) is None
    ] == [kind]


@pytest.mark.parametrize("name", ["openpyxl.xlsx", "python-docx.docx"])
def test_package_with_macros_under_a_plain_name_is_refused_even_where_macros_are_taken(
    name: str,
) -> None:
    data = io.BytesIO(FILES[name])
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr(
            f"{'xl' if 'xlsx' in name else 'word'}/vbaProject.bin", b"\xd0\xcf\x11\xe0"
        )

    assert told(name, data.getvalue(), macros=True) is FileFault.MACROS
    assert told("prices.xlsx", FILES["xlsxwriter.xlsm"], macros=True) is FileFault.MACROS
    assert told("prices.xlsm", FILES["openpyxl.xlsx"], macros=True) is FileFault.WRONG_TYPE


def test_old_office_and_open_document_macros_need_the_switch() -> None:
    for name in ("macros--libreoffice.xls", "macros--libreoffice.ods"):
        assert (told(name, FILES[name]), told(name, FILES[name], macros=True)) == (
            FileFault.MACROS,
            None,
        )


def test_document_with_a_workbook_inside_is_no_workbook() -> None:
    data = FILES["libreoffice-workbook-inside.doc"]

    assert "Workbook".encode("utf-16-le") in data
    assert (told("a.doc", data), told("a.xls", data)) == (None, FileFault.WRONG_TYPE)


CONTAINERS = [
    name for name in SOUND if kind_of(name) in ("xlsx", "docx", "pptx", "ods", "odt", "odp", "zip")
]


@pytest.mark.parametrize("name", CONTAINERS)
def test_container_that_is_cut_off_is_damaged(name: str) -> None:
    assert told(name, FILES[name][: len(FILES[name]) // 2]) is FileFault.DAMAGED


@pytest.mark.parametrize(
    "name",
    [
        "libreoffice.doc",
        "apache-poi.xls",
        "msgforge.msg",
        "openpyxl.xlsx",
        "libreoffice.odt",
        "openssl-der.cer",
        "openssl-der.p7b",
    ],
)
def test_any_damage_gets_an_answer(name: str) -> None:
    draw = random.Random(name)
    for _ in range(150):
        data = bytearray(
            FILES[name][: draw.randrange(8, len(FILES[name]))]
            if draw.random() < 0.3
            else FILES[name]
        )
        for _ in range(draw.randrange(1, 12)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        content_fault(name, io.BytesIO(bytes(data)), macros=False)


@given(
    st.sampled_from(sorted(MEDIA_TYPES)),
    st.sampled_from(
        [b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"0\x82", b"<"]
    ),
    st.binary(max_size=600),
)
def test_any_bytes_get_an_answer(kind: str, start: bytes, rest: bytes) -> None:
    told(f"a.{kind}", start + rest)


def packed(parts: dict[str, bytes], **options: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, **options)
    return target.getvalue()


def test_package_that_inflates_without_end_is_refused_in_little_memory() -> None:
    types = b"<Types/>" + b" " * (200 * 1024 * 1024)
    data = packed(
        {"[Content_Types].xml": types, "_rels/.rels": b"<Relationships/>"},
        compress_type=zipfile.ZIP_DEFLATED,
    )
    del types
    tracemalloc.start()

    fault = content_fault("a.xlsx", io.BytesIO(data), macros=False)

    assert (fault, tracemalloc.get_traced_memory()[1] < 32 * 1024 * 1024) == (
        FileFault.DAMAGED,
        True,
    )
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("types", "fault"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><Types/>', FileFault.DAMAGED),
        (b"<Types", FileFault.DAMAGED),
        (b"<Types/>", FileFault.WRONG_TYPE),
        (
            b'<Types><Override PartName="/a" ContentType="%b"/></Types>' % SHEET,
            FileFault.WRONG_TYPE,
        ),
        (b'<Types><Default Extension="xml" ContentType="%b"/></Types>' % SHEET, None),
        (
            b'<Types><Override PartName="/XL/Workbook.xml" ContentType="%b"/></Types>' % SHEET,
            None,
        ),
    ],
)
def test_package_is_what_its_main_part_is(types: bytes, fault: FileFault | None) -> None:
    strict = b"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"
    relationships = (
        b'<Relationships><Relationship Id="r" Type="%b" Target="xl/workbook.xml"/></Relationships>'
        % strict
    )

    # Some writers put the content types last, and part folders by backslashes.
    data = packed(
        {
            "xl\\workbook.xml": b"<workbook/>",
            "_rels\\.rels": relationships,
            "[Content_Types].xml": types,
        }
    )

    assert told("a.xlsx", data) is fault


def test_part_that_is_there_twice_is_not_believed() -> None:
    target = io.BytesIO(FILES["openpyxl.xlsx"])
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("[Content_Types].xml", b"<Types/>")

    assert told("a.xlsx", target.getvalue()) is FileFault.DAMAGED


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("a.pdf", b"\xef\xbb\xbf\r\n%PDF-1.4\n", None),
        ("a.pdf", b"<html><script>%PDF-1.4", FileFault.WRONG_TYPE),
        ("a.pdf", b"MZ\x90\x00" + b"\x00" * 60, FileFault.WRONG_TYPE),
        ("a.exe", b"MZ\x90\x00", FileFault.WRONG_TYPE),
        ("a.html", b"<html></html>", FileFault.WRONG_TYPE),
        ("pdf", b"%PDF-1.4", FileFault.WRONG_TYPE),
        (".pdf", b"%PDF-1.4", FileFault.WRONG_TYPE),
        ("a.pdf", b"", FileFault.WRONG_TYPE),
        ("A.PDF", b"%PDF-1.7", None),
        (
            "a.xls",
            b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n",
            FileFault.WEB_PAGE,
        ),
        ("a.xls", b"<!-- a --><!-- b -->\n<table><tr><td>4711", FileFault.WEB_PAGE),
        ("a.xlsx", b"Item;Price\r\n4711;4,15\r\n", FileFault.TEXT_TABLE),
        ("a.xls", b"Prices", FileFault.WRONG_TYPE),
        ("a.xlsx", b"%PDF-1.7\n1 0 obj, 2\n", FileFault.WRONG_TYPE),
        ("a.csv", "Größe;Preis\n10;4,15\n".encode("cp1252"), None),
        ("a.txt", "李: ordered".encode("utf-16"), None),
        ("a.txt", b"\x7fELF\x02\x01\x01\x00", FileFault.WRONG_TYPE),
        ("a.edi", b"ISA*00*~\x1c\r\n\x1a", None),
        ("a.x12", b"ISA*00*~IEA*1*000000001~" + b"\0" * 56, None),
        ("a.edifact", b"UNB+UNOA:1+A+B'UNZ+1+1'\x1a\0\0", None),
        ("a.txt", "Größe".encode("utf-16") + b"\0\0\0", None),
        ("a.csv", b"\0" * 80, FileFault.WRONG_TYPE),
        ("a.csv", b"\x1a", FileFault.WRONG_TYPE),
        ("a.x12", b"ISABEL WROTE", FileFault.WRONG_TYPE),
        ("a.edifact", b"UNABLE TO DELIVER", FileFault.WRONG_TYPE),
        ("a.edifact", b"UNA:+.? '\r\nUNB+UNOA:1+A+B+261127:0900+1'", None),
        ("a.edifact", b"UNB+UNOA:1+A+B+261127:0900+1'", None),
        ("a.idoc", b"EDI_DC40  8000000000000042756 30 ", None),
        ("a.idoc", b"<?xml version='1.0'?><a/>", FileFault.WRONG_TYPE),
        ("a.xml", "<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16-le"), None),
        ("a.xml", b'{"a": 1}', FileFault.WRONG_TYPE),
        ("a.json", b"<a/>", FileFault.WRONG_TYPE),
        ("a.eml", b"Dear all,\nplease: find\n", FileFault.WRONG_TYPE),
        ("a.eml", b"Received: from a\r\n by b\r\nFrom: a@b.example\r\n\r\n", None),
        ("a.p7m", b"MIIBqwYJKoZIhvcNAQcDoIIBnDCCAZgCAQAxggFjMIIBXwIBADBHMC8xFjAUBgNVBAoM\n", None),
        ("a.cer", b"0\x03\x02\x01\x01", FileFault.WRONG_TYPE),
        (
            "a.pem",
            b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            FileFault.WRONG_TYPE,
        ),
        ("a.txt", b"It begins with -----BEGIN PRIVATE KEY----- and ends.", None),
        (
            "a.json",
            b'{"private_key": "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQ"}',
            FileFault.PRIVATE_KEY,
        ),
        (
            "a.txt",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ".encode("utf-16"),
            FileFault.PRIVATE_KEY,
        ),
        (
            "a.json",
            (
                b'["-----BEGIN RSA PRIVATE KEY-----\\nDEK-Info: AES-256-CBC,AB\\n\\n'
                b'MIIEvQIBADANBgkqhkiG9w0BAQ"]'
            ),
            FileFault.PRIVATE_KEY,
        ),
        (
            "a.eml",
            b"From: a@b.example\n\n> -----BEGIN PRIVATE KEY-----\n> MIIEvQIBADANBgkqhkiG9w0BAQ",
            FileFault.PRIVATE_KEY,
        ),
        (
            "a.txt",
            b'---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: "a"\nP2/56wAAAgIAAAAmZGwtbW9kcA',
            FileFault.PRIVATE_KEY,
        ),
        ("a.txt", b"PuTTY-User-Key-File-3: ssh-ed25519", FileFault.PRIVATE_KEY),
    ],
)
def test_beginnings_of_files(name: str, data: bytes, fault: FileFault | None) -> None:
    assert told(name, data) is fault


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("letter", ["x", "\u041a"])
@pytest.mark.parametrize("marks", ["", "\x1a", "\0" * 9])
def test_long_text_in_utf_16_is_what_it_says(encoding: str, letter: str, marks: str) -> None:
    # The last byte of the beginning is half of a letter: 0x00 of x, or 0x1A of the Cyrillic one.
    text = f"\ufeff{letter * HEAD_BYTES}{marks}"

    assert told("a.txt", text.encode(encoding)) is None


def test_private_key_after_a_long_chain_of_certificates_is_found() -> None:
    chain = FILES["openssl.pem"] * 20

    assert len(chain) > HEAD_BYTES
    assert told("a.pem", chain + FILES["private-key--openssl.pem"]) is FileFault.PRIVATE_KEY


def test_first_line_of_a_private_key_that_is_repeated_costs_no_more_than_its_length() -> None:
    repeated = b"a: -----BEGIN PRIVATE KEY-----\n" * 30_000

    begun = time.process_time()

    assert told("a.txt", repeated) is None
    # It was minutes: each first line was looked behind to the end of the text.
    assert time.process_time() - begun < 20


def test_certificate_of_a_version_that_nobody_reads_is_none() -> None:
    der = FILES["openssl-der.cer"]

    assert (
        told("a.cer", der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01", 1))
        is FileFault.WRONG_TYPE
    )


def test_list_of_samples_names_each_with_its_writer() -> None:
    readme = (SAMPLES.parent / "README.md").read_text()

    assert [name for name in FILES if f"`{name}`" not in readme] == []
    assert [
        name
        for name in re.findall(r"`([\w-]+\.[a-z0-9]+)`", readme)
        if name not in FILES and kind_of(name) in MEDIA_TYPES
    ] == []


@given(
    st.sampled_from(["a.csv", "a.txt", "a.edi"]),
    st.sampled_from([1, 100, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1, 3 * HEAD_BYTES]),
    st.text("\x1a\0", max_size=30).map(str.encode),
    st.sampled_from([1, HEAD_BYTES]),
)
def test_text_that_is_padded_with_end_marks_is_what_it_says(
    name: str, size: int, marks: bytes, times: int
) -> None:
    assert told(name, b"x" * size + marks * times) is None


@given(
    st.sampled_from(["a.csv", "a.txt", "a.edi"]),
    st.sampled_from([1, 100, HEAD_BYTES - 30]),
    st.text("\x1a\0", min_size=1, max_size=30).map(str.encode),
    st.sampled_from([1, HEAD_BYTES]),
    st.sampled_from([b"x", b"\n", b"\x1c"]),
)
def test_text_with_end_marks_before_its_end_is_not_what_it_says(
    name: str, size: int, marks: bytes, times: int, after: bytes
) -> None:
    assert told(name, b"x" * size + marks * times + after) is FileFault.WRONG_TYPE
