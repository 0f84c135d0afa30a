"""The document library: documents, their versions, and decisions on versions.

A version is an item of the table with the key ``V#document`` / number. The item holds the version
as the API returns it, ``blob`` (key of its content in the bucket), and ``event`` (number of the
event that announced it). The event does not name the version, and two versions can have the same
time, so ``event`` is the only link from the version to its event.
"""

from gridwix_gateway.community.approvals import open_version_approval
from gridwix_gateway.community.records import read_open_record, require_partner
from gridwix_gateway.community.transitions import status_changes
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.profile.collections import STATUS_EVENTS
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.items import dump_json, item_document
from gridwix_gateway.store.table import Item, Key

DOCUMENTS = "documents"

FINAL_STATUSES = frozenset({"withdrawn", "expired", "superseded"})
"""Statuses in which a document accepts no more versions."""

MAX_VERSIONS = 1_000
"""Maximum versions of a document. Their list is one response, which Lambda limits to 6 MB."""

FILE_MEMBERS = ("fileName", "mediaType", "sizeBytes", "sha256")


def create_document(draft: Draft, fields: Document, identifier: str | None = None) -> Document:
    """Create a document with the status "draft" and without a version.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        fields: Fields of the document, as in the OpenAPI schema ``NewDocument``.
        identifier: The document's id; None to make a new id.

    Returns:
        The document.

    Raises:
        Problem: ``validation``: there is no such partner.
    """
    if fields.get("partnerId") is not None:
        require_partner(draft, fields["partnerId"])
    document = {
        "partnerId": None,
        "audience": {"all": True},
        "locale": ["en"],
        "effectiveFrom": None,
        "expiresOn": None,
        "tags": [],
        **fields,
        "id": identifier or f"doc_{draft.next_number:09}",
        "status": "draft",
        "currentVersion": 0,
    }
    return draft.create(DOCUMENTS, document, "document.status_changed")


def submit_version(
    draft: Draft, identifier: str, fields: Document, upload: Document
) -> tuple[Document, bool]:
    """Add an uploaded file to a document, as a version that waits for approval.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        identifier: The document.
        fields: Fields of the version, as in the OpenAPI schema ``NewDocumentVersion``.
        upload: The received upload that ``fields`` names.

    Returns:
        The new version and True. If the current version has the same bytes, that version and False.

    Raises:
        Problem: ``not-found``, or ``invalid-transition`` if the document accepts no version.
    """
    document = read_open_record(draft, DOCUMENTS, identifier)
    if document["status"] in FINAL_STATUSES:
        raise Problem("invalid-transition", f"The document is {document['status']}.")
    current = find_version(draft.get_item(version_key(identifier, document["currentVersion"])))
    if current is not None and current["sha256"] == upload["sha256"]:
        return current, False
    version = _add_version(
        draft,
        document,
        {
            **{name: upload[name] for name in FILE_MEMBERS},
            "status": "in_review",
            "scan": upload["scan"],
            "source": fields.get("source", "portal"),
            "changeNote": fields.get("changeNote", ""),
            "baseVersion": fields.get("baseVersion"),
        },
        upload["blob"],
    )
    status = "in_review" if document["status"] == "draft" else document["status"]
    changed = draft.change(DOCUMENTS, document, {"status": status}, "document.version_added")
    open_version_approval(draft, changed, version["number"], {})
    return version, True


def publish_version(draft: Draft, identifier: str, file: Document, blob: str) -> Document:
    """Add a version to a document on behalf of the hub. It is approved and current at once.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        identifier: The document.
        file: ``fileName``, ``mediaType``, ``sizeBytes``, ``sha256``, and optionally ``changeNote``.
        blob: Key of the file's object in the bucket. The caller has verified the bytes.

    Returns:
        The version, or the current one if it has the same bytes.

    Raises:
        Problem: ``not-found``, or ``invalid-transition`` if the document is withdrawn.
    """
    document = read_open_record(draft, DOCUMENTS, identifier)
    if document["status"] == "withdrawn":
        raise Problem("invalid-transition", "The document is withdrawn.")
    current = find_version(draft.get_item(version_key(identifier, document["currentVersion"])))
    if current is not None and current["sha256"] == file["sha256"]:
        return current
    version = _add_version(
        draft,
        document,
        {
            **{name: file[name] for name in FILE_MEMBERS},
            "status": "approved",
            "scan": "skipped",
            "source": "trading_grid",
            "changeNote": file.get("changeNote", ""),
            "baseVersion": document["currentVersion"] or None,
        },
        blob,
    )
    _make_current(draft, document, version["number"])
    return version


def move_document(draft: Draft, document: Document, move: Document) -> Document:
    """Move a document to another status, such as ``withdrawn``.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        document: The document, as read within the commit.
        move: ``to``, and maybe ``reason``, as in the OpenAPI schema ``Transition``.

    Returns:
        The document after the move.

    Raises:
        Problem: ``invalid-transition`` or ``validation``.
    """
    changes = status_changes(DOCUMENTS, document, move)
    withdrawn = move["to"] == "withdrawn"
    event_type = "document.withdrawn" if withdrawn else STATUS_EVENTS[DOCUMENTS]
    return draft.change(DOCUMENTS, document, changes, event_type)


def apply_decision(
    draft: Draft, identifier: str, number: int, decision: str, comment: str | None
) -> None:
    """Set a document version to approved or rejected. An approved version becomes the current one.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        identifier: The document.
        number: Number of the version.
        decision: ``approved`` or ``rejected``.
        comment: The reviewer's comment, which the partner sees.

    Raises:
        Problem: ``not-found``, or ``invalid-transition`` for an approval if the document has
            been withdrawn.
    """
    document = read_open_record(draft, DOCUMENTS, identifier)
    item = draft.get_item(version_key(identifier, number))
    version = find_version(item)
    if item is None or version is None:
        raise Problem("not-found", "The document has no such version.")
    if decision == "approved" and document["status"] == "withdrawn":
        raise Problem("invalid-transition", "The document is withdrawn.")
    decided = {**version, "status": decision, "comment": comment}
    put_version(draft, identifier, decided, str(item["blob"]), int(item.get("event", 0)))
    if decision == "approved":
        _make_current(draft, document, number)
        return
    status = "draft" if document["status"] == "in_review" else document["status"]
    draft.change(DOCUMENTS, document, {"status": status}, "document.status_changed")


def put_version(
    draft: Draft, identifier: str, version: Document, blob: str, event: int = 0
) -> None:
    """Write a document version to the table. The caller changes the document in the same commit.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        identifier: The document.
        version: The version as the API returns it.
        blob: Key of the version's object in the bucket. The caller has verified the bytes.
        event: Number of the event that announces the version; 0 if there is no such event.
    """
    key = version_key(identifier, version["number"])
    item: Item = {"pk": key.pk, "sk": key.sk, "blob": blob, "event": event}
    draft.put_item({**item, "document": dump_json(version)})


def version_partition(identifier: str) -> str:
    """Return the table's partition of a document's versions."""
    return f"V#{identifier}"


def version_key(identifier: str, number: int) -> Key:
    """Return the table's key of a document version. Version numbers begin with 1."""
    return Key(version_partition(identifier), f"{number:012}")


def find_version(item: Item | None) -> Document | None:
    """Return the document version that a DynamoDB item holds; None if ``item`` is None."""
    return None if item is None else item_document(item)


def _add_version(draft: Draft, document: Document, fields: Document, blob: str) -> Document:
    number = len(draft.query_items(version_partition(document["id"]))) + 1
    if number > MAX_VERSIONS:
        raise Problem("invalid-transition", f"The document has {MAX_VERSIONS} versions.")
    version = {
        "number": number,
        "uploadedBy": fields["source"],
        "uploadedAt": draft.at,
        "comment": None,
        **fields,
    }
    # The callers' next event is the one about this version.
    put_version(draft, document["id"], version, blob, draft.next_number)
    return version


def _make_current(draft: Draft, document: Document, number: int) -> None:
    first = document["status"] != "published"
    draft.change(
        DOCUMENTS,
        document,
        {"currentVersion": number, "status": "published"},
        "document.published" if first else "document.version_added",
    )
