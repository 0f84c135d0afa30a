"""The table of faults that ``gridwix status`` and its live screen print."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from ops.overview import Fault


def fault_table(faults: Sequence[Fault]) -> Table:
    """Return a console table with one row per fault: what it concerns, and what is wrong."""
    table = Table("Fault", "What is wrong")
    for fault in faults:
        table.add_row(Text(fault.subject, "red"), fault.what)
    return table
