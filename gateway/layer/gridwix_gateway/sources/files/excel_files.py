"""Reads Excel workbooks with openpyxl's streaming parser, and checks that no row is lost.

openpyxl's read-only mode trusts the sheet's ``<dimension>``, which several programs write wrong,
and then skips rows. So the parser is called here without ``<dimension>``, and its rows are counted
against the ``<row>`` elements in the file. Number formats are kept, because ``7`` in a cell with
the format ``000000000`` is shown as ``000000007``.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

from gridwix_gateway.sources.files.cells import encode_cell
from gridwix_gateway.sources.files.containers import require_workbook
from gridwix_gateway.sources.files.declaration import ExcelFormat, FilesDeclaration
from gridwix_gateway.sources.files.faults import FileFault
from gridwix_gateway.sources.files.rows import RowBuilder, Rows
from gridwix_gateway.sources.files.tables import SEARCHED_ROWS, Headings, TableEnd, find_headings
from gridwix_gateway.sources.mapping.records import CellError, FormattedNumber

MAX_PARTS = 2_000
MAX_UNPACKED = 1_000_000_000
"""Maximum bytes of all parts of a workbook together, unpacked."""
MAX_SHARED = 100_000_000
"""Maximum bytes of each part that is held in memory: shared texts and styles."""
MAX_RATIO = 200
"""Maximum unpacked bytes per packed byte of a workbook, beyond ``FREE_BYTES``. Normal workbooks
reach about 30.
"""
FREE_BYTES = 20_000_000

_CHUNK = 1 << 18
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_LONGEST_TAG = 64
_STRICT = b"http://purl.oclc.org/ooxml/"
_ZEROS = re.compile(r"0{2,}")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_IN_MEMORY = ("sharedstrings.xml", "styles.xml", "workbook.xml")


def read_excel(path: Path, declaration: FilesDeclaration) -> Rows:
    """Yield the rows of the declared table in a workbook.

    Args:
        path: The workbook.
        declaration: Declaration of the source.

    Yields:
        Rows with their row numbers in the sheet. Hidden rows are included.

    Raises:
        FileFault: The file is no complete workbook, the headings are on no sheet or on several, or
            the parser skipped rows.
    """
    assert isinstance(declaration.format, ExcelFormat)
    require_workbook(path)
    counts = _check_parts(path)
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            # Unknown extensions of a workbook are no fault of its cells.
            warnings.simplefilter("ignore")
            # By its content: openpyxl would refuse a file whose name has another ending.
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                sheet, headings = _find_sheet(workbook, declaration)
                yield from _read_sheet(workbook, sheet, headings, declaration, counts)
            finally:
                workbook.close()
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, ParseError) as error:
        raise FileFault(
            "no-workbook",
            f"the workbook cannot be read ({type(error).__name__}): open it in Excel and save it"
            " again",
        ) from None
    except zipfile.BadZipFile:
        raise FileFault("truncated", "the workbook is damaged: send it again") from None


def _check_parts(path: Path) -> Mapping[str, int]:
    """Check every XML part of a workbook before it is parsed: checksum, size, no XML entities.

    Returns:
        The number of ``<row>`` elements of each part, by the part's name.

    Raises:
        FileFault: The archive is damaged, too large, or no workbook.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            names = {part.filename.lower() for part in parts}
            if "xl/workbook.bin" in names:
                raise FileFault(
                    "no-workbook",
                    "it is a binary workbook (.xlsb): save it as Excel Workbook (.xlsx)",
                )
            if not any(name.endswith("workbook.xml") for name in names):
                raise FileFault("no-workbook", "it is a ZIP archive, and no Excel workbook (.xlsx)")
            return {
                part.filename: _check_part(archive, part)
                for part in parts
                if part.filename.lower().endswith((".xml", ".rels"))
            }
    except (zipfile.BadZipFile, EOFError, zipfile.zlib.error):  # type: ignore[attr-defined]
        raise FileFault(
            "truncated",
            "the workbook is cut off or damaged: the upload did not finish, or it is still being"
            " written",
        ) from None
    except (RuntimeError, NotImplementedError):
        raise FileFault(
            "password", "the archive is encrypted or packed in an unknown way"
        ) from None


def _check_sizes(parts: Sequence[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if (
        len(parts) > MAX_PARTS
        or unpacked > MAX_UNPACKED
        or unpacked > FREE_BYTES + MAX_RATIO * packed
    ):
        raise FileFault(
            "too-large", f"the workbook unpacks to {unpacked:,} bytes, which is more than is read"
        )
    for part in parts:
        if part.filename.lower().endswith(_IN_MEMORY) and part.file_size > MAX_SHARED:
            raise FileFault(
                "too-large", f"{part.filename} has {part.file_size:,} bytes, more than is read"
            )


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    rows = size = 0
    window = b""
    with archive.open(part) as stream:
        while True:
            chunk = stream.read(_CHUNK)
            size += len(chunk)
            if size > part.file_size:
                raise zipfile.BadZipFile
            window += chunk
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise FileFault("entities", "the workbook declares XML entities, which none needs")
            if part.filename.lower().endswith("workbook.xml") and _STRICT in window:
                raise FileFault(
                    "strict",
                    "it is a Strict Open XML Spreadsheet: save it as Excel Workbook (.xlsx)",
                )
            # A tag that begins at the border of a chunk is counted with the next one.
            border = len(window) - _LONGEST_TAG if chunk else len(window)
            rows += sum(match.start() < border for match in _ROW.finditer(window))
            window = window[max(0, border) :]
            if not chunk:
                return rows


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """openpyxl's parser of a sheet, which reports unreadable cells as cells with an error.

    A formula without a stored result is such a cell, and not an empty one.
    """

    def parse_cell(self, element: Any) -> dict[str, Any]:
        try:
            cell: dict[str, Any] = super().parse_cell(element)
        except (ValueError, IndexError, OverflowError, TypeError) as error:
            if element.get("r") is None:
                raise
            cell = {
                "row": self.row_counter,
                "column": self.col_counter,
                "value": f"#UNREADABLE ({type(error).__name__})",
                "data_type": "e",
                "style_id": 0,
            }
        if (
            cell["value"] is None
            and element.find(FORMULA_TAG) is not None
            and element.find(VALUE_TAG) is None
        ):
            cell |= {"value": "#FORMULA (its result was not saved)", "data_type": "e"}
        return cell


def _parsed_rows(
    workbook: Any, sheet: ReadOnlyWorksheet
) -> Iterator[tuple[int, list[dict[str, Any]], _Parser]]:
    # All of this is internal to openpyxl, whose public reader trusts <dimension>.
    with sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=workbook.epoch,
            date_formats=workbook._date_formats,
            timedelta_formats=workbook._timedelta_formats,
        )
        for number, cells in parser.parse():
            parser.row_dimensions.clear()
            yield number, cells, parser


def _find_sheet(workbook: Any, declaration: FilesDeclaration) -> tuple[ReadOnlyWorksheet, Headings]:
    format_ = declaration.format
    assert isinstance(format_, ExcelFormat)
    sheets = [sheet for sheet in workbook.worksheets if isinstance(sheet, ReadOnlyWorksheet)]
    if format_.sheet is not None:
        named = [sheet for sheet in sheets if sheet.title == format_.sheet]
        if not named:
            titles = ", ".join(sheet.title for sheet in sheets)
            raise FileFault(
                "no-sheet", f"there is no sheet {format_.sheet}; there are {titles:.300}"
            )
        return named[0], _sheet_headings(workbook, named[0], declaration, format_.heading_rows)
    found: list[tuple[ReadOnlyWorksheet, Headings]] = []
    faults: list[FileFault] = []
    for sheet in sheets:
        if sheet.sheet_state != "visible":
            continue
        try:
            found.append(
                (sheet, _sheet_headings(workbook, sheet, declaration, format_.heading_rows))
            )
        except FileFault as fault:
            faults.append(fault)
    if len(found) > 1:
        titles = " and ".join(sheet.title for sheet, _ in found[:2])
        raise FileFault(
            "several-sheets", f"the sheets {titles} both have the headings: name one with `sheet`"
        )
    if not found:
        # The nearest miss says more than "no headings".
        faults.sort(key=lambda fault: fault.code == "no-headings")
        raise faults[0] if faults else FileFault("no-sheet", "the workbook has no visible sheet")
    return found[0]


def _sheet_headings(
    workbook: Any, sheet: ReadOnlyWorksheet, declaration: FilesDeclaration, heading_rows: int
) -> Headings:
    top: list[tuple[int, list[str]]] = []
    for number, cells, _ in _parsed_rows(workbook, sheet):
        texts: list[str] = []
        for cell in cells:
            if cell["column"] > 16_384:
                break
            texts.extend([""] * (cell["column"] - len(texts)))
            value = cell["value"]
            texts[cell["column"] - 1] = "" if value is None else _unescaped(str(value))[:500]
        if any(texts):
            top.append((number, texts))
        if len(top) >= SEARCHED_ROWS:
            break
    if heading_rows > 1:
        merged = _merged_ranges(workbook, sheet)
        top = [(number, _with_merged(number, texts, merged, dict(top))) for number, texts in top]
    return find_headings(top, declaration.columns, heading_rows)


def _merged_ranges(workbook: Any, sheet: ReadOnlyWorksheet) -> list[tuple[int, int, int, int]]:
    """Return the merged ranges of a sheet: first column, first row, last column, last row.

    A sheet lists merged ranges after its rows, so the whole sheet is parsed to find them.
    """
    last: _Parser | None = None
    for _, _, parser in _parsed_rows(workbook, sheet):
        last = parser
    if last is None or last.merged_cells is None:
        return []
    return [one.bounds for one in last.merged_cells.mergeCell]


def _with_merged(
    number: int,
    texts: list[str],
    merged: Sequence[tuple[int, int, int, int]],
    top: Mapping[int, list[str]],
) -> list[str]:
    filled = list(texts)
    for first_column, first_row, last_column, last_row in merged:
        if not first_row <= number <= last_row or last_row - first_row > SEARCHED_ROWS:
            continue
        source = top.get(first_row, [])
        text = source[first_column - 1] if len(source) >= first_column else ""
        filled.extend([""] * (last_column - len(filled)))
        filled[first_column - 1 : last_column] = [text] * (last_column - first_column + 1)
    return filled


def _read_sheet(
    workbook: Any,
    sheet: ReadOnlyWorksheet,
    headings: Headings,
    declaration: FilesDeclaration,
    counts: Mapping[str, int],
) -> Rows:
    builder = RowBuilder(
        declaration.columns, declaration.key, headings.positions, TableEnd(declaration.end)
    )
    widths = _zero_formats(workbook)
    wanted = max(headings.positions) + 1
    read = 0
    seen: set[int] = set()
    for number, cells, _ in _parsed_rows(workbook, sheet):
        read += 1
        if number in seen:
            raise FileFault("doubled-row", "the workbook has this row twice", line=number)
        seen.add(number)
        if number <= headings.line:
            continue
        encoded = [""] * wanted
        for cell in cells:
            place = cell["column"] - 1
            if place < wanted and cell["value"] is not None:
                encoded[place] = encode_cell(_typed_cell(cell, widths))
        row = builder.build_row(number, encoded)
        if row is not None:
            yield row
    expected = counts.get(sheet._worksheet_path.lstrip("/"))
    if expected != read:
        raise FileFault(
            "rows-lost", f"{read} rows of sheet {sheet.title} were read, and it has {expected}"
        )


def _typed_cell(cell: Mapping[str, Any], widths: Mapping[int, int]) -> Any:
    value = cell["value"]
    if cell["data_type"] == "e":
        return CellError(str(value))
    if isinstance(value, str):
        return _unescaped(value)
    if isinstance(value, datetime):
        # Excel's days are floating point numbers: 12:00 may be stored as 11:59:59.999999.
        return (value + timedelta(microseconds=500)).replace(microsecond=0)
    width = widths.get(int(cell["style_id"]))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if width is not None and is_number and value >= 0 and value == int(value):
        return FormattedNumber(str(int(value)).zfill(width))
    return value


def _zero_formats(workbook: Any) -> Mapping[int, int]:
    """Return how many digits a cell shows at least, by cell style, for formats such as ``00000``.

    Only styles with a number format that consists of zeros are included.
    """
    widths: dict[int, int] = {}
    for style_id, style in enumerate(workbook._cell_styles):
        code = style.numFmtId
        custom = workbook._number_formats
        text = (
            custom[code - 164] if 164 <= code < 164 + len(custom) else BUILTIN_FORMATS.get(code, "")
        )
        first = text.split(";")[0].strip('"')
        if _ZEROS.fullmatch(first):
            widths[style_id] = len(first)
    return widths


def _unescaped(text: str) -> str:
    """Return a text with OOXML's escapes of control characters (``_x000D_``) decoded."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
