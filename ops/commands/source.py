"""``gridwix source``: previews, proposes, plans and drops files of the gateway's sources."""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ops.aws import Aws
from ops.commands.options import Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.console import console, print_note, print_result
from ops.errors import OpsError
from ops.gateway.stacks import read_gateway_stack
from ops.stack import Stack

# The readers of files (DuckDB, openpyxl, CEL) take half a second to import, and every command
# imports this module: so each function below imports what it needs.
if TYPE_CHECKING:
    from gridwix_gateway.sources.documents.mapping import DocumentMapping
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
"""Words for what files of a folder become."""

source = typer.Typer(help="Files for the gateway's sources.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file.")]
Files = Annotated[
    Path, typer.Argument(metavar="FILE", help="The file, or the folder of a source of documents.")
]
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
def preview(file: Files, name: SourceName, rows: Shown = 5) -> None:
    """Show how a file is read and mapped, and each fault. Needs no stack and writes nothing."""
    from ops.gateway.sources.folders import first_drop, read_folder
    from ops.gateway.sources.preview import find_document_mapping, load_declaration, preview_file

    if mapping := find_document_mapping(name):
        print_folder(read_folder(file, mapping, first_drop), rows)
        return
    print_preview(preview_file(file, load_declaration(name), rows))


@source.command()
def init(file: File) -> None:
    """Propose a mapping from a file's headings, with every guess marked."""
    from ops.gateway.sources.proposal import propose_declaration

    print_result(propose_declaration(file).rstrip())


@source.command()
@with_aws_options
def plan(
    file: Files,
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
    from ops.gateway.sources.preview import find_document_mapping, load_declaration, shown_plan

    if mapping := find_document_mapping(name):
        print_folder(_plan_folder(file, name, mapping, read_gateway_stack(stack, Aws())), rows)
        return
    declaration = load_declaration(name, as_deployed=True)
    if not file.is_file():
        raise OpsError(f"there is no file {file}")
    found = read_gateway_stack(stack, Aws())
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
@with_aws_options
def apply(
    file: Files,
    name: SourceName,
    stack: GatewayStack,
    accept_missing: AcceptMissing = False,
    yes: Yes = False,
) -> None:
    """Drop a file into a gateway's bucket. The gateway applies it within minutes."""
    from gridwix_gateway.sources.files.s3_drops import ACCEPT_MISSING, DROPS
    from ops.gateway.sources.preview import find_document_mapping, load_declaration

    if mapping := find_document_mapping(name):
        _apply_folder(file, name, mapping, read_gateway_stack(stack, Aws()), yes=yes)
        return
    load_declaration(name)
    if not file.is_file():
        raise OpsError(f"there is no file {file}")
    found = read_gateway_stack(stack, Aws())
    key = f"{DROPS}{name}/{file.name}"
    confirm_change(f"Drop {file} into the gateway's bucket as {key}?", yes=yes)
    with file.open("rb") as body:
        found.aws.s3.put_object(
            Bucket=found.output("FileBucketName"),
            Key=key,
            Body=body,
            Metadata={ACCEPT_MISSING: "true"} if accept_missing else {},
        )
    print_result(f"Dropped as {key}")
    print_note(f"Refused rows are named in refused/{name}/{file.name}.csv of the same bucket")


def _plan_folder(
    folder: Path, name: str, mapping: "DocumentMapping", stack: Stack
) -> "Sequence[FolderFile]":
    """Return what each file of a folder would change in a gateway."""
    from gridwix_gateway.content.s3 import S3Content
    from gridwix_gateway.sources.documents.s3_documents import S3DocumentDrops
    from gridwix_gateway.sources.documents.service import DocumentSource
    from gridwix_gateway.store.commits import Commits
    from gridwix_gateway.store.dynamodb import DynamoTable
    from ops.gateway.sources.folders import read_folder

    content = S3Content(lambda: stack.aws.s3, stack.output("ContentBucketName"))
    reader = DocumentSource(
        name,
        mapping,
        drops=S3DocumentDrops(stack.aws.s3, stack.output("FileBucketName"), content),
        # A plan commits nothing, so the hub's id and the prefix of events do not matter.
        commits=Commits(DynamoTable(stack.aws.dynamodb, stack.output("TableName")), "", ""),
    )
    return read_folder(folder, mapping, reader.plan_file)


def _apply_folder(
    folder: Path, name: str, mapping: "DocumentMapping", stack: Stack, *, yes: bool
) -> None:
    """Drop the files of a folder that would change something. Raises OpsError if one is refused."""
    from gridwix_gateway.sources.files.s3_drops import DROPS

    files = _plan_folder(folder, name, mapping, stack)
    bucket = stack.output("FileBucketName")
    changed = [one for one in files if one.is_change]
    if changed:
        confirm_change(f"Drop {len(changed):,} files into {DROPS}{name}/?", yes=yes)
    for one in changed:
        try:
            with one.file.open("rb") as body:
                stack.aws.s3.put_object(Bucket=bucket, Key=f"{DROPS}{name}/{one.path}", Body=body)
        except OSError as error:
            said = f"{one.path} can no longer be read ({type(error).__name__})"
            raise OpsError(f"{said}: repeat the command for it and for what follows") from None
    print_folder(files, 0)
    print_result(f"Dropped into {DROPS}{name}/: {len(changed):,}")
    print_note(f"What the gateway itself refuses is named in refused/{name}/ of the same bucket")
    if refused := sum(one.outcome == "refused" for one in files):
        raise OpsError(f"{refused:,} of {len(files):,} files were refused and not dropped")


def print_folder(files: "Sequence[FolderFile]", shown: int) -> None:
    """Print what the files of a folder become: the faults, the first changes, and the numbers."""
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
