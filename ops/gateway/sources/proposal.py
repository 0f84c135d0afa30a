"""Proposes a mapping from the headings of a file. Every guess is marked for a person to check."""

import csv
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from openpyxl import load_workbook

from gridwix_gateway.sources.files.containers import identify_container
from gridwix_gateway.sources.files.faults import FileFault
from gridwix_gateway.sources.mapping.columns import check_digit
from ops.errors import OpsError

SAMPLE_ROWS = 200
SAMPLE_BYTES = 1_000_000
MOST_WORDS = 12
"""Different values up to which a column is proposed as a list of words."""

_DELIMITERS = ";,\t|"
_DATES = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%y")


def propose_declaration(path: Path) -> str:
    """Return a declaration as YAML, with each guess marked.

    Args:
        path: A CSV file or an Excel workbook.

    Returns:
        The text for ``config/gateway/sources/NAME.yaml``.

    Raises:
        OpsError: The file has no rows that can be read.
    """
    try:
        kind = identify_container(path)
    except (OSError, FileFault) as error:
        raise OpsError(f"{path}: {error}") from None
    if kind == "zip":
        format_, rows = "{type: excel}", _workbook_rows(path)
    elif kind == "text":
        format_, rows = _text_rows(path)
    else:
        raise OpsError(f"{path} is neither a CSV file nor an Excel workbook (.xlsx)")
    start = next((place for place, row in enumerate(rows) if sum(map(bool, row)) >= 2), None)
    if start is None:
        raise OpsError(f"{path} has no row with two headings")
    headings, samples = rows[start], rows[start + 1 :]
    columns = _columns(headings, samples)
    if not columns:
        raise OpsError(f"{path} has no headings")
    first = columns[0][0]
    lines = [
        "# Proposed from the headings. Check each line that is marked as a guess.",
        "source: files",
        "kind: snapshot  # guess: a row that is missing is gone; or additions",
        f"format: {format_}  # guess",
        f"key: [{first}]  # guess: the columns that identify a row",
        "",
        "columns:",
        *(_column_line(place, *column) for place, column in enumerate(columns)),
        "",
        "records:  # guess: the members of the profile that these columns give",
        "  - collection: partners",
        f"    id: row.{first}",
        "    fields:",
        f"      name: row.{columns[min(1, len(columns) - 1)][0]}",
        "      role: \"'supplier'\"",
        "      status: \"'active'\"",
        *(f"      # MEMBER: row.{name}" for name, _, _ in columns[2:]),
    ]
    return "\n".join(lines) + "\n"


def _column_line(place: int, name: str, heading: str, type_: str) -> str:
    """Return a column's line. A column that no record uses yet is a comment."""
    mark = "  " if place < 2 else "  # "
    return f"{mark}{name}: {{heading: {_quoted(heading)}, {type_}}}  # guess"


def _text_rows(path: Path) -> tuple[str, list[list[str]]]:
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    encoding = "utf-8"
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        try:
            sample.decode()
        except UnicodeDecodeError as error:
            # The sample may end within a character.
            encoding = "utf-8" if error.start > len(sample) - 4 else "windows-1252"
    text = sample.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    rows = list(csv.reader(text.splitlines()[:SAMPLE_ROWS], delimiter=delimiter))
    shown = '"\\t"' if delimiter == "\t" else f'"{delimiter}"'
    return f"{{type: csv, delimiter: {shown}, encoding: {encoding}}}", rows


def _workbook_rows(path: Path) -> list[list[str]]:
    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise OpsError(f"{path} is no Excel workbook ({type(error).__name__})") from None
    sheet = next((one for one in workbook.worksheets if one.sheet_state == "visible"), None)
    if sheet is None:
        raise OpsError(f"{path} has no visible sheet")
    sheet.reset_dimensions()
    return [
        [_shown(value) for value in row]
        for row in sheet.iter_rows(max_row=SAMPLE_ROWS, values_only=True)
    ]


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value).strip()


def _columns(
    headings: Sequence[str], samples: Sequence[Sequence[str]]
) -> list[tuple[str, str, str]]:
    """Return name, heading and the rest of the declaration of each column."""
    found: list[tuple[str, str, str]] = []
    for place, heading in enumerate(headings):
        if not heading.strip():
            continue
        values = [row[place].strip() for row in samples if place < len(row) and row[place].strip()]
        name = re.sub(r"[^a-z0-9]+", "_", heading.lower()).strip("_")[:50] or "column"
        name = name if name[0].isalpha() else f"c_{name}"
        taken = {one[0] for one in found}
        found.append(
            (name if name not in taken else f"{name}_{place}", heading, _type(heading, values))
        )
    return found


def _type(heading: str, values: Sequence[str]) -> str:
    checks: list[tuple[str, Callable[[str], bool]]] = [
        ("type: gln", _is_gln),
        *((f'type: date, format: "{one}"', _date_check(one)) for one in _DATES),
    ]
    if re.search(r"d-?u-?n-?s", heading, re.IGNORECASE):
        return "type: duns"
    if values:
        for type_, check in checks:
            if all(map(check, values)):
                return type_
        words = sorted(set(values))
        if len(words) <= MOST_WORDS and len(values) >= 3 * len(words) and max(map(len, words)) < 30:
            codes = ", ".join(f"{_quoted(word)}: {_quoted(word.lower())}" for word in words)
            return f"type: code, codes: {{{codes}}}"
    return "type: text"


def _is_gln(value: str) -> bool:
    digits = value.removesuffix(".0").zfill(13)
    return (
        len(value) >= 9 and len(digits) == 13 and digits.isdecimal() and digits.isascii()
        and check_digit(digits[:-1]) == digits[-1]
    )  # fmt: skip


def _date_check(format_: str) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        try:
            datetime.strptime(value, format_)  # noqa: DTZ007 - a day
        except ValueError:
            return False
        return True

    return check


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
