"""Proposes the declaration of a file source (YAML) from the headings and rows of a sample file.

Every guess is marked for a person to check.
"""

import csv
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from itertools import islice
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

from openpyxl import load_workbook

from gridwix_gateway.sources.files.containers import identify_container
from gridwix_gateway.sources.files.faults import FileFault
from gridwix_gateway.sources.files.tables import SEARCHED_ROWS
from gridwix_gateway.sources.mapping.columns import check_digit, compared_text
from gridwix_gateway.sources.mapping.members import RULES
from ops.errors import OpsError

HEADED = 0.75
"""Minimum share of a row's usual number of cells that a row of headings fills."""

SAMPLE_ROWS = 200
SAMPLE_BYTES = 1_000_000
MOST_WORDS = 12
"""Maximum number of different values for which a column is proposed as a list of words."""

_RESERVED = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n", "in"})
"""Names that a column cannot have: YAML reads them as another value, or CEL as an operator."""

_DELIMITERS = ";,\t|"
_DATES = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y")
_TIMES = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S")
_TEXT = "type: text"
_IDS = re.compile(r"buid|\b(id|nr|no|number|nummer|code|key|account|konto)\b", re.IGNORECASE)
_NAMES = re.compile(
    r"name|partner|supplier|vendor|company|customer|carrier|firma|lieferant", re.IGNORECASE
)
_TOTALS = re.compile(
    r"(grand |sub)?totals?|sums?|summe|gesamt(summe)?|total général", re.IGNORECASE
)
_JSON_OBJECT = re.compile(r'\s*\{\s*"')
_ID_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:-]{0,99}")

type Cells = Sequence[Any]
"""Texts of a row, and the dates of a spreadsheet."""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    place: str
    """Place of the column's values in the file: ``heading: "X"`` or ``path: x.y``."""
    shown: str
    """The column's heading or path, from which its meaning is guessed."""
    type_: str
    doubt: str
    """Another type that the column may have; "" for none."""
    values: Sequence[Any]
    is_doubled: bool = False
    """True if another column has the same heading, so that the reader takes neither."""

    @property
    def is_key(self) -> bool:
        """True if the column can identify rows: each value occurs once and can be an id."""
        texts = [str(value) for value in self.values]
        return len(set(texts)) == len(texts) and all(map(_ID_VALUE.fullmatch, texts))


def propose_declaration(path: Path) -> str:
    """Return a proposed declaration of a source as YAML, with each guess marked.

    Args:
        path: A CSV file, an Excel workbook or a file of JSON Lines.

    Returns:
        The text for ``config/gateway/sources/NAME.yaml``.

    Raises:
        OpsError: The file has no rows that can be read.
    """
    try:
        kind = identify_container(path)
    except (OSError, FileFault) as error:
        raise OpsError(f"{path}: {error}", "give another file") from None
    if kind == "zip":
        return _table_proposal(path, *_workbook_rows(path))
    if kind == "json_array":
        raise _one_json_value(path)
    if kind != "text":
        raise OpsError(
            f"{path} is neither a CSV file, nor an Excel workbook (.xlsx), nor a file of"
            " JSON Lines",
            "save it as one of them",
        )
    documents = _json_lines(path)
    if documents is not None:
        return _proposal("{type: json_lines}", _json_columns(documents), (), len(documents))
    if _JSON_OBJECT.match(_sample_text(path)[1]):
        raise _one_json_value(path)
    return _table_proposal(path, *_text_rows(path))


def _one_json_value(path: Path) -> OpsError:
    return OpsError(f"{path} is one JSON value", "write one object per line (JSON Lines)")


def _heading_row(rows: Sequence[Cells]) -> int | None:
    """Return the index of a table's row of headings; None if no row looks like headings."""
    widths = [sum(map(bool, row)) for row in rows[:SEARCHED_ROWS]]
    # Titles and dates of an export stand above the headings, in few cells.
    usual = median([width for width in widths if width] or [0])
    least = max(2, max(widths, default=0) // 2 + 1, ceil(usual * HEADED))
    return next((place for place, width in enumerate(widths) if width >= least), None)


def _table_proposal(path: Path, format_: str, rows: Sequence[Cells]) -> str:
    start = _heading_row(rows)
    if start is None:
        raise OpsError(
            f"{path} has no row with two headings",
            "write the headings of the columns into a row above the data",
        )
    below = rows[start + 1 :]
    ends = [
        place
        for place, row in enumerate(below)
        if _TOTALS.fullmatch(str(next(filter(None, row), "")).rstrip(": "))
    ]
    samples = [row for row in below[: ends[0] if ends else None] if any(row)]
    end = [str(next(filter(None, below[ends[0]])))] if ends else []
    columns = _table_columns([str(one) for one in rows[start]], samples)
    return _proposal(format_, columns, end, len(samples))


def _proposal(format_: str, columns: Sequence[_Column], end: Sequence[str], rows: int) -> str:
    key, name = _key_column(columns, rows), _name_column(columns)
    used = {key.name, name.name}
    rules = RULES["partners"]
    others = ", ".join(sorted(rules.members - {"name", "role", "status"}))
    statuses = rules.statuses - {"active"}
    return (
        "\n".join(
            [
                "# Proposed from the headings. Check each line that is marked as a guess.",
                "source: files",
                "kind: snapshot  # guess: a row that is missing is gone; or additions",
                f"format: {format_}  # guess",
                f"key: [{key.name}]  # guess: {_key_doubt(key, rows)}",
                *(f"end: [{_quoted(one)}]  # guess: begins the row below the table" for one in end),
                "",
                "columns:",
                *(_column_line(column, used) for column in columns),
                "",
                f"# guess: rows are partners. Others: {', '.join(sorted({*RULES} - {'partners'}))}",
                "records:",
                "  - collection: partners",
                f"    id: row.{key.name}  # guess: {_id_doubt(key)}",
                "    fields:",
                f"      name: row.{name.name}  # guess",
                "      role: \"'supplier'\"  # guess: or carrier, distributor, 3pl, customer",
                f"      status: \"'active'\"  # guess: or {', '.join(sorted(statuses))}",
                *(f"      # MEMBER: row.{one.name}" for one in columns if one.name not in used),
                f"      # MEMBER is one of {others}",
            ]
        )
        + "\n"
    )


def _key_column(columns: Sequence[_Column], rows: int) -> _Column:
    """Return the column that most probably identifies the rows, by its heading and values."""

    def rank(column: _Column) -> tuple[bool, bool, bool, bool, int]:
        whole = len(column.values) == rows and column.is_key
        return (
            not column.is_doubled,
            whole,
            "buid" in column.shown.lower(),
            bool(_IDS.search(column.shown)),
            len(set(map(str, column.values))),
        )

    return max(columns, key=rank)


def _key_doubt(key: _Column, rows: int) -> str:
    if len(set(map(str, key.values))) < rows:
        return "no column has another value in each row, so name the columns that identify one"
    return "the columns that identify a row"


def _id_doubt(key: _Column) -> str:
    if all(_ID_VALUE.fullmatch(str(value)) for value in key.values):
        return "a BUID or a number that never changes"
    return f"its values are no ids: slug(row.{key.name}), or a number that never changes"


def _name_column(columns: Sequence[_Column]) -> _Column:
    """Return the column that most probably has the partner's name, by its heading and values."""

    def rank(column: _Column) -> tuple[bool, bool, bool, bool]:
        lettered = any(re.search(r"[^\W\d_]", str(value)) for value in column.values)
        is_id = bool(_IDS.search(column.shown))
        return (
            not column.is_doubled,
            lettered and not is_id,
            bool(_NAMES.search(column.shown)),
            column.type_ == _TEXT,
        )

    return max(columns, key=rank)


def _column_line(column: _Column, used: Iterable[str]) -> str:
    """Return the YAML line that declares a column, commented out if no record uses the column."""
    mark = "  " if column.name in used else "  # "
    return f"{mark}{column.name}: {{{column.place}, {column.type_}}}  # guess{column.doubt}"


def _text_rows(path: Path) -> tuple[str, list[list[str]]]:
    encoding, text = _sample_text(path)

    def rows_by(delimiter: str) -> list[list[str]]:
        reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        try:
            return [[cell.strip() for cell in row] for row in islice(reader, SAMPLE_ROWS)]
        except csv.Error:
            return []

    def rank(delimiter: str) -> int:
        """Return the score of a possible delimiter; the delimiter with the highest score is taken.

        Rows with the same number of cells form a group; rows with one cell are left out. The score
        is the number of cells in the group with the most cells, 0 if there is no group.
        """
        widths = Counter(len(row) for row in rows_by(delimiter) if len(row) > 1)
        return max((width * count for width, count in widths.items()), default=0)

    delimiter = max(_DELIMITERS, key=rank)
    shown = '"\\t"' if delimiter == "\t" else f'"{delimiter}"'
    return f"{{type: csv, delimiter: {shown}, encoding: {encoding}}}", rows_by(delimiter)


def _sample_text(path: Path) -> tuple[str, str]:
    """Return the encoding of a text file and the beginning of its text."""
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
    return encoding, text


def _json_lines(path: Path) -> list[Mapping[str, Any]] | None:
    """Return the first objects of a JSON Lines file; None if the file has another format."""
    lines = [line for line in _sample_text(path)[1].splitlines() if line.strip()]
    found: list[Mapping[str, Any]] = []
    for line in lines[:SAMPLE_ROWS]:
        try:
            document = json.loads(line)
        except ValueError:
            # The sample may end within a line.
            return found or None
        if not isinstance(document, dict):
            return None
        found.append(document)
    return found


def _json_columns(documents: Sequence[Mapping[str, Any]]) -> list[_Column]:
    values: dict[str, list[Any]] = {}
    for document in documents:
        for path, value in _leaves(document, ""):
            values.setdefault(path, []).append(value)
    return [
        _Column(name, f"path: {_quoted(path)}", path, *_json_type(path, found), found)
        for name, (path, found) in zip(_column_names(values), values.items(), strict=True)
    ]


def _leaves(document: Mapping[str, Any], before: str) -> Iterable[tuple[str, Any]]:
    for name, value in document.items():
        # A path has no spaces, and its points part members.
        if not re.fullmatch(r"[^.\s]+", name):
            continue
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{name}.")
        elif value is not None and value != "":
            yield f"{before}{name}", value


def _json_type(path: str, values: Sequence[Any]) -> tuple[str, str]:
    if all(isinstance(value, bool) for value in values):
        return "type: boolean", ""
    if any(isinstance(value, list | bool) for value in values):
        return "type: json", ""
    return _type(path, values)


def _workbook_rows(path: Path) -> tuple[str, list[Cells]]:
    """Return the value of ``format`` in a declaration of this workbook, and the rows of the table.

    The value is YAML: ``{type: excel}``, with the name of the sheet if another visible sheet has
    some of the same headings. The rows are those of the visible sheet with the most filled cells.
    Raises OpsError if the workbook cannot be read.
    """
    try:
        # By its content, as the reader does: openpyxl would refuse another ending of the name.
        with path.open("rb") as file:
            workbook = load_workbook(file, read_only=True, data_only=True)
            sheets = [one for one in workbook.worksheets if one.sheet_state == "visible"]
            tables = {one.title: _sheet_rows(one) for one in sheets}
    except Exception as error:
        raise OpsError(
            f"{path}: the workbook cannot be read ({type(error).__name__})",
            "open it in Excel and save it again",
        ) from None
    if not tables:
        raise OpsError(f"{path} has no visible sheet", "unhide the sheet with the data")
    # A cover sheet and a legend have fewer cells than the table.
    name = max(tables, key=lambda title: sum(sum(map(bool, row)) for row in tables[title]))
    headings = _heading_words(tables[name])
    # The reader takes the one sheet that has the headings of the declared columns.
    is_alone = not any(
        headings & _heading_words(rows) for title, rows in tables.items() if title != name
    )
    return ("{type: excel}" if is_alone else f"{{type: excel, sheet: {_quoted(name)}}}"), tables[
        name
    ]


def _heading_words(rows: Sequence[Cells]) -> Set[str]:
    start = _heading_row(rows)
    return set() if start is None else {compared_text(str(cell)) for cell in rows[start] if cell}


def _sheet_rows(sheet: Any) -> list[Cells]:
    sheet.reset_dimensions()
    return [
        [_shown(value) for value in row]
        for row in sheet.iter_rows(max_row=SAMPLE_ROWS, values_only=True)
    ]


def _shown(value: object) -> str | date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return "" if value is None else str(value).strip()


def _table_columns(headings: Sequence[str], samples: Sequence[Cells]) -> list[_Column]:
    texts = [heading.strip() for heading in headings]
    places = [place for place, text in enumerate(texts) if text]
    names = _column_names(texts[place] for place in places)
    counts = Counter(compared_text(texts[place]) for place in places)
    columns: list[_Column] = []
    for name, place in zip(names, places, strict=True):
        values = [row[place] for row in samples if place < len(row) and row[place]]
        heading = texts[place]
        type_, doubt = _type(heading, values)
        is_doubled = counts[compared_text(heading)] > 1
        doubt += ": this heading stands twice, so rename one" if is_doubled else ""
        columns.append(
            _Column(name, f"heading: {_quoted(heading)}", heading, type_, doubt, values, is_doubled)
        )
    return columns


def _column_names(headings: Iterable[str]) -> list[str]:
    names: list[str] = []
    for place, heading in enumerate(headings):
        plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
        name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50] or "column"
        name = f"c_{name}" if name in _RESERVED or not name[0].isalpha() else name
        names.append(f"{name}_{place}" if name in names else name)
    return names


def _type(heading: str, values: Sequence[Any]) -> tuple[str, str]:
    """Return the guessed type of a column as YAML, and a remark on other formats that fit.

    The remark is "" if no other format fits.
    """
    if re.search(r"d-?u-?n-?s", heading, re.IGNORECASE):
        return "type: duns", ""
    texts = [str(value).strip() for value in values if not isinstance(value, date)]
    if values and not texts:
        # A spreadsheet's own dates need no format.
        return "type: date", ""
    if not texts:
        return _TEXT, ""
    if all(map(_is_gln, texts)):
        return "type: gln", ""
    for kind, formats in (("date", _DATES), ("timestamp", _TIMES)):
        if fitting := [one for one in formats if all(map(_date_check(one), texts))]:
            # Up to 12, a day and a month can stand in either order.
            doubt = "".join(f", or {one}" for one in fitting[1:])
            return f'type: {kind}, format: "{fitting[0]}"', doubt
    words = sorted({compared_text(text): text for text in texts}.values())
    if len(words) <= MOST_WORDS and len(texts) >= 3 * len(words) and max(map(len, words)) < 30:
        codes = ", ".join(f"{_quoted(word)}: {_quoted(word.lower())}" for word in words)
        return f"type: code, codes: {{{codes}}}", ""
    return _TEXT, ""


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
    r"""Return a text as a quoted YAML string on one line.

    Unprintable characters and runs of white space become one space.

    >>> _quoted('the "main"\n number')
    '"the \\"main\\" number"'
    """
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return json.dumps(" ".join(plain.split()), ensure_ascii=False)
