"""The report of refused rows: a CSV file beside the drop, safe to open in a spreadsheet. Pure."""

import csv
import io
import re
from collections.abc import Sequence

from gridwix_gateway.sources.files.faults import RefusedRow
from gridwix_gateway.sources.mapping.columns import SHOWN_CHARACTERS

_INNER_FORMULA = re.compile(r"([;\t\r\n]\s*)(?=[=+@-])")
"""A formula behind what parts cells or rows. In countries that separate lists by semicolons, a
spreadsheet ignores the commas and quotes of this file.
"""

HEADINGS = ("Line", "Column", "Value", "Reason", "Code")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters with which a spreadsheet takes a cell for a formula, or trims to one
(https://owasp.org/www-community/attacks/CSV_Injection).
"""


def refused_report(rows: Sequence[RefusedRow], reason: str = "") -> bytes:
    """Return the report as CSV in UTF-8, with a byte order mark for Excel.

    Args:
        rows: The refused rows.
        reason: The reason why the file as a whole is refused; "" if it is not.

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
    """Return a text that no spreadsheet takes for a formula.

    >>> neutral_cell("=cmd|' /C calc'!A0")
    "'=cmd|' /C calc'!A0"
    >>> neutral_cell("a;=1+1"), neutral_cell("a; b - c")
    ("a;'=1+1", 'a; b - c')
    """
    shown = _INNER_FORMULA.sub(r"\1'", text[: SHOWN_CHARACTERS * 5])
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
