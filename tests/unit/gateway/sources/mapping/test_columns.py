"""Columns: values are read by the declared type, mended only where they prove it, else refused."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gridwix_gateway.sources.mapping import Cell, CellError, FormattedNumber
from gridwix_gateway.sources.mapping.columns import (
    Column,
    check_digit,
    read_column,
    read_member,
    shown_value,
)

COLUMN: TypeAdapter[Any] = TypeAdapter(Column)
GLN = "0614141000418"


def moment(*parts: int) -> datetime:
    """A time without a zone, as a spreadsheet has it."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def read(type_: str, cell: Cell, **options: Any) -> Any:
    """Read a cell; a fault becomes its code in brackets."""
    place = {} if "path" in options else {"heading": "H"}
    column = COLUMN.validate_python({**place, "type": type_, **options})
    value, fault = read_column("c", column, cell)
    return value if fault is None else f"[{fault.code}]"


@pytest.mark.parametrize(
    ("type_", "options", "cell", "expected"),
    [
        ("text", {}, "  Amber Foods\u00a0", "Amber Foods"),
        ("text", {}, "", None),
        ("text", {}, "\ufeff \u200b", None),
        ("text", {}, "two\r\nlines", "two\nlines"),
        ("text", {}, "bell\x07", "[control-character]"),
        ("text", {}, "x" * 10_000_000, "[too-long]"),
        ("text", {}, 7, "7"),
        ("text", {}, 7.0, "7"),
        ("text", {}, 0.1 + 0.2, "0.3"),
        ("text", {}, 1e300, "[digits-lost]"),
        ("text", {}, True, "TRUE"),
        ("text", {}, FormattedNumber("000000007"), "000000007"),
        ("text", {}, CellError("#N/A"), "[cell-error]"),
        ("text", {"empty": ["#N/A"]}, CellError("#N/A"), None),
        ("text", {"empty": ["n/a", "-"]}, " N/A ", None),
        ("text", {"required": True}, " ", "[missing]"),
        ("text", {}, moment(2026, 1, 1), "[type]"),
        ("text", {}, "=cmd|'/C calc'!A0", "=cmd|'/C calc'!A0"),
        ("list", {}, "a; b;;c ", ["a", "b", "c"]),
        ("list", {"separator": ","}, "a;b,c", ["a;b", "c"]),
        ("list", {"path": "tags"}, ["a ", "b"], ["a", "b"]),
        ("list", {"path": "tags"}, [1], "[type]"),
        ("integer", {}, "0012", 12),
        ("integer", {}, 12.0, 12),
        ("integer", {}, 12.5, "[integer]"),
        ("integer", {}, "1.200", "[number]"),
        ("integer", {"grouping": "."}, "1.200", 1200),
        ("integer", {"grouping": "."}, "1.20", "[number]"),
        ("integer", {}, "9" * 16, "[range]"),
        ("integer", {}, True, "[number]"),
        ("decimal", {"decimal": ","}, "1234,50", "1234.50"),
        ("decimal", {"decimal": ",", "grouping": "."}, "1.234,50", "1234.50"),
        ("decimal", {"decimal": ",", "grouping": "."}, "1.234,50-", "-1234.50"),
        ("decimal", {"decimal": ","}, "1234.50", "[number]"),
        ("decimal", {"decimal": "."}, "1,234.50", "[number]"),
        ("decimal", {"decimal": ",", "grouping": " "}, "1\u202f234,5", "1234.5"),
        ("decimal", {"decimal": ".", "grouping": "'"}, "1’234.5", "1234.5"),
        ("decimal", {"decimal": "."}, 1234.5, "1234.5"),
        ("decimal", {"decimal": "."}, "-1-", "[number]"),
        ("date", {"format": "%d.%m.%Y"}, "11.12.2026", "2026-12-11"),
        ("date", {"format": "%d/%m/%Y"}, "11/12/2026", "2026-12-11"),
        ("date", {"format": "%m/%d/%Y"}, "11/12/2026", "2026-11-12"),
        ("date", {"format": "%d/%m/%Y"}, "11/13/2026", "[date]"),
        ("date", {"format": "%d/%m/%Y"}, "29/02/2026", "[date]"),
        ("date", {"format": "%Y-%m-%d"}, "0026-01-01", "[date]"),
        ("date", {}, "2026-01-01", "[date]"),
        ("date", {}, moment(2026, 12, 11, 13, 5), "2026-12-11"),
        ("date", {}, date(2026, 12, 11), "2026-12-11"),
        ("date", {"format": "%d.%m.%Y"}, 46367, "[date]"),
        (
            "timestamp",
            {"format": "%d.%m.%Y %H:%M", "zone": "Europe/Berlin"},
            "01.07.2026 14:00",
            "2026-07-01T12:00:00.000Z",
        ),
        (
            "timestamp",
            {"format": "%Y-%m-%dT%H:%M:%S%z"},
            "2026-07-01T14:00:00+02:00",
            "2026-07-01T12:00:00.000Z",
        ),
        (
            "timestamp",
            {"zone": "America/Chicago"},
            moment(2026, 7, 1, 7),
            "2026-07-01T12:00:00.000Z",
        ),
        ("boolean", {"true": ["ja", "x"], "false": ["nein"]}, "JA", True),
        ("boolean", {"true": ["ja"], "false": ["nein"]}, "vielleicht", "[unknown-word]"),
        ("boolean", {}, False, False),
        ("code", {"codes": {"In progress": "in_progress"}}, " in  Progress", "in_progress"),
        ("code", {"codes": {"Live": "active"}}, "gone", "[unknown-word]"),
        ("code", {"codes": {"Live": "active"}, "otherwise": "invited"}, "gone", "invited"),
        ("gln", {}, GLN, GLN),
        ("gln", {}, "0614141 00041 8", GLN),
        ("gln", {}, "614141000418", GLN),
        ("gln", {}, 614141000418, GLN),
        ("gln", {}, "614141000418.0", GLN),
        ("gln", {}, "0614141000419", "[check-digit]"),
        ("gln", {}, "614141000419", "[check-digit]"),
        ("gln", {}, "6.14141E+11", "[digits-lost]"),
        ("gln", {}, "0000000000000", "[check-digit]"),
        ("gln", {}, "41000418", "[length]"),
        ("gln", {}, "GLN0614141000418", "[digits]"),
        (
            "gln",
            {},
            "\u0660\u0666\u0661\u0664\u0661\u0664\u0661\u0660\u0660\u0660\u0664\u0661\u0668",
            "[digits]",
        ),
        ("duns", {}, "04-123-4567", "041234567"),
        ("duns", {}, 41234567, "041234567"),
        ("duns", {}, "1234567", "001234567"),
        ("duns", {}, "123456", "[length]"),
        ("duns", {}, FormattedNumber("000000007"), "000000007"),
        ("duns", {}, 7, "[length]"),
        ("json", {"path": "a"}, {"b": 1}, {"b": 1}),
    ],
)
def test_value_is_read_by_the_declared_type(
    type_: str, options: dict[str, Any], cell: Cell, expected: Any
) -> None:
    value = read(type_, cell, **options)

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("declaration", "said"),
    [
        ({"type": "text"}, "either heading"),
        ({"type": "text", "heading": "A", "path": "a"}, "either heading"),
        ({"type": "date", "heading": "A", "format": "%d/%m"}, "no year"),
        ({"type": "date", "heading": "A", "format": "DD.MM.YYYY"}, "such as %d.%m.%Y"),
        ({"type": "decimal", "heading": "A", "decimal": ",", "grouping": ","}, "must differ"),
        ({"type": "code", "heading": "A", "codes": {"a": "x", "A ": "y"}}, "differ only in case"),
        ({"type": "boolean", "heading": "A", "true": ["x"], "false": ["X"]}, "the same word"),
        ({"type": "timestamp", "heading": "A", "zone": "Mars/Base"}, "no such time zone"),
        ({"type": "json", "heading": "A"}, "needs a path"),
        ({"type": "number", "heading": "A"}, "does not match any of the expected tags"),
    ],
)
def test_declaration_that_leaves_something_open_is_invalid(
    declaration: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        COLUMN.validate_python(declaration)


@given(st.text("0123456789", min_size=12, max_size=12))
def test_gln_without_its_leading_zeros_is_the_same_gln(body: str) -> None:
    gln = body + check_digit(body)
    stripped = gln.lstrip("0")

    value = read("gln", stripped)

    refused = "[length]" if stripped else None
    assert value == (gln if len(stripped) >= 9 else refused)


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_gln_with_one_wrong_digit_is_refused(body: str, place: int, shift: int) -> None:
    gln = "1" + body[1:]
    gln += check_digit(gln)
    wrong = gln[:place] + str((int(gln[place]) + shift) % 10) + gln[place + 1 :]

    assert read("gln", wrong) == "[check-digit]"


def test_member_of_something_that_is_no_object_is_empty() -> None:
    assert read_member({"a": [1]}, "a.b") is None
    assert read_member({}, "a.b.c") is None


def test_shown_value_is_short() -> None:
    assert shown_value("x" * 1_000) == "x" * 200 + "…"
