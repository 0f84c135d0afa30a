"""Builds table rows from the cells of a CSV line, sheet row or JSON object. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from gridwix_gateway.sources.files.cells import decode_cell
from gridwix_gateway.sources.files.faults import RefusedRow, TableRow
from gridwix_gateway.sources.files.tables import TableEnd, column_letter
from gridwix_gateway.sources.mapping.columns import Column, shown_value, trimmed_text

MAX_CELL = 32_767
"""Maximum characters of a cell (Excel's limit)."""

KEY_JOINT = "\x1e"
"""Separator between the parts of a row's key."""
KEY_TRIM = " \t"


def row_key(parts: Sequence[str]) -> str:
    """Return a row's key, joined from its encoded key cells; "" if all of them are empty.

    >>> row_key([" GC1", "tax "]).split(KEY_JOINT)
    ['GC1', 'tax']
    """
    return KEY_JOINT.join(part.strip(KEY_TRIM) for part in parts).strip(KEY_JOINT)


def is_text(cell: str) -> bool:
    """Return whether a text can be stored in UTF-8. False if it has a lone surrogate.

    >>> is_text("ä"), is_text(chr(0xD800))
    (True, False)
    """
    if cell.isascii():
        return True
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


class RowBuilder:
    """Builds rows of the declared columns from the cells of a file's lines.

    Args:
        columns: The declared columns.
        key: Names of the key columns.
        positions: Position of each declared column in a line of the file.
        end: Recognises the row that ends the table, such as a row of totals.
    """

    def __init__(
        self,
        columns: Mapping[str, Column],
        key: Sequence[str],
        positions: Sequence[int],
        end: TableEnd,
    ) -> None:
        self._positions = tuple(positions)
        self._names = tuple(columns)
        self._columns = columns
        self._key = [self._names.index(name) for name in key]
        self._end = end

    @property
    def is_ended(self) -> bool:
        """True if the row that ends the table, such as a row of totals, was read."""
        return self._end.is_reached

    def build_row(self, line: int, cells: Sequence[str]) -> TableRow | RefusedRow | None:
        """Build a row of the declared columns from the cells of a line.

        Args:
            line: Line number in a text, or row number in a sheet.
            cells: Encoded cells. Missing ones at the end are empty.

        Returns:
            The row, or its refusal; None for an empty line, and for a line below the table's end.
        """
        first = next((cell for cell in cells if trimmed_text(cell)), None)
        if first is None:
            return None
        row = TableRow(
            line,
            tuple(cells[place] if place < len(cells) else "" for place in self._positions),
        )
        keys = [row.cells[place] for place in self._key]
        found = self._end.filtered(row, first, any(trimmed_text(one) for one in keys))
        if not isinstance(found, TableRow):
            return found
        if not any(trimmed_text(cell) for cell in row.cells):
            # Notes beside the table, in columns that nobody declared.
            return None
        for place, cell in enumerate(row.cells):
            if not is_text(cell):
                return RefusedRow(
                    line,
                    self.heading(place),
                    shown_value(decode_cell(cell.encode(errors="replace").decode())),
                    "control-character",
                    "it holds half of a character (a surrogate)",
                    row_key(keys) if all(map(is_text, keys)) else None,
                )
            # U+0000 ends a text in many programs, so what follows would be lost.
            if len(cell) > MAX_CELL or "\x00" in cell:
                long = len(cell) > MAX_CELL
                return RefusedRow(
                    line,
                    self.heading(place),
                    shown_value(decode_cell(cell)),
                    "too-long" if long else "control-character",
                    f"it has {len(cell):,} characters; at most {MAX_CELL:,} fit"
                    if long
                    else "it holds the control character U+0000",
                    None if any(len(one) > MAX_CELL for one in keys) else row_key(keys),
                )
        return row

    def heading(self, place: int) -> str:
        """Return a declared column's heading and its letter in the file, such as ``Name (B)``."""
        column = self._columns[self._names[place]]
        return f"{column.headings[0]} ({column_letter(self._positions[place])})"


type Rows = Iterator[TableRow | RefusedRow]
