"""Reads tables from a CSV file or an Excel workbook, with size limits, and runs no formula.

The content of a file decides its type. Cells are texts. A formula becomes a cell with a fault.
"""

import csv
import io
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from gridwix_gateway.sources.files.containers import identify_container
from gridwix_gateway.sources.files.faults import FileFault
from ops.errors import OpsError

MAX_BYTES = 10_000_000
"""Maximum size of a file in bytes."""

MAX_ROWS = 20_000
"""Maximum number of rows below the headings."""

MAX_COLUMNS = 100
"""Maximum number of columns."""

MAX_CELL = 1_000
"""Maximum number of characters of a cell."""

MAX_LINE = 200_000
"""Number of the last line of a file, or row of a sheet, that may have content. Empty ones count."""

MAX_SHEETS = 20
"""Maximum number of sheets of a workbook that are read."""

MAX_PARTS = 500
"""Maximum number of files within a workbook, which is a ZIP archive."""

MAX_UNPACKED = 60_000_000
"""Maximum size in bytes of all files in a workbook together, unpacked."""

DELIMITERS = (",", ";", "\t")

FORMULA_STARTS = ("=", "+", "-", "@")
"""First characters by which a spreadsheet takes a cell of a CSV file for a formula."""

_UNREADABLE = (KeyError, IndexError, ValueError, TypeError, AttributeError, OSError)
"""Errors that openpyxl raises for missing or unexpected parts of a workbook."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DECLARATIONS = ("<!DOCTYPE", "<!ENTITY")


class FileRefused(OpsError):
    """A file of people cannot be read as a whole. The message gives the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table with its text, without spaces around it.

    ``fault`` is the reason why the cell cannot be used, "" if it can.
    """

    text: str
    fault: str = ""


_EMPTY = Cell("")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, with its line in the file or its number in the sheet, from 1."""

    line: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the rows of a CSV file or a sheet that are not empty. The first has the headings."""

    rows: Sequence[Row]


def read_tables(path: Path) -> Sequence[Table]:
    """Return the table of a CSV file, or a table for each visible, filled sheet of a workbook.

    Raises:
        FileRefused: The file is no CSV file or workbook, cannot be read completely, or is larger
            than an import reads.
    """
    content = _read_bytes(path)
    try:
        kind = identify_container(path)
    except FileFault as fault:
        raise FileRefused(f"{path.name}: {fault}", "save it as CSV UTF-8, or as .xlsx") from None
    try:
        match kind:
            case "zip":
                tables = list(_sheets(content))
            case "text" | "json_array":
                tables = [Table(_bounded(_csv_rows(content)))]
            case "ole":
                raise FileRefused(
                    "it is a workbook of Excel 97 to 2003, or it has a password",
                    "save it as Excel Workbook (.xlsx) without one",
                )
            case _:
                raise FileRefused(f"it is {kind.upper()}", "save it as CSV UTF-8, or as .xlsx")
    except FileRefused as refused:
        raise FileRefused(f"{path.name}: {refused.fault}", refused.remedy) from None
    if found := [table for table in tables if table.rows]:
        return found
    raise FileRefused(
        f"{path.name}: it has no rows", "write the headings, and a row for each person"
    )


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileRefused(f"{path}: there is no such file", "correct the path") from None
    except OSError as error:
        raise FileRefused(
            f"{path}: it cannot be read ({error.strerror})", "correct its permissions"
        ) from None
    if len(content) > MAX_BYTES:
        raise FileRefused(
            f"{path.name}: it has more than {MAX_BYTES // 1_000_000} MB", "import it in parts"
        )
    return content


def _bounded(rows: Iterator[Row]) -> Sequence[Row]:
    """Return the rows that are not empty, headings included.

    Raises FileRefused if there are more rows or columns than allowed.
    """
    found: list[Row] = []
    for row in rows:
        if row.line > MAX_LINE:
            raise FileRefused(f"it has something below line {MAX_LINE:,}", "remove that")
        if not any(cell.text or cell.fault for cell in row.cells):
            continue
        if len(row.cells) > MAX_COLUMNS:
            raise FileRefused(
                f"line {row.line} has more than {MAX_COLUMNS} columns",
                "remove those that are not needed",
            )
        found.append(row)
        if len(found) > MAX_ROWS + 1:
            raise FileRefused(f"it has more than {MAX_ROWS:,} rows", "import it in parts")
    return found


def _csv_rows(content: bytes) -> Iterator[Row]:
    text = _decode(content)
    first, _, rest = text.partition("\n")
    stated = first.strip().strip('"')
    skipped = 0
    if stated.lower().startswith("sep=") and stated[4:] in DELIMITERS:
        delimiter, text, skipped = stated[4:], rest, 1
    else:
        delimiter = max(DELIMITERS, key=_first_line(text).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    former = csv.field_size_limit(MAX_BYTES)
    try:
        while True:
            line = reader.line_num + 1 + skipped
            try:
                cells = next(reader, None)
            except csv.Error:
                raise FileRefused(
                    f"line {line}: a quote is not closed, or not doubled inside a text",
                    "save it as CSV UTF-8 with a spreadsheet program",
                ) from None
            if cells is None:
                return
            yield Row(line, [_csv_cell(text) for text in cells])
    finally:
        csv.field_size_limit(former)


def _first_line(text: str) -> str:
    return next((line for line in text[:10_000].splitlines() if line.strip()), "")


def _decode(content: bytes) -> str:
    if content.startswith(_UTF16):
        raise FileRefused("it is UTF-16 text", "save it as CSV UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"line {line}: a character is not UTF-8", "save the file as CSV UTF-8"
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileRefused(
            f"line {line}: it holds a zero byte, so it is no text", "save it as CSV UTF-8"
        )
    return text


def _csv_cell(text: str) -> Cell:
    return _formula() if text.lstrip().startswith(FORMULA_STARTS) else _text_cell(text)


def _text_cell(text: str) -> Cell:
    trimmed = text.strip()
    if len(trimmed) > MAX_CELL:
        return Cell("", f"it has more than {MAX_CELL:,} characters")
    # Those above ASCII, too: terminals obey U+009B as they do the escape character.
    if any(unicodedata.category(character) == "Cc" for character in trimmed):
        return Cell("", "it has a line break or a control character")
    return Cell(trimmed)


def _formula() -> Cell:
    return Cell("", "it is a formula, or looks like one: write the value itself")


def _sheets(content: bytes) -> Iterator[Table]:
    """Yield a table for each visible sheet of a workbook.

    Raises FileRefused if the workbook cannot be read.
    """
    from openpyxl import load_workbook

    try:
        _check_parts(content)
        # With its formulas, and not with the values that some program has stored beside them.
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            if not book.worksheets:
                raise FileRefused(
                    "it has no sheets that can be read",
                    "save it as Excel Workbook (.xlsx), and not as Strict Open XML Spreadsheet",
                )
            shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if len(shown) > MAX_SHEETS:
                raise FileRefused(
                    f"it has more than {MAX_SHEETS} sheets", "keep the one with the people"
                )
            for sheet in shown:
                yield Table(_bounded(_sheet_rows(sheet)))
        finally:
            book.close()
    except FileRefused:
        raise
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError):
        # A RuntimeError: a part has a password, or is packed in a way that Python does not know.
        raise FileRefused(
            "the workbook is damaged or has a password", "save it again, without a password"
        ) from None
    except (*_UNREADABLE, ParseError) as error:
        raise FileRefused(
            f"the workbook cannot be read ({type(error).__name__})",
            "open it in Excel and save it again",
        ) from None


def _check_parts(content: bytes) -> None:
    """Check the number and unpacked size of a workbook's files, and that none has XML entities.

    Raises FileRefused if a check fails. A file is never unpacked further than the size that the
    archive states for it.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if not any(part.filename.startswith("xl/") for part in parts):
            raise FileRefused(
                "it is no Excel workbook", "save it as Excel Workbook (.xlsx), or as CSV UTF-8"
            )
        if len(parts) > MAX_PARTS:
            raise FileRefused(
                f"the workbook has more than {MAX_PARTS} parts",
                "save its sheet with the people as CSV UTF-8",
            )
        if sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise FileRefused(
                f"the workbook has more than {MAX_UNPACKED // 1_000_000} MB unpacked",
                "import it in parts",
            )
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")) and _declares(archive.read(part)):
                raise FileRefused(
                    "the workbook declares entities, which none of Excel's does",
                    "open it in Excel and save it again",
                )


def _declares(part: bytes) -> bool:
    """Return True if an XML part has a document type, in any encoding that XML parsers read."""
    return any(
        word.encode(encoding) in part
        for word in _DECLARATIONS
        for encoding in ("ascii", "utf-16-le", "utf-16-be")
    )


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    # Bounds of our own: several programs write a wrong dimension, by which rows would be left out.
    # One column and one row more than allowed, to see that there is more.
    for line, cells in enumerate(
        sheet.iter_rows(max_col=MAX_COLUMNS + 1, max_row=MAX_LINE + 1), start=1
    ):
        # Most of these cells exist only up to the bound: they cost next to nothing.
        width = max(
            (place for place, cell in enumerate(cells, 1) if cell.value is not None), default=0
        )
        found = [_excel_cell(cell) for cell in cells[:width]]
        while found and not (found[-1].text or found[-1].fault):
            found.pop()
        yield Row(line, found)


def _excel_cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return _EMPTY
    match cell.data_type:
        case "f":
            return _formula()
        case "e":
            return Cell("", f"it has Excel's error {value}")
        case "d":
            return Cell("", "it is a date: format the cell as text")
        case "b":
            return Cell("TRUE" if value else "FALSE")
        case _:
            pass
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _text_cell(str(value))
