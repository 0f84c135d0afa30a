"""Files of people: each fault in one sentence with row and column, and bounds for everything."""

import io
import zipfile
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from gridwix.models.ids import PartnerId
from ops.people import tables
from ops.people.rows import PeopleFile, Vocabulary, read_people
from ops.people.tables import FileRefused, read_tables

VOCABULARY = Vocabulary(("admin", "edi", "finance", "logistics"), ("en", "de", "fr"))
KNOWN = {PartnerId("GC1"), PartnerId("GC2"), PartnerId("GC070000000101")}
HEADINGS = "partner,email,name,role,language\n"


def known(asked: Collection[PartnerId]) -> Collection[PartnerId]:
    return KNOWN & set(asked)


def read(folder: Path, content: str | bytes, name: str = "people.csv") -> PeopleFile:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_people(read_tables(file), VOCABULARY, known)


def workbook(*rows: Sequence[Any], sheets: Sequence[str] = ("People",)) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(content: bytes, name: str, change: Any) -> bytes:
    """A workbook with one part changed."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.infolist():
            data = before.read(part)
            after.writestr(part.filename, change(data) if part.filename == name else data)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "partner,email,name,role,language\nGC1,Ada@X.example,Ada  L,EDI,de-AT\n",
        "\ufeffRole;Language;Partner ID;E-Mail;Full name\r\nedi;de;GC1;ada@x.example;Ada L\r\n",
        "sep=;\nLANGUAGE;email_address;PARTNER;role;Name\nDE;ada@x.example;GC1;edi;Ada L",
        'partner\temail\trole\tname\tlanguage\n\n\t\t\n"GC1"\tada@x.example\tedi\t"Ada L"\tde\n',
    ],
)
def test_file_when_columns_stand_in_any_order_and_case_then_is_read(
    tmp_path: Path, content: str
) -> None:
    found = read(tmp_path, content)

    (person,) = found.people
    assert (person.partner_id, person.email, person.name) == ("GC1", "ada@x.example", "Ada L")
    assert (person.role, person.language, person.source) == ("edi", "de", "file")
    assert (found.faults, found.ignored) == ((), ())


def test_workbook_when_read_then_gives_the_same_people(tmp_path: Path) -> None:
    content = workbook(
        ["partner", "email", "role", "phone"],
        ["GC1", "ada@x.example", "edi", "+49 1"],
        [None, None, None],
        ["GC2", "ada@x.example", "admin"],
    )

    found = read(tmp_path, content, "people.xlsx")

    assert [(one.partner_id, one.role) for one in found.people] == [
        ("GC1", "edi"),
        ("GC2", "admin"),
    ]
    assert found.ignored == ("phone",)
    assert not found.faults


WRONG = [
    ("GC1,,Ada,edi,de", "row 2, email: it is empty"),
    (",ada@x.example,Ada,edi,de", "row 2, partner: it is empty"),
    ("GC1,ada,Ada,edi,de", "row 2, email: 'ada' is no email address of a person"),
    ("GC1,a@x.example,Ada,edl,de", "row 2, role: there is no role 'edl' (is edi meant?)"),
    ("GC1,a@x.example,Ada,edi,xx", "row 2, language: there is no language 'xx'"),
    ("GC1,a@x.example,Ada,edi,German", "row 2, language: there is no language 'German'"),
    ("GC9,a@x.example,Ada,edi,de", "row 2, partner: the portal knows no partner 'GC9'"),
    ("GC1,=A1,Ada,edi,de", "row 2, email: it is a formula, or looks like one"),
    ("GC1,a@x.example,+1,edi,de", "row 2, name: it is a formula"),
    ("GC1,a@x.example,-,edi,de", "row 2, name: it is a formula"),
    ("GC1,a@x.example,@SUM(1),edi,de", "row 2, name: it is a formula"),
    ("GC1,a@x.example, =cmd|x,edi,de", "row 2, name: it is a formula"),
    ('GC1,a@x.example,"A\nB",edi,de', "row 2, name: it has a line break"),
    ("GC1,a@x.example,A\u009b31m,edi,de", "row 2, name: it has a line break or a control"),
    ("GC1,a\u200b@x.example,A,edi,de", "row 2, email: 'a\\u200b@x.example' is no email address"),
    (f"GC1,a@x.example,{'x' * 1001},edi,de", "row 2, name: it has more than 1,000 characters"),
    (f"GC1,a@x.example,{'x' * 201},edi,de", "row 2, name: a name has at most 200"),
    (f"{'x' * 101},a@x.example,A,edi,de", "row 2, partner: an id has at most 100"),
    ("GC1,a@x.example,Doe, Jane,edi,de", "row 2: it has 6 cells, and there are 5 headings"),
    ("GC1,a@x.example", "row 2, role: it is empty"),
]


@pytest.mark.parametrize(("row", "fault"), WRONG, ids=[fault for _, fault in WRONG])
def test_row_when_something_is_wrong_then_names_row_column_and_reason(
    tmp_path: Path, row: str, fault: str
) -> None:
    found = read(tmp_path, f"{HEADINGS}{row}\nGC2,bo@x.example,Bo,admin,\n")

    assert [str(one)[: len(fault)] for one in found.faults] == [fault]
    assert [one.email for one in found.people] == ["bo@x.example"]
    assert "a@x.example" not in repr(found.faults)


@pytest.mark.parametrize(
    ("role", "said"), [("edi", "with the same role"), ("admin", "as admin and edi")]
)
def test_person_when_it_is_there_twice_then_none_of_its_rows_counts(
    tmp_path: Path, role: str, said: str
) -> None:
    rows = f"GC1,ada@x.example,,edi,\nGC2,ada@x.example,,edi,\nGC1,ADA@X.example,,{role},\n"

    found = read(tmp_path, HEADINGS + rows)

    assert [one.partner_id for one in found.people] == ["GC2"]
    assert [(one.line, one.column) for one in found.faults] == [(2, "email"), (4, "email")]
    assert all(said in one.reason for one in found.faults)


REFUSED: list[tuple[str | bytes, str]] = [
    ("", "the file is empty"),
    ("\n\n,,\n", "it has no rows"),
    ("partner,email,role\n\n", "there is nobody below the headings"),
    ("partner,mail,role\n", "row 1: there is no heading email (is mail meant?)"),
    ("GC1,ada@x.example,edi\n", "there is no heading partner, email, role"),
    ("partner,email,role,e-mail\n", "row 1: two columns are email"),
    ("partner,email,role\n=X,b,c\n".encode("utf-16"), "it is UTF-16 text"),
    (
        "partner,email,role\nGC1,\u00e4,edi\n".encode("latin-1"),
        "line 2: a character is not UTF-8",
    ),
    ("partner,email,role\nGC1,\0,edi\n", "line 2: it holds a zero byte"),
    ('partner,email,role\nGC1,"ada,edi\n', "line 2: a quote is not closed"),
    ("<html><table>", "it is HTML"),
    (b"%PDF-1.7", "it is PDF"),
    (bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 20, "Excel 97 to 2003"),
    (b"PK\x03\x04nothing", "damaged"),
    (HEADINGS + "GC1,a@x.example,,edi,\n" * 50_000, "it has more than 20,000 rows"),
    (HEADINGS + "," * 150 + "x\n", "line 2 has more than 100 columns"),
    (HEADINGS + "\n" * 200_001 + "GC1,a@x.example,,edi,\n", "something below line 200,000"),
    (b"x" * 10_000_001, "it has more than 10 MB"),
]


@pytest.mark.parametrize(("content", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_file_when_it_cannot_be_read_as_a_whole_then_is_refused_with_the_reason(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    with pytest.raises(FileRefused) as raised:
        read(tmp_path, content)

    assert reason in str(raised.value)


def test_file_when_there_is_none_then_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="there is no such file"):
        read_tables(tmp_path / "none.csv")


class TestWorkbooks:
    """What only a workbook can have."""

    @pytest.mark.parametrize(
        ("cell", "reason"),
        [
            ("=HYPERLINK(1)", "it is a formula"),
            ("#N/A", "it has Excel's error #N/A"),
            (date(2026, 1, 2), "it is a date"),
            ("a\nb", "it has a line break"),
        ],
    )
    def test_cell_when_it_is_no_text_then_names_its_row(
        self, tmp_path: Path, cell: object, reason: str
    ) -> None:
        content = workbook(
            ["partner", "email", "name", "role"], ["GC1", "ada@x.example", cell, "edi"]
        )

        (fault,) = read(tmp_path, content, "people.xlsx").faults

        assert (fault.line, fault.column) == (2, "name")
        assert reason in fault.reason

    @pytest.mark.parametrize("number", [7, 7.0])
    def test_id_when_it_is_a_number_then_is_read_as_it_is_shown(
        self, tmp_path: Path, number: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tests.unit.ops.people.test_files.KNOWN", {PartnerId("7")})
        content = workbook(["partner", "email", "role"], [number, "ada@x.example", "edi"])

        assert [one.partner_id for one in read(tmp_path, content, "p.xlsx").people] == ["7"]

    def test_sheet_when_another_one_has_no_headings_then_is_found(self, tmp_path: Path) -> None:
        book = Workbook()
        book.active.append(["Notes of the sales team"])
        book.create_sheet("Empty")
        for row in (["partner", "email", "role"], ["GC1", "ada@x.example", "edi"]):
            (book["People"] if "People" in book else book.create_sheet("People")).append(row)
        book.save(tmp_path / "people.xlsx")

        assert (
            len(read_people(read_tables(tmp_path / "people.xlsx"), VOCABULARY, known).people) == 1
        )

    def test_sheet_when_two_have_the_headings_then_the_file_is_refused(
        self, tmp_path: Path
    ) -> None:
        content = workbook(["partner", "email", "role"], sheets=["One", "Two"])

        with pytest.raises(FileRefused, match="more than one sheet"):
            read(tmp_path, content, "people.xlsx")

    def test_dimension_when_it_is_wrong_then_no_row_is_lost(self, tmp_path: Path) -> None:
        content = workbook(
            ["partner", "email", "role"],
            ["GC1", "ada@x.example", "edi"],
            ["GC2", "ada@x.example", "edi"],
        )
        wrong = repacked(
            content,
            "xl/worksheets/sheet1.xml",
            lambda data: data.replace(b'<dimension ref="A1:C3"', b'<dimension ref="A1:C2"'),
        )
        assert wrong != content

        assert len(read(tmp_path, wrong, "people.xlsx").people) == 2

    @pytest.mark.parametrize("encoding", ["ascii", "utf-16-le"])
    def test_part_when_it_declares_entities_then_the_workbook_is_refused(
        self, tmp_path: Path, encoding: str
    ) -> None:
        content = repacked(
            workbook(["partner"]), "xl/workbook.xml", lambda _: "<!DOCTYPE x>".encode(encoding)
        )

        with pytest.raises(FileRefused, match="declares entities"):
            read(tmp_path, content, "people.xlsx")

    def test_workbook_when_it_unpacks_to_more_than_allowed_then_is_refused_before_it_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tables, "MAX_UNPACKED", 2_000_000)
        content = repacked(workbook(["partner"]), "xl/styles.xml", lambda _: b" " * 3_000_000)
        assert len(content) < 100_000

        with pytest.raises(FileRefused, match="unpacked"):
            read(tmp_path, content, "people.xlsx")

    def test_package_when_it_is_no_workbook_then_is_refused_with_what_to_do(
        self, tmp_path: Path
    ) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as package:
            package.writestr("content.xml", "<office/>")

        with pytest.raises(FileRefused, match="no Excel workbook: save it as Excel Workbook"):
            read(tmp_path, stream.getvalue(), "people.ods")

    def test_workbook_when_it_is_a_strict_one_then_is_refused_with_what_to_do(
        self, tmp_path: Path
    ) -> None:
        content = repacked(
            workbook(["partner", "email", "role"]),
            "xl/workbook.xml",
            lambda data: data.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            ).replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            ),
        )

        with pytest.raises(FileRefused, match="not as Strict Open XML Spreadsheet"):
            read(tmp_path, content, "people.xlsx")

    def test_part_when_it_has_a_password_then_the_workbook_is_refused(self, tmp_path: Path) -> None:
        content = bytearray(workbook(["partner", "email", "role"]))
        begin = -1
        while (begin := content.find(b"PK\x01\x02", begin + 1)) >= 0:
            content[begin + 8] |= 1

        with pytest.raises(FileRefused, match="damaged or has a password"):
            read(tmp_path, bytes(content), "people.xlsx")

    def test_part_when_its_data_is_damaged_then_the_workbook_is_refused(
        self, tmp_path: Path
    ) -> None:
        content = bytearray(workbook(["partner", "email", "role"]))
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            part = package.getinfo("xl/worksheets/sheet1.xml")
        begin = part.header_offset + 30 + len(part.filename)
        content[begin : begin + 10] = b"\xff" * 10

        with pytest.raises(FileRefused, match="damaged or has a password"):
            read(tmp_path, bytes(content), "people.xlsx")

    @pytest.mark.parametrize(
        "change", [lambda data: data[:40], lambda _: b"", lambda data: data.replace(b"<", b"")]
    )
    def test_part_when_it_is_damaged_then_the_workbook_is_refused(
        self, tmp_path: Path, change: Any
    ) -> None:
        content = repacked(workbook(["partner"]), "xl/workbook.xml", change)

        with pytest.raises(FileRefused):
            read(tmp_path, content, "people.xlsx")

    def test_rows_when_there_are_too_many_then_the_workbook_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tables, "MAX_ROWS", 3)
        content = workbook(["partner", "email", "role"], *[["GC1", "a@x.example", "edi"]] * 4)

        with pytest.raises(FileRefused, match="more than 3 rows"):
            read(tmp_path, content, "people.xlsx")
