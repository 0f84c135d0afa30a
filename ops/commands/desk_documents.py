"""``gridwix desk publish-document`` and ``fetch``: files from and to the document library."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ops.command_examples import example
from ops.commands.desk import Gateway, desk
from ops.commands.options import Json, Yes
from ops.confirmation import confirm_change
from ops.console import print_note, print_result
from ops.errors import OpsError
from ops.gateway.desk.client import DeskClient, Record, connect_desk
from ops.gateway.desk.library import (
    Publication,
    find_version,
    plan_new_document,
    plan_version,
    publication_text,
    publish_file,
)
from ops.gateway.desk.local_files import (
    LocalFile,
    destination,
    read_local_file,
    write_verified,
)
from ops.gateway.desk.texts import shown_text
from ops.json_output import print_json_output
from ops.outputs.desk import DeskFetchOutput, DeskPublishedOutput, PublicationEntry

MAX_PARTNERS = 100

Day = Annotated[str | None, typer.Option(help="Day, such as 2026-12-31.")]


@desk.command()
@example(
    'gridwix desk publish-document guide.pdf --title "Routing guide" --category routing_guide --all'
)
def publish_document(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file.")],
    gateway: Gateway,
    document: Annotated[
        str | None, typer.Option(help="Id of a document that gets a new version.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of a new document.")] = None,
    category: Annotated[
        str | None,
        typer.Option(
            help="Category of a new document: routing_guide, implementation_guide, label_spec,"
            " tax_form, insurance, agreement, test_evidence or other."
        ),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="Type of a new document; its category if omitted.")
    ] = None,
    classification: Annotated[
        str | None,
        typer.Option(
            help="public, partner (if omitted) or restricted, which never leaves Trading Grid."
        ),
    ] = None,
    partner: Annotated[
        list[str] | None, typer.Option(help="Partner that gets a new document. Can be repeated.")
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="The new document is for all partners.")
    ] = False,
    valid_from: Day = None,
    valid_until: Day = None,
    locale: Annotated[list[str] | None, typer.Option(help="Language, such as en.")] = None,
    note: Annotated[str, typer.Option(help="What is new. Partners read it.")] = "",
    review: Annotated[
        bool, typer.Option("--review", help="Leave the approval to somebody else.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Publish a file: as a new document for partners, or as a new version of one."""
    file = read_local_file(path)
    wish = {
        "title": title,
        "category": category,
        "type": kind,
        "classification": classification,
        "locale": locale,
        "effectiveFrom": _checked_day(valid_from),
        "expiresOn": _checked_day(valid_until),
    }
    fields: Record = {name: value for name, value in wish.items() if value}
    partners = _partners(partner or (), document, everybody=everybody)
    if document is not None and fields:
        raise OpsError("--document adds a version only", "leave out what the document has already")
    if document is None:
        if title is None or category is None:
            raise OpsError(
                "a new document needs a title and a category",
                "name --title and --category, or a --document",
            )
        fields = {"type": category, "classification": "partner", **fields}
    with connect_desk(gateway) as client:
        if document is not None:
            known = client.get_record("documents", document)
            if known is None:
                raise OpsError(
                    f"there is no document {document}",
                    "`gridwix desk list documents` lists those in review",
                )
            plans = [plan_version(client, file, known)]
        else:
            plans = [plan_new_document(client, file, fields, one) for one in partners]
        _publish(client, plans, file, fields, note=note, review=review, yes=yes, as_json=as_json)


@desk.command()
@example("gridwix desk fetch doc_000000012")
def fetch(
    identifier: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Id of the document.")],
    gateway: Gateway,
    version: Annotated[
        int | None, typer.Option(min=1, help="The version; the newest if omitted.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="File or folder; the present folder if omitted.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch the file of a document's version. Its digest is checked."""
    with connect_desk(gateway) as client:
        _, found = find_version(client, identifier, version)
        if found.get("scan") == "infected":
            raise OpsError(
                "a scanner has found a virus in this version, so it is not fetched",
                "ask its sender for another one",
            )
        path = destination(to, found["fileName"])
        with client.open_content(identifier, found) as pieces:
            is_new = write_verified(path, pieces, int(found["sizeBytes"]), str(found["sha256"]))
    if as_json:
        print_json_output(
            DeskFetchOutput(
                path=str(path),
                document=identifier,
                version=found["number"],
                size_bytes=found["sizeBytes"],
                sha256=found["sha256"],
                scan=found.get("scan"),
                is_new=is_new,
            )
        )
        return
    about = f"version {found['number']} of {shown_text(identifier)}"
    if not is_new:
        print_result(f"{path} is {about} already")
        return
    print_result(f"{path} is {about}: {found['sizeBytes']:,} bytes, SHA-256 {found['sha256']}")
    if found.get("scan") != "clean":
        print_note("No scanner has looked for viruses in it")


def _publish(
    client: DeskClient,
    plans: Sequence[Publication],
    file: LocalFile,
    fields: Record,
    *,
    note: str,
    review: bool,
    yes: bool,
    as_json: bool,
) -> None:
    open_plans = [one for one in plans if not one.is_current and not (review and one.version)]
    done = [
        PublicationEntry(
            document=one.document["id"],
            version=one.version,
            status=one.document["status"],
            waits_for_approval=not one.is_current,
            changed=False,
        )
        for one in plans
        if one not in open_plans and one.document is not None
    ]
    if not as_json:
        for entry in done:
            state = "waits for approval with" if entry.waits_for_approval else "already has"
            name = shown_text(entry.document)
            print_result(f"{name} {state} these bytes: version {entry.version}")
    if open_plans and not yes:
        title = str(fields.get("title", ""))
        for one in open_plans:
            text = publication_text(one, file, title)
            print_note(f"{text[:1].upper()}{text[1:]}")
        confirm_change("Do it?", yes=yes)
    for one in open_plans:
        made, version = publish_file(client, one, file, fields, note=note, is_approved=not review)
        entry = PublicationEntry(
            document=made["id"],
            version=version["number"],
            status=made["status"],
            waits_for_approval=version["status"] != "approved",
            changed=True,
        )
        done.append(entry)
        if not as_json:
            state = "waits for approval"
            if not entry.waits_for_approval:
                state = f"is {shown_text(entry.status)}"
            print_result(f"{shown_text(entry.document)} {state}, version {entry.version}")
    if as_json:
        print_json_output(DeskPublishedOutput(documents=tuple(done)))


def _partners(
    partners: Sequence[str], document: str | None, *, everybody: bool
) -> Sequence[str | None]:
    if document is not None:
        if partners or everybody:
            raise OpsError("the document has its partner", "leave out --partner and --all")
        return ()
    if bool(partners) == everybody:
        raise OpsError(
            "nobody would get it", "name each --partner that gets the document, or --all"
        )
    if len(partners) > MAX_PARTNERS:
        raise OpsError(
            f"a document goes to {MAX_PARTNERS} partners at most", "name fewer, or --all"
        )
    return list(dict.fromkeys(partners)) if partners else [None]


def _checked_day(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise OpsError(f"{text} is no day", "write it as 2026-12-31") from None
