"""Faults of an uploaded file or of its rows, and a row as read from a file. Pure."""

from dataclasses import dataclass


class FileFault(Exception):
    """A file is refused as a whole: it cannot be read, or looks wrong. No record is changed.

    Args:
        code: Stable code, such as ``password``; a metric dimension and a row of the runbook.
        reason: The reason and the fix, for the person who made the file.
        line: Line or row number in the file; None if the fault concerns the whole file.
    """

    def __init__(self, code: str, reason: str, line: int | None = None) -> None:
        place = "" if line is None else f"line {line}: "
        super().__init__(f"{place}{reason}")
        self.code = code
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of a file that is refused and not applied.

    Attributes:
        line: The row's line number in a text file, or its row number in a sheet, from 1.
        column: Heading of the column at fault; "" if the row as a whole is at fault.
        value: The value at fault, shortened. It may be personal data.
        code: Stable code of the reason.
        reason: The reason, for the person who made the file.
        key: Key of the row; None if it could not be read.
    """

    line: int
    column: str
    value: str
    code: str
    reason: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as read from a file: its line number, and its cells encoded as texts.

    Cells are in the order of the declared columns.
    """

    line: int
    cells: tuple[str, ...]
