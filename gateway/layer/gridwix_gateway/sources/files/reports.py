"""The report of refused rows: a CSV file that is safe to open in a spreadsheet. Pure."""

import csv
import io
import re
from collections.abc import Sequence

from gridwix_gateway.sources.files.faults import RefusedRow
from gridwix_gateway.sources.mapping.columns import SHOWN_CHARACTERS

_INNER_FORMULA = re.compile(r"([;\t\r\n]\s*)(?=[=+@-])")
"""Matches a formula after a separator or line break within a cell. Where lists are separated by
semicolons, a spreadsheet ignores the commas and quotes of this file.
"""

HEADINGS = ("Line", "Column", "Value", "Reason", "Code")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Matches a cell that a spreadsheet takes for a formula, at once or after trimming
(https://owasp.org/www-community/attacks/CSV_Injection).
"""


def refused_report(rows: Sequence[RefusedRow], reason: str = "") -> bytes:
    """Return the report of refused rows as CSV in UTF-8, with a byte order mark for Excel.

    Args:
        rows: The refused rows.
        reason: The reason why the file as a whole is refused; "" if only rows are refused.

    Returns:
        The bytes of the report.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    if reason:
        writer.writerow(("", "", "", neutral_cell(reason), "file"))
    for row in rows:
        cells = (row.column, row.value, row.reason, row.code)
        writer.writerow((row.line, *map(neutral_cell, cells)))
    return text.getvalue().encode("utf-8-sig", errors="replace")


def neutral_cell(text: str) -> str:
    """Return a text escaped so that no spreadsheet takes it for a formula (CSV injection).

    >>> neutral_cell("=cmd|' /C calc'!A0")
    "'=cmd|' /C calc'!A0"
    >>> neutral_cell("a;=1+1"), neutral_cell("a; b - c")
    ("a;'=1+1", 'a; b - c')
    """
    shown = _INNER_FORMULA.sub(r"\1'", text[: SHOWN_CHARACTERS * 5])
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
