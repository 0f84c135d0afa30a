"""Printed output of the desk. Texts of partners are shown without terminal control characters."""

from collections.abc import Iterable, Iterator, Sequence

from rich.table import Column, Table

from ops.gateway.desk.client import Record
from ops.gateway.desk.listing import DeskRow
from ops.gateway.desk.texts import shown_text

HIDDEN = frozenset({"companyId", "createdAt", "id", "steps", "updates", "updatedAt", "version"})
"""Members of a record that the list of members leaves out: they are shown elsewhere, or never."""


def list_table(rows: Iterable[DeskRow]) -> Table:
    """Return the rows of the desk's list as a table for the terminal."""
    table = Table(
        "Kind",
        *(Column(name, no_wrap=True) for name in ("Id", "Number")),
        *("Status", "Partner", "Team", "Subject", "Changed"),
    )
    for row in rows:
        updated = row.updated[:16].replace("T", " ")
        cells = (row.kind, row.id, row.number, row.status, row.partner, row.team, row.subject)
        table.add_row(*(shown_text(cell) for cell in (*cells, updated)))
    return table


def record_lines(
    collection: str, record: Record, comments: Sequence[Record], versions: Sequence[Record]
) -> Iterator[str]:
    """Yield the lines that show a record with its comments, steps, updates and versions.

    Args:
        collection: The record's collection.
        record: The record, with its steps and updates.
        comments: The record's comments.
        versions: The record's versions.
    """
    changed = str(record.get("updatedAt", ""))[:16].replace("T", " ")
    yield f"{collection}/{shown_text(record['id'])}, version {record['version']}, changed {changed}"
    for name, value in record.items():
        if name not in HIDDEN and value not in (None, "", [], {}):
            yield f"  {name}: {_indented(shown_text(value))}"
    for step in record.get("steps") or ():
        yield f"  step {shown_text(step['key'])}: {step['status']} ({shown_text(step['title'])})"
        for evidence in step.get("evidence") or ():
            yield f"    evidence: {shown_text(evidence)}"
    for update in record.get("updates") or ():
        yield f"  update {update['at'][:16]}, {update['status']}: {shown_text(update['bodyHtml'])}"
    for version in versions:
        file = f"{_one_line(version['fileName'])}, {version['sizeBytes']} bytes"
        yield f"  version {version['number']}: {version['status']}, {file}"
    for comment in comments:
        author = comment["author"]
        by = f"{_one_line(author.get('name') or '')} ({author['kind']}, {comment['visibility']})"
        yield f"  {comment['createdAt'][:16].replace('T', ' ')} {by}:"
        yield f"    {_indented(shown_text(comment['body']))}"


def _one_line(text: str) -> str:
    """Return a text in one line for the terminal.

    A line break in it could fake a line of gridwix's own output.
    """
    return shown_text(text).replace("\n", "\\n")


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")
