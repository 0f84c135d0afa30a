"""``gridwix source``: previews, proposes, plans and drops files of the gateway's sources."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ops.aws import Aws
from ops.console import console, print_note, print_result
from ops.errors import OpsError
from ops.stack import Stack

# The readers of files (DuckDB, openpyxl, CEL) take half a second to import, and every command
# imports this module: so each function below imports what it needs.
if TYPE_CHECKING:
    from gridwix_gateway.sources.files.faults import RefusedRow
    from ops.gateway.sources.preview import Preview

SHOWN_REFUSED = 20

source = typer.Typer(help="Files for the gateway's sources.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file.")]
SourceName = Annotated[
    str, typer.Option("--source", help="Name of the source: config/gateway/sources/NAME.yaml.")
]
GatewayStack = Annotated[str, typer.Option("--stack", help="Name of the gateway's stack.")]
Shown = Annotated[int, typer.Option("--rows", min=0, help="Number of records to show.")]
AcceptMissing = Annotated[
    bool,
    typer.Option("--accept-missing", help="Many rows are gone, and that is right."),
]


@source.command()
def preview(file: File, name: SourceName, rows: Shown = 5) -> None:
    """Show how a file is read and mapped, and each fault. Needs no stack and writes nothing."""
    from ops.gateway.sources.preview import load_declaration, preview_file

    print_preview(preview_file(file, load_declaration(name), rows))


@source.command()
def init(file: File) -> None:
    """Propose a mapping from a file's headings, with every guess marked."""
    from ops.gateway.sources.proposal import propose_declaration

    print_result(propose_declaration(file).rstrip())


@source.command()
def plan(
    file: File,
    name: SourceName,
    stack: GatewayStack,
    rows: Shown = 5,
    accept_missing: AcceptMissing = False,
) -> None:
    """Show what a file would change in a gateway. Writes nothing."""
    from gridwix_gateway.sources.files.faults import FileFault
    from gridwix_gateway.sources.files.lookup import TableLookup
    from gridwix_gateway.sources.files.planning import GuardFault
    from gridwix_gateway.sources.files.s3_drops import S3Drops
    from gridwix_gateway.sources.files.service import FileSource
    from gridwix_gateway.store.commits import Commits
    from gridwix_gateway.store.dynamodb import DynamoTable
    from gridwix_gateway.store.records import Records
    from ops.gateway.sources.preview import load_declaration, shown_plan

    declaration = load_declaration(name, as_deployed=True)
    if not file.is_file():
        raise OpsError(f"there is no file {file}")
    found = Stack.read(stack, Aws())
    table = DynamoTable(found.aws.dynamodb, found.output("TableName"))
    reader = FileSource(
        name,
        declaration,
        drops=S3Drops(found.aws.s3, found.output("FileBucketName")),
        # A plan commits nothing, so the hub's id and the prefix of events do not matter.
        commits=Commits(table, "", ""),
        records=TableLookup(Records(table)),
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = reader.plan_drop(file, Path(folder), accept_missing=accept_missing)
        except FileFault as fault:
            refused = fault.refused if isinstance(fault, GuardFault) else ()
            print_refused(refused)
            raise OpsError(f"{file}: {fault}") from None
        print_preview(shown_plan(made, rows))


@source.command()
def apply(
    file: File, name: SourceName, stack: GatewayStack, accept_missing: AcceptMissing = False
) -> None:
    """Drop a file into a gateway's bucket. The gateway applies it within minutes."""
    from gridwix_gateway.sources.files.s3_drops import ACCEPT_MISSING, DROPS
    from ops.gateway.sources.preview import load_declaration

    load_declaration(name)
    if not file.is_file():
        raise OpsError(f"there is no file {file}")
    found = Stack.read(stack, Aws())
    key = f"{DROPS}{name}/{file.name}"
    with file.open("rb") as body:
        found.aws.s3.put_object(
            Bucket=found.output("FileBucketName"),
            Key=key,
            Body=body,
            Metadata={ACCEPT_MISSING: "true"} if accept_missing else {},
        )
    print_result(f"Dropped as {key}")
    print_note(f"Refused rows are named in refused/{name}/{file.name}.csv of the same bucket")


def print_preview(shown: "Preview") -> None:
    """Print a preview. Raises OpsError if the file would change nothing because it looks wrong."""
    from ops.gateway.sources.preview import changed_members

    print_refused(shown.refused)
    if shown.fault:
        raise OpsError(f"nothing would change: {shown.fault}")
    for change in shown.changes:
        verb = "add" if change.old is None else "delete" if change.new is None else "change"
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
    """Print the first refused rows as a table."""
    if not rows:
        return
    table = Table("Line", "Column", "Value", "Reason")
    for row in rows[:SHOWN_REFUSED]:
        table.add_row(str(row.line), row.column, row.value[:60], row.reason)
    console.print(table)
    if len(rows) > SHOWN_REFUSED:
        print_note(f"and {len(rows) - SHOWN_REFUSED:,} more")
