"""Texts as people make them: each is read right, or refused with line, column and reason."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gridwix_gateway.sources.files.faults import FileFault
from gridwix_gateway.sources.files.reports import refused_report
from tests.unit.gateway.sources.files.samples import CSV, Outcome, declare, plan
from tests.unit.gateway.sources.files.workbooks import book

HEADINGS = "BUID;Name;GLN;DUNS;Go live;Revenue"
AMBER = "GC1;Amber Foods;0614141000418;041234567;11/12/2026;1.234,50"
AMBER_VALUES = ("Amber Foods", "0614141000418", "041234567", "2026-12-11", "1234.50")
BALTIC = "GC2;Baltic Home Textiles OÜ;;;31/12/2026;"
BALTIC_VALUES = ("Baltic Home Textiles OÜ", None, None, "2026-12-31", None)
BOTH = {"GC1": AMBER_VALUES, "GC2": BALTIC_VALUES}


def short_id(value: object) -> str:
    """Return the id of a case's value: contents are too long for names."""
    return value[:12] if isinstance(value, str) else "_"


def lines(*texts: str, end: str = "\n") -> str:
    return "".join(text + end for text in texts)


def read(content: str | bytes, **format_: Any) -> Outcome:
    data = content if isinstance(content, bytes) else content.encode()
    return plan(data, declare({**CSV, **format_}))


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (lines(HEADINGS, AMBER, BALTIC).encode(), {}),
        (lines(HEADINGS, AMBER, BALTIC).encode("utf-8-sig"), {}),
        (lines(HEADINGS, AMBER, BALTIC, end="\r\n").encode("cp1252"), {"encoding": "windows-1252"}),
        # A mark says the encoding, whatever is declared: Excel's "CSV UTF-8".
        (lines(HEADINGS, AMBER, BALTIC).encode("utf-8-sig"), {"encoding": "windows-1252"}),
        # Excel's "Unicode Text": UTF-16 with a mark, and tabs.
        (
            lines(HEADINGS, AMBER, BALTIC, end="\r\n").replace(";", "\t").encode("utf-16"),
            {"delimiter": "\t"},
        ),
        (lines(HEADINGS, AMBER, BALTIC).encode("utf-16-be", "strict"), {"encoding": "utf-16-be"}),
        (lines(HEADINGS, AMBER, BALTIC).encode("utf-16-le"), {"encoding": "utf-16"}),
        (lines("sep=;", HEADINGS, AMBER, BALTIC).encode(), {}),
        (lines("sep=;", HEADINGS, AMBER, BALTIC).encode("utf-8-sig"), {}),
        (lines(HEADINGS, AMBER, BALTIC, end="\r").encode(), {}),
        (lines(HEADINGS, "", AMBER, "", "", BALTIC, end="\r\n").encode(), {}),
        (lines(*(f"{text};" for text in (HEADINGS, AMBER, BALTIC))).encode(), {}),
        (lines(HEADINGS, AMBER, ";;;;;", BALTIC, ";;").encode(), {}),
        (lines("Export of 1 March 2026", "", HEADINGS, AMBER, BALTIC).encode(), {}),
        (lines(HEADINGS, AMBER, BALTIC, "Total;2;;;;", ";Anna made it").encode(), {}),
        (lines(HEADINGS, AMBER, f" {BALTIC} ", "TOTAL:;;;;;").encode(), {}),
        (lines(HEADINGS, AMBER, BALTIC).rstrip().encode(), {}),
        (
            lines(
                "Note;Revenue;Go live;DUNS;GLN;Name;BUID",
                "a;1.234,50;11/12/2026;041234567;0614141000418;Amber Foods;GC1",
                "b;;31/12/2026;;;Baltic Home Textiles OÜ;GC2",
            ).encode(),
            {},
        ),
        # Leading zeros that a spreadsheet lost, and a number that it took for a decimal one.
        (lines(HEADINGS, AMBER.replace(";0", ";"), BALTIC).encode(), {}),
        (lines(HEADINGS, AMBER.replace("0614141000418", "614141000418,0"), BALTIC).encode(), {}),
    ],
    ids=short_id,
)
def test_text_is_read_as_it_is_declared(content: bytes, format_: Mapping[str, Any]) -> None:
    outcome = read(content, **format_)

    assert outcome.values == BOTH
    assert outcome.faults == []


@pytest.mark.parametrize(
    ("content", "format_", "code", "line", "said"),
    [
        (lines(HEADINGS, AMBER, BALTIC).encode("cp1252"), {}, "encoding", 3, "byte 0xdc"),
        (
            lines(HEADINGS, AMBER, BALTIC).encode(),
            {"encoding": "windows-1252"},
            "encoding",
            None,
            "declare utf-8",
        ),
        (lines(HEADINGS, AMBER).encode("utf-16-le"), {}, "encoding", None, "declare utf-16"),
        (lines("sep=,", HEADINGS, AMBER).encode(), {}, "delimiter", 1, "source declares ';'"),
        (
            lines(HEADINGS.replace("DUNS", "gln "), AMBER).encode(),
            {},
            "other-headings",
            1,
            "DUNS is missing",
        ),
        (
            lines(HEADINGS.replace("DUNS", "GLN") + ";DUNS", AMBER + ";").encode(),
            {},
            "doubled-heading",
            1,
            "the heading of gln stands in column C and in column D",
        ),
        (
            lines("Title", HEADINGS.replace("Go live", "Go-live"), AMBER).encode(),
            {},
            "other-headings",
            2,
            "Go live is missing (is Go-live meant?)",
        ),
        (lines("a;b", "1;2").encode(), {}, "no-headings", None, "BUID, Name"),
        (lines(HEADINGS, AMBER).encode(), {"delimiter": ","}, "no-headings", None, "BUID"),
        ((lines(HEADINGS, AMBER) + "GC2;Balt").encode(), {}, "truncated", 3, "incomplete"),
        (lines(HEADINGS, AMBER, 'GC2;"Balt').encode(), {}, "truncated", 3, "never closed"),
        (
            (lines(HEADINGS, AMBER) + 'GC2;"' + "x\n" * 9_000_000).encode(),
            {},
            "truncated",
            3,
            "never closed",
        ),
        (b"", {}, "empty", None, "still being written"),
        (b"\x00" * 5_000, {}, "empty", None, "still being written"),
        (lines(HEADINGS).encode(), {}, "empty", None, "headings and no rows"),
        (book(), {}, "no-text", None, "workbook or a ZIP archive"),
        (b"\x1f\x8b\x08\x00rest", {}, "no-text", None, "gzip"),
        (b"%PDF-1.7 rest", {}, "no-text", None, "PDF"),
        (b"<html><table><tr><td>BUID</td></tr></table></html>", {}, "html", None, "HTML page"),
    ],
    ids=short_id,
)
def test_text_that_is_wrong_as_a_whole_is_refused(
    content: bytes, format_: Mapping[str, Any], code: str, line: int | None, said: str
) -> None:
    with pytest.raises(FileFault) as caught:
        read(content, **format_)

    assert (caught.value.code, caught.value.line) == (code, line)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("bad", "column", "code", "said"),
    [
        ("GC9;Amber; Inc.;0614141000418;041234567;11/12/2026;1", "", "too-many-cells", "7 cells"),
        (f"{BALTIC.replace('GC2', 'GC9')};", "", "too-many-cells", "7 cells"),
        ("GC9;Amber", "", "too-few-cells", "2 cells and the headings have 6"),
        ("GC9;x;;;;;extra", "", "too-many-cells", "it has 7 cells and the headings have 6"),
        ('GC9;12" pipe";;;;', "", "", ""),
        ('GC9;"12" pipe";;;;', "", "quotes", "not doubled"),
        ("GC9;x;0614141000419;;;", "GLN", "check-digit", "check digit"),
        ("GC9;x;614141000419;;;", "GLN", "check-digit", "also with leading zeros"),
        ("GC9;x;6,14141E+11;;;", "GLN", "digits-lost", "scientific"),
        ("GC9;x;;123456;;", "DUNS", "length", "9 digits, this has 6"),
        ("GC9;x;;;12/31/2026;", "Go live", "date", "%d/%m/%Y"),
        ("GC9;x;;;;1234.50", "Revenue", "number", "decimal sign ,"),
        ("GC9;x;;;;EUR 5", "Revenue", "number", "decimal sign ,"),
        (";x;;;;", "BUID", "no-key", "no key"),
        ("GC9;be\x07ll;;;;", "Name", "control-character", "U+0007"),
        ("GC9;n\x00ul;;;;", "Name (B)", "control-character", "U+0000"),
        (f"GC9;{'x' * 10_000_000};;;;", "Name (B)", "too-long", "10,000,000 characters"),
        (f"GC9;{'x' * 5_000};;;;", "Name", "too-long", "5,000 characters"),
        ("GC/9;x;;;;", "BUID", "record", "is no id"),
        ("GC9;;;;;", "Name", "record", "partners.name: there is no value"),
    ],
    ids=short_id,
)
def test_bad_row_is_refused_and_its_neighbours_go_through(
    bad: str, column: str, code: str, said: str
) -> None:
    outcome = read(lines(HEADINGS, AMBER, bad, BALTIC))

    if not code:
        assert outcome.values["GC9"][0] == '12" pipe"'
        return
    assert outcome.values == BOTH
    assert outcome.faults == [(3, column, code)]
    assert said in outcome.refused[0].reason
    assert len(outcome.refused[0].value) <= 201


def test_cell_under_no_heading_is_named_as_one() -> None:
    outcome = read(lines(f"{HEADINGS};", f"{AMBER};", "GC9;x;;;;;left over", f"{BALTIC};"))

    assert outcome.faults == [(3, "", "too-many-cells")]
    assert outcome.refused[0].reason.startswith("a cell stands under no heading: give its column")


@pytest.mark.parametrize("sign", ["j", "n", "d", "D", "b", "f", "s", ""])
@pytest.mark.parametrize("end", ["", "Total;;;;;\n"], ids=["duckdb", "python"])
def test_text_that_looks_like_an_encoded_value_is_a_text(sign: str, end: str) -> None:
    content = f"BUID;Name;GLN;DUNS;Go live;Revenue\nGC1;\x1f{sign}7;;;;\nGC2;x;;;;\n{end}"
    declaration = declare(CSV, end=["Total"] if end else [])

    outcome = plan(content.encode(), declaration)

    assert outcome.faults == [(2, "Name", "control-character")]
    assert list(outcome.values) == ["GC2"]


@pytest.mark.parametrize("end", ["", "Total;;\n"], ids=["duckdb", "python"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("bad", ["GC9;Amber; Inc.;", "GC9;Amber;;", 'GC9;"Amber;";;'])
def test_row_with_one_cell_more_is_refused_although_the_cell_is_empty(
    end: str, line_end: str, bad: str
) -> None:
    columns = {
        "buid": {"heading": "BUID", "type": "text", "required": True},
        "name": {"heading": "Name", "type": "text"},
        "city": {"heading": "City", "type": "text"},
    }
    fields = {
        "name": "row.name",
        "role": "'supplier'",
        "status": "'active'",
        "legalName": "row.city",
    }
    records = [{"collection": "partners", "id": "row.buid", "fields": fields}]
    declaration = declare(CSV, columns=columns, records=records, end=["Total"] if end else [])
    content = f"BUID;Name;City\nGC1;x;\n{bad}\nGC2;x;y\n{end}".replace("\n", line_end)

    outcome = plan(content.encode(), declaration)

    assert outcome.faults == [(3, "", "too-many-cells")]
    assert [change.id for change in outcome.changes] == ["GC1", "GC2"]


def test_unquoted_comma_refuses_its_row_and_no_other() -> None:
    text = (
        'BUID,Name,GLN,DUNS,Go live,Revenue\nGC1,"Amber Foods, Inc.",,,,\n'
        "GC2,Amber Foods, Inc.,,,,\nGC3,Baltic,,,,\n"
    )

    outcome = read(text, delimiter=",")

    assert {key: values[0] for key, values in outcome.values.items()} == {
        "GC1": "Amber Foods, Inc.",
        "GC3": "Baltic",
    }
    assert outcome.faults == [(3, "", "too-many-cells")]
    assert "a text that holds ',' needs quotes" in outcome.refused[0].reason


@pytest.mark.parametrize("others", [("13/12/2026",), ("12/11/2026",), ()])
def test_date_does_not_depend_on_other_rows(others: tuple[str, ...]) -> None:
    rows = [f"GC{number};x;;;{day};" for number, day in enumerate(("11/12/2026", *others))]

    assert read(lines(HEADINGS, *rows)).values["GC0"][3] == "2026-12-11"


def test_quoted_line_breaks_keep_the_lines_of_later_rows() -> None:
    text = lines(
        HEADINGS, 'GC1;"two\nlines";;;;', "", "GC2;x;bad;;;", 'GC3;"a\r\n\r\nb";;;;', "GC4;x;1;;;"
    )

    outcome = read(text)

    assert outcome.faults == [(5, "GLN", "digits"), (9, "GLN", "length")]
    assert outcome.values["GC1"][0] == "two\nlines"
    assert outcome.values["GC3"][0] == "a\n\nb"


def test_lines_are_right_when_duckdb_reads_the_file() -> None:
    content = lines("BUID;Name;GLN", 'GC1;"two\nlines";', "GC2;x;bad", "GC3;y;")
    columns = {
        name: column
        for name, column in declare().model_dump(exclude_defaults=True)["columns"].items()
        if name in ("buid", "name", "gln")
    }
    records = [
        {
            "collection": "partners",
            "id": "row.buid",
            "fields": {
                "name": "row.name",
                "role": "'x'",
                "status": "'active'",
                "mailbox": "row.gln",
                "identifiers": [],
                "legalName": "''",
            },
        }
    ]

    outcome = plan(content.encode(), declare(CSV, columns=columns, records=records, end=[]))

    assert outcome.faults == [(4, "GLN", "digits")]
    assert [change.id for change in outcome.changes] == ["GC1", "GC3"]


def test_doubled_keys_are_refused_with_each_others_lines() -> None:
    outcome = read(lines(HEADINGS, AMBER, BALTIC, "GC1 ;Other;;;;", "GC1;Third;;;;"))

    assert list(outcome.values) == ["GC2"]
    assert [(row.line, row.code, row.reason) for row in outcome.refused] == [
        (2, "doubled-key", "line 5 has the same key"),
        (4, "doubled-key", "line 2 has the same key"),
        (5, "doubled-key", "line 2 has the same key"),
    ]


def test_rows_with_a_key_below_the_end_are_refused() -> None:
    outcome = read(lines(HEADINGS, AMBER, "Total;1;;;;", "", BALTIC))

    assert list(outcome.values) == ["GC1"]
    assert outcome.faults == [(5, "", "below-end")]


def test_partner_whose_name_begins_with_total_is_a_row() -> None:
    assert list(read(lines(HEADINGS, "Total-Energies;x;;;;", BALTIC)).values) == [
        "GC2",
        "Total-Energies",
    ]


def test_hostile_cells_stay_text_and_the_report_is_harmless() -> None:
    hostile = "=cmd|' /C calc'!A0"

    outcome = read(lines(HEADINGS, f"GC1;{hostile};;;;", f"GC2;<script>x</script>;{hostile};;;"))
    report = refused_report(outcome.refused).decode("utf-8-sig")

    assert outcome.values["GC1"][0] == hostile
    assert outcome.faults == [(3, "GLN", "digits")]
    assert report.splitlines()[1].startswith(f"3,GLN,'{hostile},")


def json_lines(*rows: str) -> Outcome:
    columns = {
        name: {
            "path": f"fields.{name}",
            **{key: value for key, value in one.items() if key != "heading"},
        }
        for name, one in declare().model_dump(exclude_defaults=True)["columns"].items()
    }
    declaration = declare({"type": "json_lines"}, columns=columns, end=[])
    return plan("\n".join(rows).encode("utf-8", "surrogatepass"), declaration)


def fields(**members: Any) -> str:
    return json.dumps({"fields": members})


def test_json_lines_keep_the_types_of_json() -> None:
    outcome = json_lines(
        "\ufeff" + fields(buid="GC1", name="Amber Foods", gln=614141000418, revenue=1234.5),
        "",
        fields(buid="GC2", name=7, duns="041234567"),
        '{"fields": null}',
    )

    assert outcome.values == {
        "GC1": ("Amber Foods", "0614141000418", None, None, "1234.5"),
        "GC2": ("7", None, "041234567", None, None),
    }


@pytest.mark.parametrize(
    ("bad", "column", "code"),
    [
        ("{", "", "json"),
        ("[1]", "", "json-content"),
        ('{"fields": {}, "fields": {}}', "", "json-content"),
        ('{"fields": {"buid": NaN}}', "", "json-content"),
        (fields(buid="GC9", name=["x"]), "fields.name", "type"),
        (fields(buid="GC9", name={"x": 1}), "fields.name", "type"),
        (fields(buid="GC9", name="\ud800"), "fields.name", "control-character"),
        (fields(buid="GC9", name="x" * 40_000), "fields.name", "too-long"),
        (fields(buid="GC9", name="x" * 2_000_000), "", "too-long"),
        ("[" * 100_000, "", "json"),
        (fields(name="x"), "fields.buid", "no-key"),
    ],
    ids=short_id,
)
def test_bad_line_is_refused_and_its_neighbours_go_through(
    bad: str, column: str, code: str
) -> None:
    outcome = json_lines(fields(buid="GC1", name="a"), bad, fields(buid="GC2", name="b"), "")

    assert list(outcome.values) == ["GC1", "GC2"]
    assert outcome.faults == [(2, column, code)]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([fields(buid="GC1", name="a"), '{"fields": {"bu'], "truncated"),
        (["[" + fields(buid="GC1") + "]"], "json-array"),
    ],
)
def test_json_that_is_wrong_as_a_whole_is_refused(rows: list[str], code: str) -> None:
    with pytest.raises(FileFault) as caught:
        json_lines(*rows)

    assert caught.value.code == code
