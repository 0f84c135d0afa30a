"""Prints the results of ``gridwix source`` for a file, or for a folder of documents."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from ops.console import console, print_note, print_result

# The readers of files take half a second to import.
if TYPE_CHECKING:
    from gridwix_gateway.sources.files.faults import RefusedRow
    from ops.gateway.sources.folders import FolderFile, Outcome
    from ops.gateway.sources.preview import Preview

SHOWN_REFUSED = 20

OUTCOMES: "Mapping[Outcome, str]" = {
    "document": "to add",
    "version": "with a new version",
    "details": "with other members",
    "unchanged": "unchanged",
    "ignored": "ignored",
    "refused": "refused",
}
"""Words for the outcome of a file in a folder of documents."""


def print_folder(files: "Sequence[FolderFile]", shown: int) -> None:
    """Print the effects of a folder's files on the gateway's document library.

    First come the refused files with the reasons, then at most ``shown`` documents that are added
    or changed, and then the number of files for each outcome, such as ``unchanged``.
    """
    refused = [one for one in files if one.outcome == "refused"]
    if refused:
        table = Table("File", "Part", "Value", "Reason")
        rows = [(one.path, fault) for one in refused for fault in one.faults]
        for path, fault in rows[:SHOWN_REFUSED]:
            table.add_row(path, fault.column, fault.value[:60], fault.reason)
        console.print(table)
        if len(rows) > SHOWN_REFUSED:
            print_note(f"and {len(rows) - SHOWN_REFUSED:,} more")
    changed = [one for one in files if one.is_change]
    for one in changed[:shown]:
        assert one.document is not None
        members = json.dumps(one.document.fields, ensure_ascii=False)
        verb = {"document": "add", "version": "new version"}.get(one.outcome, "change")
        print_result((verb, "bold"), f" {one.path}: documents/{one.document.id} {members}")
    counts = Counter(one.outcome for one in files)
    numbers = ", ".join(f"{counts[outcome]:,} {words}" for outcome, words in OUTCOMES.items())
    print_result(f"{len(files):,} files: {numbers}")


def print_preview(shown: "Preview") -> None:
    """Print the refused rows of a file, and the changes that the file would make to records.

    If the file is refused as a whole, print only the refused rows.
    """
    from ops.gateway.sources.preview import change_verb, changed_members

    print_refused(shown.refused)
    if shown.fault:
        return
    for change in shown.changes:
        verb = change_verb(change)
        members = json.dumps(changed_members(change), ensure_ascii=False)
        print_result((verb, "bold"), f" {change.collection}/{change.id} {members}")
    counts = shown.counts
    print_result(
        f"{counts.rows:,} rows: {counts.changed:,} new or changed, {counts.missing:,} missing,"
        f" {counts.refused:,} refused; records: {counts.created:,} to add, {counts.updated:,} to"
        f" change, {counts.deleted:,} to delete"
    )
    for note in shown.notes:
        print_note(note)


def print_refused(rows: "Sequence[RefusedRow]") -> None:
    """Print the first refused rows of a file as a table."""
    if not rows:
        return
    table = Table("Line", "Column", "Value", "Reason")
    for row in rows[:SHOWN_REFUSED]:
        table.add_row(str(row.line), row.column, row.value[:60], row.reason)
    console.print(table)
    if len(rows) > SHOWN_REFUSED:
        print_note(f"and {len(rows) - SHOWN_REFUSED:,} more")
