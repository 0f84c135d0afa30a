"""Finds the table in a sheet or text by its declared headings. Pure.

The heading row is the first of the first 50 rows that holds every declared heading. Rows above the
heading row (titles, dates of the export) are left out, columns may stand in any order, and columns
that are not declared are ignored.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gridwix_gateway.sources.files.faults import FileFault, RefusedRow, TableRow
from gridwix_gateway.sources.mapping.columns import Column, compared_text, shown_value, trimmed_text

SEARCHED_ROWS = 50
"""Number of rows at the top of the file that are searched for the headings."""

JOINT = " / "
"""Separator between the parts of a heading that spans several rows."""


@dataclass(frozen=True, slots=True)
class Headings:
    """Position of the declared headings in a file.

    Attributes:
        line: Line number of the last heading row.
        rows: Number of non-empty rows from the top of the file to the last heading row.
        positions: Position of each declared column, from 0, in the order of the declaration.
        width: Number of columns up to the last heading.
    """

    line: int
    rows: int
    positions: tuple[int, ...]
    width: int


def find_headings(
    top: Sequence[tuple[int, Sequence[str]]], columns: Mapping[str, Column], heading_rows: int
) -> Headings:
    """Find the declared headings in the first rows of a file.

    Args:
        top: The first rows as texts, with their line numbers.
        columns: The declared columns.
        heading_rows: Number of rows that a heading spans.

    Returns:
        The position of the headings.

    Raises:
        FileFault: No row has all headings, or a heading occurs twice.
    """
    best: tuple[int, int, list[str]] | None = None
    for index in range(len(top) - heading_rows + 1):
        texts = _joined_headings([cells for _, cells in top[index : index + heading_rows]])
        line = top[index + heading_rows - 1][0]
        compared = [compared_text(text) for text in texts]
        missing = [name for name, column in columns.items() if not _places(column, compared)]
        if not missing:
            positions = tuple(
                _only_place(name, column, compared, line) for name, column in columns.items()
            )
            width = max(place + 1 for place, text in enumerate(compared) if text)
            return Headings(line, index + heading_rows, positions, width)
        if len(missing) < len(columns) and (best is None or len(missing) < best[0]):
            best = (len(missing), line, [_missing_text(columns[name], texts) for name in missing])
    if best is None:
        wanted = ", ".join(column.headings[0] for column in columns.values())
        raise FileFault(
            "no-headings", f"none of the first {SEARCHED_ROWS} rows has the headings {wanted:.300}"
        )
    raise FileFault(
        "other-headings", f"the headings differ: {'; '.join(best[2][:5])}", line=best[1]
    )


def _joined_headings(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the heading of each column, with the texts of several heading rows joined.

    A text that only repeats the one above it is not joined again.
    """
    width = max((len(row) for row in rows), default=0)
    texts: list[str] = []
    for place in range(width):
        parts: list[str] = []
        for row in rows:
            part = trimmed_text(row[place]) if place < len(row) else ""
            if part and part not in parts[-1:]:
                parts.append(part)
        texts.append(JOINT.join(parts))
    return texts


def _places(column: Column, compared: Sequence[str]) -> list[int]:
    accepted = {compared_text(heading) for heading in column.headings}
    return [place for place, text in enumerate(compared) if text in accepted]


def _only_place(name: str, column: Column, compared: Sequence[str], line: int) -> int:
    first, *others = _places(column, compared)
    if others:
        raise FileFault(
            "doubled-heading",
            f"the heading of {name} stands in column {column_letter(first)} and in column"
            f" {column_letter(others[0])}",
            line=line,
        )
    return first


def _missing_text(column: Column, texts: Sequence[str]) -> str:
    wanted = column.headings[0]
    close = difflib.get_close_matches(wanted, [text for text in texts if text], n=1)
    return f"{wanted} is missing" + (f" (is {close[0][:60]} meant?)" if close else "")


def column_letter(place: int) -> str:
    """Return the letters of a sheet's column, by its position from 0.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class TableEnd:
    """Recognises the row that ends a table, and refuses rows below it.

    Args:
        words: Declared texts, such as ``Total``. A row that begins with one of them ends the table.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(compared_text(word).rstrip(":") for word in words)
        self._line: int | None = None

    @property
    def is_reached(self) -> bool:
        """True if the row that ends the table, such as a row of totals, was read."""
        return self._line is not None

    def filtered(self, row: TableRow, first: str, keyed: bool) -> TableRow | RefusedRow | None:
        """Return a row if it belongs to the table.

        Args:
            row: The row.
            first: The row's first cell that is not empty, as text.
            keyed: Whether the row's key columns have values.

        Returns:
            The row if it is above the table's end. A refusal if the row is below the end and has a
            key. None if the row is itself the end, or is below the end and has no key.
        """
        if self._line is None:
            if self._words and compared_text(first).rstrip(": ") in self._words:
                self._line = row.line
                return None
            return row
        if not keyed:
            return None
        return RefusedRow(
            row.line,
            "",
            shown_value(first),
            "below-end",
            f"it stands below the end of the table in line {self._line}",
        )
