"""Reads CSV files with Python's module ``csv``, and keeps the line number of each row.

Delimiter, quote and encoding are declared, never detected. Only a byte order mark in the file
overrides the declared encoding.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gridwix_gateway.sources.files.cells import encode_cell
from gridwix_gateway.sources.files.containers import require_text
from gridwix_gateway.sources.files.declaration import CsvFormat, FilesDeclaration
from gridwix_gateway.sources.files.faults import FileFault, RefusedRow
from gridwix_gateway.sources.files.rows import RowBuilder, Rows
from gridwix_gateway.sources.files.tables import SEARCHED_ROWS, Headings, TableEnd, find_headings
from gridwix_gateway.sources.mapping.columns import shown_value, trimmed_text

MAX_FIELD = 16_000_000
"""Maximum characters of one cell. A longer cell means that a quote is never closed."""

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE = 1 << 20
_WIDE = frozenset({"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"})


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """Layout of a CSV file: its encoding, its headings, and what comes before the headings.

    Attributes:
        encoding: Python's name of the encoding.
        marked: Whether the file has a byte order mark.
        separator_line: Whether the first line is Excel's ``sep=;``, which names the delimiter.
        headings: Line and columns of the headings.
        raw_width: Number of cells in the heading row, empty ones at its end included.
    """

    encoding: str
    marked: bool
    separator_line: bool
    headings: Headings
    raw_width: int

    @property
    def is_plain(self) -> bool:
        """True if DuckDB can read the file directly: UTF-8, with the headings in line 1."""
        return (
            self.encoding == "utf-8"
            and not self.separator_line
            and self.headings.rows == 1
            and self.headings.line == 1
            and self.headings.width == self.raw_width
        )


def inspect_csv(path: Path, declaration: FilesDeclaration) -> CsvLayout:
    """Find encoding and headings of a CSV file.

    Args:
        path: The file.
        declaration: Declaration of the source.

    Returns:
        The layout.

    Raises:
        FileFault: The file is no text in the declared encoding, or the declared headings are
            missing.
    """
    format_ = _csv_format(declaration)
    require_text(path)
    encoding, marked = _encoding(path, format_)
    with path.open("rb") as file:
        first = file.readline(100)
    separator_line = _separator_line(first.decode(encoding, errors="ignore"), format_)
    top: list[tuple[int, Sequence[str]]] = []
    for line, cells in _records(path, format_, encoding, separator_line):
        if isinstance(cells, csv.Error):
            continue
        top.append((line, cells))
        if len(top) >= SEARCHED_ROWS:
            break
    headings = find_headings(top, declaration.columns, format_.heading_rows)
    return CsvLayout(encoding, marked, separator_line, headings, len(top[headings.rows - 1][1]))


def read_csv(path: Path, declaration: FilesDeclaration, layout: CsvLayout) -> Rows:
    """Yield the rows below the headings, and a refusal for each row that cannot be read.

    Args:
        path: The file.
        declaration: Declaration of the source.
        layout: The layout of the file.

    Yields:
        Rows with their line numbers. A row of several lines has the number of the first one.

    Raises:
        FileFault: The file is cut off, or is not in the declared encoding.
    """
    format_ = _csv_format(declaration)
    builder = RowBuilder(
        declaration.columns, declaration.key, layout.headings.positions, TableEnd(declaration.end)
    )
    width = layout.headings.width
    records = _records(path, format_, layout.encoding, layout.separator_line)
    pending: RefusedRow | None = None
    for line, record in records:
        if line <= layout.headings.line:
            continue
        if pending is not None:
            yield pending
            pending = None
        if isinstance(record, csv.Error):
            pending = RefusedRow(
                line, "", "", "quotes", "its quotes are not closed, or not doubled inside a text"
            )
            continue
        # Exporters that end each line with a delimiter do so in the headings, too. Any other empty
        # cell at the end can mean that a text with a delimiter was not quoted.
        fits = len(record) == layout.raw_width and not any(map(trimmed_text, record[width:]))
        if not fits and not builder.is_ended and any(map(trimmed_text, record)):
            pending = _other_width(line, record, layout.raw_width, format_.delimiter)
            continue
        # A text that looks like an encoded value of another type stays a text.
        row = builder.build_row(line, [encode_cell(cell) for cell in record[:width]])
        if row is not None:
            yield row
    if pending is not None:
        if pending.code in ("quotes", "too-few-cells") and not _ends_with_line_break(path, layout):
            raise FileFault(
                "truncated",
                "the last line is incomplete: the file is cut off, or is still being written",
                line=pending.line,
            )
        yield pending


def read_lines(path: Path, declaration: FilesDeclaration, layout: CsvLayout) -> Iterator[int]:
    """Yield the line number of each row below the headings.

    A row that extends over several lines has the number of the first one.

    Args:
        path: The file.
        declaration: Declaration of the source.
        layout: The layout of the file.

    Yields:
        Line numbers, from 1. Empty lines are no rows.
    """
    format_ = _csv_format(declaration)
    for line, _ in _records(path, format_, layout.encoding, layout.separator_line):
        if line > layout.headings.line:
            yield line


def _records(
    path: Path, format_: CsvFormat, encoding: str, separator_line: bool
) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yield the CSV records that are not empty, each with its first line number.

    A record that cannot be parsed is yielded as its error. Raises FileFault.
    """
    with _field_limit(), path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=format_.delimiter, quotechar=format_.quote, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except UnicodeDecodeError as error:
                raise FileFault(
                    "encoding",
                    f"byte {error.object[error.start]:#04x} is not {encoding}: declare the file's"
                    " encoding (Excel on Windows writes windows-1252), or save it as CSV UTF-8",
                    line=_undecodable_line(path, encoding),
                ) from None
            except csv.Error as error:
                if "end of data" in str(error) or "field larger" in str(error):
                    raise FileFault(
                        "truncated",
                        "a quote that opens here is never closed, or the file is cut off",
                        line=line,
                    ) from None
                yield line, error
                continue
            if cells is None:
                return
            if not cells or (line == 1 and separator_line):
                continue
            yield line, cells


def _undecodable_line(path: Path, encoding: str) -> int:
    """Return the number of the line with the first byte that cannot be decoded.

    The file is read again: the CSV reader has read ahead, so its own line number is too high.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(_SAMPLE):
            try:
                line += decoder.decode(chunk).count("\n")
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].decode(encoding).count("\n")
    return line


@contextmanager
def _field_limit() -> Iterator[None]:
    former = csv.field_size_limit(MAX_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(former)


def _csv_format(declaration: FilesDeclaration) -> CsvFormat:
    assert isinstance(declaration.format, CsvFormat)
    return declaration.format


def _encoding(path: Path, format_: CsvFormat) -> tuple[str, bool]:
    """Return the file's encoding, and whether it has a byte order mark. Raises FileFault."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding, True
    if format_.encoding.startswith("utf-16"):
        # Without a mark Python would take the machine's byte order; files have Windows'.
        return ("utf-16-le" if format_.encoding == "utf-16" else format_.encoding), False
    # UTF-16 without a mark. A single zero byte refuses its row only.
    if sample.count(0) > len(sample) // 10:
        raise FileFault(
            "encoding",
            f"it holds zero bytes, so it is no text in {format_.encoding}: declare utf-16, or save"
            " it as CSV UTF-8",
        )
    if format_.encoding not in _WIDE and not sample.isascii() and _is_utf8(sample):
        raise FileFault(
            "encoding",
            f"its letters are written in UTF-8, and the source declares {format_.encoding}: declare"
            " utf-8",
        )
    return format_.encoding, False


def _is_utf8(sample: bytes) -> bool:
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        # The end of the sample may part a character.
        return len(sample) == _SAMPLE and error.start >= len(sample) - 3
    return True


def _separator_line(first: str, format_: CsvFormat) -> bool:
    text = first.lstrip("\ufeff").strip("\r\n").strip('"')
    if not text.lower().startswith("sep=") or len(text) > 5:
        return False
    if text[4:] != format_.delimiter:
        raise FileFault(
            "delimiter",
            f"its first line says that cells are parted by {text[4:]!r}, and the source declares"
            f" {format_.delimiter!r}",
            line=1,
        )
    return True


def _other_width(line: int, cells: Sequence[str], width: int, delimiter: str) -> RefusedRow:
    if len(cells) == width:
        return RefusedRow(
            line,
            "",
            shown_value(delimiter.join(cells)),
            "too-many-cells",
            "a cell stands under no heading: give its column one, or quote a text that holds"
            f" {delimiter!r}",
        )
    if len(cells) > width:
        return RefusedRow(
            line,
            "",
            shown_value(delimiter.join(cells)),
            "too-many-cells",
            f"it has {len(cells)} cells and the headings have {width}: a text that holds"
            f" {delimiter!r} needs quotes",
        )
    return RefusedRow(
        line,
        "",
        shown_value(delimiter.join(cells)),
        "too-few-cells",
        f"it has {len(cells)} cells and the headings have {width}",
    )


def _ends_with_line_break(path: Path, layout: CsvLayout) -> bool:
    wide = layout.encoding.startswith("utf-16")
    with path.open("rb") as file:
        file.seek(0, io.SEEK_END)
        file.seek(max(0, file.tell() - (2 if wide else 1)))
        end = file.read()
    return b"\n" in end or b"\r" in end
