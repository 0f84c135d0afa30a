"""``gridwix source``: shows what files would change in the gateway, and uploads them.

A source is a file, or a folder of files, from which the gateway takes records. The command also
proposes the declaration of a new source.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import Json, Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.console import print_note, print_result, show_spinner
from ops.errors import OpsError
from ops.gateway.sources.screen import print_folder, print_preview, print_refused
from ops.gateway.stacks import read_gateway_stack
from ops.json_output import print_json_output
from ops.outputs.sources import (
    SourceApplyOutput,
    SourceProposalOutput,
    fault_output,
    folder_output,
    preview_output,
    refused_files,
)
from ops.stack import Stack

# The readers of files (DuckDB, openpyxl, CEL) take half a second to import, and the help and the
# completion of a command need none of them: so each function below imports what it needs.
if TYPE_CHECKING:
    from gridwix_gateway.sources.documents.mapping import DocumentMapping
    from ops.gateway.sources.folders import FolderFile
    from ops.gateway.sources.preview import Preview

source = typer.Typer(
    help="Show how the gateway reads the files of its sources, and drop them.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file.")]
Files = Annotated[
    Path, typer.Argument(metavar="FILE", help="The file, or the folder of a source of documents.")
]
SourceName = Annotated[
    str,
    typer.Option(
        "--source", help="Name of the source: that of its file in config/gateway/sources."
    ),
]
GatewayStack = Annotated[str, typer.Option("--stack", help="Name of the gateway's stack.")]
Shown = Annotated[int, typer.Option("--rows", min=0, help="Number of records to show.")]
AcceptMissing = Annotated[
    bool,
    typer.Option("--accept-missing", help="Many rows are gone, and that is right."),
]


@source.command()
@example("gridwix source preview tracker.xlsx --source partner-tracker")
def preview(file: Files, name: SourceName, rows: Shown = 5, as_json: Json = False) -> None:
    """Show how gridwix reads and maps a file, and each fault. Needs no stack and writes nothing.

    Exit code 1 if the file as a whole looks wrong, so that it would change nothing.
    """
    from ops.gateway.sources.folders import first_drop, read_folder
    from ops.gateway.sources.preview import find_document_mapping, load_declaration, preview_file

    if mapping := find_document_mapping(name):
        _show_folder(name, read_folder(file, mapping, first_drop), rows, as_json=as_json)
        return
    _show_preview(name, preview_file(file, load_declaration(name), rows), as_json=as_json)


@source.command()
@example("gridwix source init tracker.xlsx")
def init(file: File, as_json: Json = False) -> None:
    """Propose a declaration of a source from a file's headings, with every guess marked."""
    from ops.gateway.sources.proposal import propose_declaration

    proposal = propose_declaration(file).rstrip()
    if as_json:
        print_json_output(SourceProposalOutput(declaration=proposal))
    else:
        print_result(proposal)


@source.command()
@example("gridwix source plan tracker.xlsx --source partner-tracker --stack gateway")
@with_aws_options
def plan(
    file: Files,
    name: SourceName,
    stack: GatewayStack,
    rows: Shown = 5,
    accept_missing: AcceptMissing = False,
    as_json: Json = False,
) -> None:
    """Show what a file would change in a gateway. Writes nothing.

    Exit code 1 if the file as a whole looks wrong, so that it would change nothing.
    """
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
        files = _plan_folder(file, name, mapping, read_gateway_stack(stack, Aws()))
        _show_folder(name, files, rows, as_json=as_json)
        return
    declaration = load_declaration(name, as_deployed=True)
    if not file.is_file():
        raise OpsError(f"there is no file {file}", "correct the path")
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
            if as_json:
                print_json_output(fault_output(name, str(fault), refused))
            else:
                print_refused(refused)
            raise OpsError(
                f"{file}: {fault}", "correct the file, or config/gateway/sources/"
            ) from None
        _show_preview(name, shown_plan(made, rows), as_json=as_json)


@source.command()
@example("gridwix source apply tracker.xlsx --source partner-tracker --stack gateway")
@with_aws_options
def apply(
    file: Files,
    name: SourceName,
    stack: GatewayStack,
    accept_missing: AcceptMissing = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Drop a file, or a folder of documents, into a gateway's bucket.

    The gateway applies it within minutes. Of a folder, files that would change nothing are left
    out, and so are files that this command refuses because they cannot be used: then the exit code
    is 1.
    """
    from gridwix_gateway.sources.files.s3_drops import ACCEPT_MISSING, DROPS
    from ops.gateway.sources.preview import find_document_mapping, load_declaration

    if mapping := find_document_mapping(name):
        gateway = read_gateway_stack(stack, Aws())
        _apply_folder(file, name, mapping, gateway, yes=yes, as_json=as_json)
        return
    load_declaration(name)
    if not file.is_file():
        raise OpsError(f"there is no file {file}", "correct the path")
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
    if as_json:
        print_json_output(SourceApplyOutput(source=name, dropped=(key,), refused=()))
    else:
        print_result(f"Dropped as {key}")
    print_note(f"Refused rows are named in refused/{name}/{file.name}.csv of the same bucket")


def _plan_folder(
    folder: Path, name: str, mapping: "DocumentMapping", stack: Stack
) -> "Sequence[FolderFile]":
    """Return what each file of a folder would change in a gateway's document library."""
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
    folder: Path,
    name: str,
    mapping: "DocumentMapping",
    stack: Stack,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Upload files of a folder to the gateway's bucket: those that would change its documents.

    Asks the user to confirm first. Raises OpsError if a file is refused; refused files are not
    uploaded.
    """
    from gridwix_gateway.sources.files.s3_drops import DROPS

    files = _plan_folder(folder, name, mapping, stack)
    bucket = stack.output("FileBucketName")
    changed = [one for one in files if one.is_change]
    if changed:
        confirm_change(f"Drop {len(changed):,} files into {DROPS}{name}/?", yes=yes)
    with show_spinner("Dropping files") as progress:
        for number, one in enumerate(changed):
            progress.update(f"Dropping {one.path}", done=number, total=len(changed))
            key = f"{DROPS}{name}/{one.path}"
            try:
                with one.file.open("rb") as body:
                    stack.aws.s3.put_object(Bucket=bucket, Key=key, Body=body)
            except OSError as error:
                said = f"{one.path} can no longer be read ({type(error).__name__})"
                raise OpsError(said, "repeat the command for it and for what follows") from None
    if as_json:
        keys = tuple(f"{DROPS}{name}/{one.path}" for one in changed)
        print_json_output(
            SourceApplyOutput(source=name, dropped=keys, refused=refused_files(files))
        )
    else:
        print_folder(files, 0)
        print_result(f"Dropped into {DROPS}{name}/: {len(changed):,}")
    print_note(f"What the gateway itself refuses is named in refused/{name}/ of the same bucket")
    if refused := sum(one.outcome == "refused" for one in files):
        raise OpsError(
            f"{refused:,} of {len(files):,} files were refused and not dropped",
            "correct them as the list says, and run the command again",
        )


def _show_folder(name: str, files: "Sequence[FolderFile]", shown: int, *, as_json: bool) -> None:
    if as_json:
        print_json_output(folder_output(name, files, shown))
    else:
        print_folder(files, shown)


def _show_preview(name: str, shown: "Preview", *, as_json: bool) -> None:
    """Print what a file would change in the gateway.

    Raises OpsError if the file as a whole looks wrong, so that the gateway would apply none of it.
    """
    if as_json:
        print_json_output(preview_output(name, shown))
    else:
        print_preview(shown)
    if shown.fault:
        raise OpsError(
            f"nothing would change: {shown.fault}", "correct the file, or config/gateway/sources/"
        )
