"""The report of a refused file: a CSV file, safe to open in a spreadsheet. Pure."""

import csv
import io

from gridwix_gateway.sources.documents.faults import FileRefused
from gridwix_gateway.sources.files.reports import neutral_cell

HEADINGS = ("Path", "Part", "Value", "Reason", "Code")


def refused_file_report(path: str, refused: FileRefused) -> bytes:
    """Return the report of a refused file as CSV in UTF-8, with a byte order mark for Excel.

    Args:
        path: The path below the source's folder.
        refused: The refusal with its faults.

    Returns:
        The bytes of the report, with a row per fault.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for fault in refused.faults:
        cells = (path, fault.column, fault.value, fault.reason, fault.code)
        writer.writerow([neutral_cell(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig", errors="replace")
