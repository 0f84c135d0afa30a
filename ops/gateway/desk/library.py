"""The document library at the desk: publishes files idempotently, and finds versions to fetch.

A publication takes several calls: create the document, upload the file, add the version, approve
it. After an interruption the same command continues: it finds the document by partner and title,
and the version by its bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ops.errors import OpsError
from ops.gateway.desk.client import DeskClient, Record
from ops.gateway.desk.local_files import LocalFile
from ops.gateway.desk.texts import shown_text

OVER = frozenset({"superseded", "expired", "withdrawn"})
"""Statuses of a document that accepts no more versions."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Progress of publishing a file as the current version of a document.

    It says what the gateway has already.

    Args:
        partner: The document's partner; None for the shared library, which all partners see.
        document: The document; None if it must be created.
        version: Number of the version with the file's bytes, if it is current or waits for
            approval; else 0.
        is_current: True if that version is the current one, so that the publication is complete.
    """

    partner: str | None
    document: Record | None = None
    version: int = 0
    is_current: bool = False

    @property
    def place(self) -> str:
        """The audience of the document, in words: one partner, or all of them."""
        return f"partner {shown_text(self.partner)}" if self.partner else "all partners"


def plan_new_document(
    client: DeskClient, file: LocalFile, fields: Record, partner: str | None
) -> Publication:
    """Find out which steps of publishing a file as a new document are done already. Reads only.

    Args:
        client: The client.
        file: The file.
        fields: Fields of the document (schema ``NewDocument`` of the gateway's OpenAPI contract).
        partner: The document's partner; None for the shared library, which all partners see.

    Returns:
        What the gateway has already. All other steps are still to be done.

    Raises:
        OpsError: The partner does not exist. Or the partner or library has a document with this
            title already, with other content or other values in its fields.
    """
    if partner is not None and client.get_record("partners", partner) is None:
        raise OpsError(f"there is no partner {partner}", "correct --partner")
    known = client.list_records("documents", partners=[partner] if partner else ())
    for document in known:
        is_same = document.get("partnerId") == partner and document["title"] == fields["title"]
        if not is_same or document["status"] in OVER:
            continue
        found = plan_version(client, file, document)
        identifier = shown_text(document["id"])
        if found.version or (document["status"] == "draft" and not document["currentVersion"]):
            if other := [name for name, value in fields.items() if document.get(name) != value]:
                # Else a classification that was corrected meanwhile would be passed over.
                raise OpsError(
                    f"{found.place} have a document with this title, and another {other[0]}"
                    f" ({shown_text(str(document.get(other[0])))})",
                    f"add the file to it with --document {identifier}, or withdraw it with"
                    " gridwix desk move",
                )
            return found
        raise OpsError(
            f"{found.place} have a document with this title",
            f"add a version to it with --document {identifier}, or choose another title",
        )
    return Publication(partner)


def plan_version(client: DeskClient, file: LocalFile, document: Record) -> Publication:
    """Find out which steps of publishing a file as a document's current version are done already.

    Reads only.

    Args:
        client: The client.
        file: The file.
        document: The document.

    Returns:
        What the gateway has already. All other steps are still to be done.

    Raises:
        OpsError: The document takes no more versions.
    """
    if document["status"] in OVER:
        raise OpsError(
            f"the document is {document['status']}, and takes no more versions",
            "publish a new document",
        )
    versions = client.list_parts("documents", document["id"], "versions")
    same = [one for one in versions if one["sha256"] == file.sha256]
    partner = document.get("partnerId")
    current = document["currentVersion"]
    if any(one["number"] == current for one in same):
        return Publication(partner, document, current, is_current=True)
    waiting = [one["number"] for one in same if one["status"] == "in_review"]
    return Publication(partner, document, waiting[-1] if waiting else 0)


def publication_text(publication: Publication, file: LocalFile, title: str) -> str:
    """Return what a publication will do, as a phrase for the question to the user."""
    document = publication.document
    if document is None:
        return f"publish {_file_text(file)} to {publication.place} as {shown_text(title)}"
    about = f"{shown_text(document['id'])} ({publication.place}, {shown_text(document['title'])})"
    if publication.version:
        return f"approve version {publication.version} of {about}, which has these bytes"
    return f"publish {_file_text(file)} as a new version of {about}"


def publish_file(
    client: DeskClient,
    publication: Publication,
    file: LocalFile,
    fields: Record,
    *,
    note: str = "",
    is_approved: bool = True,
) -> tuple[Record, Record]:
    """Publish a file as a version of a document, and approve the version. Idempotent.

    Only missing steps are done.

    Args:
        client: The client.
        publication: What the gateway has already.
        file: The file.
        fields: Fields of a new document (schema ``NewDocument`` of the gateway's OpenAPI contract).
        note: Note on the version that the partner reads.
        is_approved: True to approve the version; False to let it wait for approval.

    Returns:
        The document and the version.
    """
    document = publication.document
    if document is None:
        document = client.create_document({**fields, "partnerId": publication.partner})
    number = publication.version
    if not number:
        wish: Record = {
            "uploadId": client.upload_file(file),
            "source": "trading_grid",
            "baseVersion": document["currentVersion"] or None,
        }
        if note:
            wish["changeNote"] = note
        number = client.add_version(document["id"], wish)["number"]
    if is_approved and not publication.is_current:
        approval = client.request_approval(f"{document['id']}/{number}")
        if approval["status"] == "pending":
            client.decide_approval(approval["id"], "approved", "")
    return find_version(client, document["id"], number)


def find_version(client: DeskClient, identifier: str, number: int | None) -> tuple[Record, Record]:
    """Return a document and one of its versions.

    Args:
        client: The client.
        identifier: Id of the document.
        number: Number of the version; None for the newest.

    Raises:
        OpsError: There is no such document or version.
    """
    document = client.get_record("documents", identifier)
    if document is None:
        raise OpsError(f"there is no document {identifier}", "correct its id")
    versions: Sequence[Record] = client.list_parts("documents", identifier, "versions")
    for version in reversed(versions):
        if number in (None, version["number"]):
            return document, version
    what = "version" if number is None else f"version {number}"
    raise OpsError(
        f"{shown_text(identifier)} has no {what}", "`gridwix desk show` lists its versions"
    )


def _file_text(file: LocalFile) -> str:
    return f"{shown_text(file.path.name)} ({file.size:,} bytes)"
