"""Why a file or a row is refused, and notes about a file. Pure."""

from dataclasses import dataclass


class FileFault(Exception):
    """A file that cannot be read, or looks wrong as a whole. It changes nothing.

    Args:
        code: Stable code, such as ``password``; a metric dimension and a row of the runbook.
        reason: The reason and the fix, for the person who made the file.
        line: The line or row of the file, if there is one.
    """

    def __init__(self, code: str, reason: str, line: int | None = None) -> None:
        place = "" if line is None else f"line {line}: "
        super().__init__(f"{place}{reason}")
        self.code = code
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not applied.

    Attributes:
        line: Its line in a text file, or its row in a sheet, from 1.
        column: Heading of the column at fault; "" if the whole row is.
        value: The value at fault, shortened. It may be personal data.
        code: Stable code.
        reason: The reason, for the person who made the file.
        key: The row's key; None if it could not be read.
    """

    line: int
    column: str
    value: str
    code: str
    reason: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as it was read: its line, and its cells encoded as texts.

    The cells are in the order of the declared columns.
    """

    line: int
    cells: tuple[str, ...]
