"""The table of faults that ``gridwix status`` and its live screen print."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from ops.overview import Fault


def fault_table(faults: Sequence[Fault]) -> Table:
    """Return a table with one row for each cause."""
    table = Table("Fault", "What is wrong")
    for fault in faults:
        table.add_row(Text(fault.subject, "red"), fault.what)
    return table
