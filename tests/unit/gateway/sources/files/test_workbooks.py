"""Workbooks as Excel, LibreOffice, Google Sheets, SAP and libraries write them: each is read right,
or refused with sheet row, column and reason.
"""

import io
import struct
import zipfile
import zlib
from typing import Any

import pytest

from gridwix_gateway.sources.files.excel_files import MAX_RATIO
from gridwix_gateway.sources.files.faults import FileFault
from tests.unit.gateway.sources.files.samples import EXCEL, Outcome, declare, plan
from tests.unit.gateway.sources.files.workbooks import (
    DATE,
    DECLARATION,
    GERMAN,
    HEADING_TEXTS,
    MAIN,
    MOMENT,
    QUOTED,
    STRICT,
    ZEROS,
    Book,
    Sheet,
    book,
    formula,
    headings,
    number,
    row,
    shared,
    text,
)

GLN, DUNS = "0614141000418", "041234567"
SERIAL = 46367
"""11 December 2026 as Excel counts days."""
AMBER = row(
    2,
    text("A2", "GC1"),
    text("B2", "Amber Foods"),
    text("C2", GLN),
    text("D2", DUNS),
    number("E2", SERIAL, DATE),
    number("F2", "1234.5"),
)
AMBER_VALUES = ("Amber Foods", GLN, DUNS, "2026-12-11", "1234.5")
SECOND = row(3, text("A3", "GC2"), text("B3", "Baltic"))
SECOND_VALUES = ("Baltic", None, None, None, None)
BOTH = {"GC1": AMBER_VALUES, "GC2": SECOND_VALUES}


def read(content: bytes, **format_: Any) -> Outcome:
    return plan(content, declare({**EXCEL, **format_}))


def cells(*parts: str) -> str:
    """A row 2 of Amber with some other cells in place of its own, by their letters."""
    own = {
        "A": text("A2", "GC1"),
        "B": text("B2", "Amber Foods"),
        "C": text("C2", GLN),
        "D": text("D2", DUNS),
        "E": number("E2", SERIAL, DATE),
        "F": number("F2", "1234.5"),
    }
    own |= {part.split('r="', 1)[1][0]: part for part in parts}
    return row(2, *own.values())


def repacked(content: bytes, name: str, new: bytes) -> bytes:
    """A workbook with one part replaced."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for part in old.namelist():
            archive.writestr(part, new if part == name else old.read(part))
    return file.getvalue()


EXCEL_SHARED = [
    *(f"<t>{one}</t>" for one in HEADING_TEXTS),
    "<t>GC1</t>",
    # A text with fonts inside, and with the phonetic guide of a Japanese Excel.
    '<r><rPr><b/></rPr><t xml:space="preserve">Amber </t></r><r><t>Foods</t></r>'
    '<rPh sb="0" eb="1"><t>アンバー</t></rPh><phoneticPr fontId="1"/>',
    f"<t>{GLN}</t>",
    f"<t>{DUNS}</t>",
]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            Book(
                [
                    Sheet(
                        row(1, *(shared(f"{'ABCDEF'[place]}1", place) for place in range(6)))
                        + row(
                            2,
                            *(shared(f"{'ABCD'[place]}2", 6 + place) for place in range(4)),
                            number("E2", SERIAL, DATE),
                            number("F2", "1234.5"),
                            more=' spans="1:6" ht="15" customHeight="1"',
                        ),
                        dimension="A1:F2",
                    )
                ],
                EXCEL_SHARED,
            ).content(),
            id="excel-shared-rich-phonetic",
        ),
        pytest.param(book(AMBER), id="epplus-inline"),
        pytest.param(book(AMBER, dimension="A1"), id="dimension-of-one-cell"),
        pytest.param(book(AMBER, dimension="A1:B1"), id="dimension-too-small"),
        pytest.param(book(AMBER, dimension=None), id="npoi-no-dimension"),
        pytest.param(
            Book([Sheet(headings(None) + AMBER.replace(' r="2"', "", 1))]).content(),
            id="rows-without-numbers",
        ),
        pytest.param(
            Book(
                [
                    Sheet(
                        headings(None)
                        + row(
                            None,
                            text("", "GC1"),
                            text("", "Amber Foods"),
                            text("", GLN),
                            text("", DUNS),
                            number("", SERIAL, DATE),
                            number("", "1234.5"),
                        )
                    )
                ]
            ).content(),
            id="cells-without-places",
        ),
        pytest.param(
            book(cells('<c r="E2" t="d"><v>2026-12-11T00:00:00</v></c>')), id="iso-date-cell"
        ),
        pytest.param(book(cells(number("E2", SERIAL, GERMAN))), id="german-date-format"),
        pytest.param(book(cells(number("E2", "46367.5625", MOMENT))), id="date-with-a-time"),
        pytest.param(book(cells(number("E2", "46366.9999999999", MOMENT))), id="date-with-noise"),
        pytest.param(book(cells(text("E2", "11/12/2026"))), id="date-as-text"),
        pytest.param(
            Book(
                [Sheet(headings() + cells(number("E2", SERIAL - 1462, DATE)))], date1904=True
            ).content(),
            id="mac-1904-dates",
        ),
        pytest.param(book(cells(number("D2", 41234567, ZEROS))), id="nine-zeros"),
        pytest.param(book(cells(number("D2", 41234567))), id="duns-lost-its-zero"),
        pytest.param(
            book(cells(number("C2", "614141000418"), number("D2", "41234567.0"))),
            id="numbers-lost-their-zeros",
        ),
        pytest.param(book(cells(number("C2", "6.14141000418E+11"))), id="number-stored-with-e"),
        pytest.param(
            book(
                cells(
                    formula("B2", "A2&amp;x", "Amber Foods", ' t="shared" ref="B2:B9" si="0"'),
                    '<c r="F2"><f>SUM(A1)</f><v>1234.5</v></c>',
                )
            ),
            id="formulas-with-results",
        ),
        pytest.param(
            book(cells(text("B2", "_x000D_Amber Foods_x000D_"))), id="escaped-line-breaks"
        ),
        pytest.param(book(cells(text("F2", "1.234,50").replace("50", "5"))), id="number-as-text"),
        pytest.param(
            book(row(5), AMBER.replace("2", "7", 1), "".join(row(place) for place in range(8, 40))),
            id="empty-rows-with-formats",
        ),
        pytest.param(
            book(AMBER, row(3, text("A3", "Total:"), number("F3", 1)), row(5, text("B5", "note"))),
            id="totals-at-the-end",
        ),
        pytest.param(
            Book(
                [
                    Sheet(
                        row(1, text("A1", "Onboarding tracker"))
                        + row(2, text("B2", "as of"), number("C2", SERIAL, DATE))
                        + headings(4)
                        + AMBER.replace("2", "5", 1)
                    )
                ]
            ).content(),
            id="title-above-the-headings",
        ),
        pytest.param(book(AMBER.replace("<row ", '<row hidden="1" ')), id="row-hidden-by-a-filter"),
        pytest.param(
            Book(
                [
                    Sheet(headings() + AMBER),
                    Sheet(headings() + SECOND, name="Old", state="hidden"),
                    Sheet(headings() + SECOND, name="Older", state="veryHidden"),
                    Sheet(row(1, text("A1", "Notes")), name="Notes"),
                ]
            ).content(),
            id="hidden-sheets-with-the-same-headings",
        ),
        pytest.param(
            Book(
                [
                    Sheet(
                        (headings() + AMBER)
                        .replace("</", "</x:")
                        .replace("<", "<x:")
                        .replace("<x:/x:", "</x:"),
                        prefix="x",
                    )
                ]
            ).content(),
            id="open-xml-sdk-prefix",
        ),
        pytest.param(
            book(cells(number("F2", "1234.5", QUOTED))), id="format-with-letters-in-quotes"
        ),
        pytest.param(
            book(
                AMBER,
                behind='<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3"'
                ' footer="0.3"/><extLst><ext uri="{0000-0000}"/></extLst>',
            ),
            id="unknown-extension",
        ),
    ],
)
def test_workbook_is_read(content: bytes) -> None:
    outcome = read(content)

    assert outcome.faults == []
    assert outcome.values == {"GC1": AMBER_VALUES}


def test_rows_with_a_wrong_dimension_are_all_read() -> None:
    rows = [
        row(place, text(f"A{place}", f"GC{place}"), text(f"B{place}", "x"))
        for place in range(2, 500)
    ]

    assert len(read(book(*rows, dimension="A1:F2")).values) == 498


@pytest.mark.parametrize(
    ("bad", "column", "code", "said"),
    [
        ('<c r="C2" t="e"><v>#N/A</v></c>', "GLN", "cell-error", "the error #N/A"),
        ('<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "GLN", "cell-error", "#DIV/0!"),
        ('<c r="B2"><f>A2</f></c>', "Name", "cell-error", "its result was not saved"),
        (number("C2", "614141000419"), "GLN", "check-digit", "also with leading zeros"),
        (number("D2", 7), "DUNS", "length", "this has 1"),
        (number("E2", SERIAL), "Go live", "date", "not formatted as a date"),
        (number("E2", 99999999, DATE), "Go live", "cell-error", "#VALUE!"),
        (text("E2", "12/31/2026"), "Go live", "date", "%d/%m/%Y"),
        (number("E2", SERIAL, QUOTED), "Go live", "date", "not formatted as a date"),
        ('<c r="F2"><v>1,5</v></c>', "Revenue", "cell-error", "#UNREADABLE"),
        ('<c r="F2" t="b"><v>1</v></c>', "Revenue", "number", "no number"),
        (number("C2", "6141410004180000"), "GLN", "digits-lost", "more than 15 digits"),
        (text("B2", "x" * 10_000_000), "Name (B)", "too-long", "10,000,000 characters"),
        (text("B2", "be_x0007_ll"), "Name", "control-character", "U+0007"),
        (text("B2", "be_xD800_ll"), "Name (B)", "control-character", "surrogate"),
        (text("A2", "be_xDFFF_ll"), "BUID (A)", "control-character", "surrogate"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_bad_cell_refuses_its_row_and_no_other(bad: str, column: str, code: str, said: str) -> None:
    outcome = read(book(cells(bad), SECOND))

    assert outcome.values == {"GC2": SECOND_VALUES}
    assert outcome.faults == [(2, column, code)]
    assert said in outcome.refused[0].reason


def test_merged_headings_of_two_rows_are_joined() -> None:
    top = row(
        1,
        text("A1", "Partner"),
        text("C1", "Numbers"),
        text("E1", "Onboarding"),
        text("F1", "Revenue"),
    )
    below = row(
        2,
        text("A2", "BUID"),
        text("B2", "Name"),
        text("C2", "GLN"),
        text("D2", "DUNS"),
        text("E2", "Go live"),
    )
    merges = "".join(f'<mergeCell ref="{one}"/>' for one in ("A1:B1", "C1:D1", "F1:F2"))
    content = Book(
        [
            Sheet(
                top + below + AMBER.replace("2", "3", 1),
                behind=f'<mergeCells count="3">{merges}</mergeCells>',
            )
        ]
    ).content()
    joined = (
        "Partner / BUID",
        "Partner / Name",
        "Numbers / GLN",
        "Numbers / DUNS",
        "Onboarding / Go live",
        "Revenue",
    )
    columns = {
        name: {**column, "heading": heading}
        for (name, column), heading in zip(
            declare().model_dump(exclude_defaults=True)["columns"].items(), joined, strict=True
        )
    }

    outcome = plan(content, declare({"type": "excel", "heading_rows": 2}, columns=columns))

    assert outcome.values == {"GC1": AMBER_VALUES}


def test_named_sheet_is_read_although_it_is_hidden() -> None:
    content = Book(
        [Sheet(headings() + AMBER), Sheet(headings() + SECOND, name="Archive", state="hidden")]
    ).content()

    assert list(read(content, sheet="Archive").values) == ["GC2"]


def ole(*names: str) -> bytes:
    """The beginning of an OLE file, with the names of its streams."""
    directory = b"".join(name.encode("utf-16-le").ljust(128, b"\x00") for name in names)
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 504 + directory


def lying(content: bytes, name: str) -> bytes:
    """A workbook whose part unpacks to more than its directory says."""
    declared = struct.pack("<L", len(dict(Book([Sheet(headings() + AMBER)]).parts())[name]))
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bomb.compress(b" " * 50_000_000) + bomb.flush()
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as archive:
        for part in old.namelist():
            archive.writestr(part, packed if part == name else old.read(part))
    data = bytearray(file.getvalue())
    # Method 8 and the small size, in the local header and in the directory.
    for signature, method, size in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        place = -1
        while (place := data.find(signature, place + 1)) >= 0:
            start = place + (30 if signature == b"PK\x03\x04" else 46)
            if data[start : start + len(name)] == name.encode():
                data[place + method : place + method + 2] = b"\x08\x00"
                data[place + size : place + size + 4] = declared
    return bytes(data)


PART = "xl/worksheets/sheet1.xml"
PLAIN = book(AMBER)


@pytest.mark.parametrize(
    ("content", "code", "line", "said"),
    [
        (ole("Root Entry", "EncryptionInfo", "EncryptedPackage"), "password", None, "a password"),
        (ole("Root Entry", "Workbook"), "old-excel", None, "Excel 97 to 2003"),
        (b"<html><body><table><tr><td>BUID</td></tr></table>", "html", None, "an HTML page"),
        (b'<?xml version="1.0"?><html><table>', "html", None, "an HTML page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:x">', "xml-spreadsheet", None, "an XML file"),
        ("<table><tr>".encode("utf-16"), "html", None, "an HTML page"),
        (b"BUID;Name\nGC1;Amber\n", "no-workbook", None, "this is a text"),
        (b"", "empty", None, "still being written"),
        (PLAIN[: len(PLAIN) // 2], "truncated", None, "cut off or damaged"),
        (PLAIN[:-10], "truncated", None, "cut off or damaged"),
        (
            PLAIN[:200] + bytes(byte ^ 255 for byte in PLAIN[200:260]) + PLAIN[260:],
            "truncated",
            None,
            "damaged",
        ),
        (lying(PLAIN, PART), "truncated", None, "damaged"),
        (
            repacked(PLAIN, PART, b"<worksheet>" + b" " * 30_000_000 + b"</worksheet>"),
            "too-large",
            None,
            "unpacks to 30",
        ),
        (
            repacked(PLAIN, PART, b'<!DOCTYPE x [<!ENTITY a "aa">]><worksheet>&a;</worksheet>'),
            "entities",
            None,
            "entities",
        ),
        (repacked(PLAIN, PART, PLAIN), "no-workbook", None, "ParseError"),
        (
            Book([Sheet(headings() + AMBER)], namespace=STRICT).content(),
            "strict",
            None,
            "Strict Open XML",
        ),
        (
            Book([Sheet("")], more={"xl/workbook.bin": b"x"}).content(),
            "no-workbook",
            None,
            "xlsb",
        ),
        (
            Book([Sheet(headings() + AMBER), Sheet(headings() + SECOND, name="Copy")]).content(),
            "several-sheets",
            None,
            "Partners and Copy both",
        ),
        (
            Book([Sheet(headings() + AMBER, state="hidden")]).content(),
            "no-sheet",
            None,
            "no visible sheet",
        ),
        (
            Book([Sheet(headings(1, ("BUID", "Nam", *HEADING_TEXTS[2:])) + AMBER)]).content(),
            "other-headings",
            1,
            "Name is missing (is Nam meant?)",
        ),
        (
            Book([Sheet(headings(1, (*HEADING_TEXTS, "gln")) + AMBER)]).content(),
            "doubled-heading",
            1,
            "column C and in column G",
        ),
        (Book([Sheet("")]).content(), "no-headings", None, "BUID"),
        (book(AMBER, AMBER), "doubled-row", 2, "twice"),
        (book(), "empty", None, "headings and no rows"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "_",
)
def test_workbook_that_is_wrong_as_a_whole_is_refused(
    content: bytes, code: str, line: int | None, said: str
) -> None:
    with pytest.raises(FileFault) as caught:
        read(content)

    assert (caught.value.code, caught.value.line) == (code, line)
    assert said in str(caught.value)


def test_sheet_that_does_not_exist_is_named_with_the_others() -> None:
    with pytest.raises(FileFault, match="there is no sheet Parners; there are Partners"):
        read(PLAIN, sheet="Parners")


def test_workbook_with_the_flags_of_office_is_read() -> None:
    content = bytearray(PLAIN)
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        local = [part.header_offset + 6 for part in archive.infolist()]
        place = archive.start_dir
    for start in local:
        content[start : start + 2] = b"\x06\x00"
    for _ in local:
        content[place + 8 : place + 10] = b"\x06\x00"
        place += 46 + sum(struct.unpack_from("<HHH", content, place + 28))

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {part.flag_bits for part in archive.infolist()} == {6}
    assert read(bytes(content)).values == read(PLAIN).values != {}


def test_rows_that_the_parser_does_not_yield_refuse_the_workbook() -> None:
    """A row in a foreign namespace is no row for the parser, and may be one for Excel."""
    hidden = '<y:row xmlns:y="urn:other" r="3"><y:c r="A3"><y:v>1</y:v></y:c></y:row>'

    with pytest.raises(FileFault, match="2 rows of sheet Partners were read, and it has 3"):
        read(book(AMBER, hidden))


@pytest.mark.parametrize("size", [1 << 18, (1 << 18) - 3, (1 << 18) + 5])
def test_rows_are_counted_across_the_borders_of_chunks(size: int) -> None:
    start = f'{DECLARATION}<worksheet xmlns="{MAIN}"><!--'
    padding = "x" * (size - len(start))
    sheet = f"{start}{padding}--><sheetData>{headings()}{AMBER}</sheetData></worksheet>"

    assert list(read(Book([Sheet("", raw=sheet)]).content()).values) == ["GC1"]


def test_bound_of_the_ratio_leaves_room_for_real_workbooks() -> None:
    rows = [
        row(place, text(f"A{place}", f"GC{place}"), text(f"B{place}", "x"))
        for place in range(2, 9_000)
    ]
    content = book(*rows)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = archive.getinfo(PART)

    assert part.file_size / part.compress_size < MAX_RATIO / 4
