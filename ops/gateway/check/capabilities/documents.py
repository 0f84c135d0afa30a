"""Rules of the conformance kit on documents, their versions, and the content of a version."""

import base64
import hashlib

from ops.gateway.check.capabilities.library import (
    draft_document,
    first_submission,
    publication,
    rejection,
)
from ops.gateway.check.created_records import record_path
from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.rules import (
    Capability,
    Need,
    Skipped,
    require,
    require_problem,
    require_status,
)
from ops.gateway.check.session import Session

documents = Capability("documents", "Documents")
SHORTEST = 8
"""Minimum length in bytes of a content on which range requests are tried."""


@documents.rule("versions", "The versions of a document are numbered, oldest first")
def check_versions(session: Session) -> None:
    document, versions = _document_with_content(session)
    numbers = [version["number"] for version in versions.document["items"]]
    require(numbers == sorted(set(numbers)), f"the versions are in the order {numbers}", versions)
    require(
        document["currentVersion"] in numbers,
        f"the current version is {document['currentVersion']}, and there are {numbers}",
        versions,
    )


@documents.rule("expand", "expand=versions includes the versions, or leaves them out")
def check_expand(session: Session) -> None:
    document, versions = _document_with_content(session)
    path = record_path("documents", document["id"])
    exchange = session.gateway.get(path, {"expand": "versions"})
    require_status(exchange, 200)
    included = exchange.document.get("versions")
    if included is None:
        raise Skipped("the gateway leaves out the versions, which it may")
    require(
        included == versions.document["items"],
        "the included versions are not those of the list",
        versions,
        exchange,
    )


@documents.rule("digest", "Content-Digest is the SHA-256 of the bytes, and so is sha256")
def check_digest(session: Session) -> None:
    version, content = _content(session)
    digest = hashlib.sha256(content.body).digest()
    wanted = f"sha-256=:{base64.b64encode(digest).decode()}:"
    found = content.headers.get("content-digest", "")
    # A gateway can send further digests.
    parts = [part.strip() for part in found.split(",")]
    require(wanted in parts, f"Content-Digest is {found!r}, of the bytes {wanted!r}", content)
    require(
        version["sha256"].lower() == digest.hex(),
        f"sha256 of the version is {version['sha256']}, of the bytes {digest.hex()}",
        content,
    )


@documents.rule("size", "The content has sizeBytes bytes")
def check_size(session: Session) -> None:
    version, content = _content(session)
    require(
        len(content.body) == version["sizeBytes"],
        f"there are {len(content.body)} bytes, and sizeBytes is {version['sizeBytes']}",
        content,
    )


@documents.rule("ranges", "A range gives 206 and these bytes of the content, or the first of them")
def check_ranges(session: Session) -> None:
    _, content = _content(session)
    size = len(content.body)
    if size < SHORTEST:
        raise Skipped(f"the content has {size} bytes only")
    for asked, first, end in (
        ("0-3", 0, 4),
        (f"2-{size - 3}", 2, size - 2),
        (f"{size - 2}-", size - 2, size),
        ("-3", size - 3, size),
    ):
        exchange = _get_range(session, asked)
        require_status(exchange, 206)
        # A gateway may shorten a range.
        last = first + len(exchange.body) - 1
        require(
            first <= last < end and exchange.body == content.body[first : last + 1],
            f"bytes={asked} gives other bytes than the whole content has there",
            exchange,
        )
        wanted = f"bytes {first}-{last}/{size}"
        found = exchange.headers.get("content-range")
        require(found == wanted, f"Content-Range is {found}, not {wanted}", exchange)


@documents.rule("no_such_range", "A range behind the end gives 416")
def check_no_such_range(session: Session) -> None:
    _, content = _content(session)
    require_status(_get_range(session, f"{len(content.body)}-"), 416)


@documents.rule("no_such_version", "A version that is not there is not-found")
def check_no_such_version(session: Session) -> None:
    document, _ = _document_with_content(session)
    path = record_path("documents", document["id"])
    require_problem(session.gateway.get(f"{path}/versions/99999/content"), "not-found")


@documents.rule("created", "A new document is a draft without a version", Need.WRITE)
def check_created(session: Session) -> None:
    created = draft_document(session)
    found = (created.document["status"], created.document["currentVersion"])
    require(found == ("draft", 0), f"a new document is {found[0]} at {found[1]}", created.exchange)


@documents.rule("review", "A draft can be sent to review, and back", Need.WRITE)
def check_review(session: Session) -> None:
    document = session.records.read("documents", draft_document(session).id)
    if document.document["status"] != "draft":
        raise Skipped(f"the document is {document.document['status']}, and no draft")
    session.records.move(session.records.move(document, "in_review"), "draft")


@documents.rule("unpublished", "No transition publishes a draft", Need.WRITE)
def check_unpublished(session: Session) -> None:
    document = session.records.read("documents", draft_document(session).id)
    if document.document["status"] != "draft":
        raise Skipped(f"the document is {document.document['status']}, and no draft")
    require_problem(session.records.try_move(document, "published"), "invalid-transition")


@documents.rule("version_added", "An upload becomes a version that is not current", Need.WRITE)
def check_version_added(session: Session) -> None:
    added = first_submission(session).added
    digest = hashlib.sha256(first_submission(session).content).hexdigest()
    found = (added.document["number"], added.document["sha256"], added.document["status"])
    require(
        found[:2] == (1, digest) and found[2] in ("in_review", "pending_scan"),
        f"the version has number, digest and status {found}",
        added,
    )
    document = session.records.read("documents", draft_document(session).id)
    current = document.document["currentVersion"]
    require(current == 0, f"the current version is {current} before a decision", document.exchange)


@documents.rule("rejected", "A rejected version does not become current", Need.WRITE)
def check_rejected(session: Session) -> None:
    found = rejection(session)
    require(found.version["status"] == "rejected", "the version is not rejected", found.versions)
    current = found.document.document["currentVersion"]
    require(current == 0, f"the current version is {current}", found.document.exchange)


@documents.rule("published", "An approved version becomes current and is published", Need.WRITE)
def check_published(session: Session) -> None:
    found = publication(session)
    require(found.version["status"] == "approved", "the version is not approved", found.versions)
    state = (found.document.document["currentVersion"], found.document.document["status"])
    require(state == (2, "published"), f"the document is at {state}", found.document.exchange)


@documents.rule("content", "The content of a version is what was uploaded", Need.WRITE)
def check_content(session: Session) -> None:
    found = publication(session)
    exchange = session.gateway.get_content(content_path(found.document.id, 2))
    require_status(exchange, 200)
    require(exchange.body == found.submission.content, "the bytes are others", exchange)


@documents.rule("same_bytes", "The bytes of the current version create no new one", Need.WRITE)
def check_same_bytes(session: Session) -> None:
    found = publication(session)
    upload_id = session.records.upload(found.submission.content)
    path = f"{found.document.path}/versions"
    exchange = session.records.post(path, {"uploadId": upload_id, "source": "portal"})
    require_status(exchange, 200)
    require(
        exchange.document["number"] == 2,
        f"the response is version {exchange.document['number']}, not the current one, 2",
        exchange,
    )
    versions = session.gateway.get(path)
    require_status(versions, 200)
    count = len(versions.document["items"])
    require(count == 2, f"there are {count} versions, not 2", versions)


@documents.rule(
    "transitions", "A published document can expire, be published again, be withdrawn", Need.WRITE
)
def check_transitions(session: Session) -> None:
    document = session.records.read("documents", publication(session).document.id)
    require_problem(session.records.try_move(document, "draft"), "invalid-transition")
    for to in ("expired", "published", "withdrawn"):
        document = session.records.move(document, to)
    require_problem(session.records.try_move(document, "published"), "invalid-transition")


def _document_with_content(session: Session) -> tuple[Document, Exchange]:
    """Return a document with a readable current version, and the response with its versions.

    The content of that version is within the limit of a response's size. Both are kept for later
    calls. Raises Skipped if the gateway has no such document.
    """

    def find() -> tuple[Document, Exchange]:
        items = [
            document
            for document in session.list_records("documents").items
            if document["currentVersion"] > 0 and not document.get("deletedAt")
        ]
        # Those that partners see first.
        order = sorted(
            items, key=lambda one: (one["classification"] == "restricted", -one["currentVersion"])
        )
        for document in order[:10]:
            path = record_path("documents", document["id"])
            versions = session.gateway.get(f"{path}/versions")
            require_status(versions, 200)
            current = _current(document, versions)
            if current is not None and current["sizeBytes"] <= session.limits.response_bytes:
                return document, versions
        raise Skipped("no document has a current version of moderate size")

    return session.keep("document with content", find)


def _content(session: Session) -> tuple[Document, Exchange]:
    """Return the current version of a document of the gateway, and the response with its content.

    The document is the one that :func:`_document_with_content` chooses. Both are read at the first
    call in a run of the conformance kit, and kept for later calls.
    """

    def read() -> tuple[Document, Exchange]:
        document, versions = _document_with_content(session)
        current = _current(document, versions)
        assert current is not None
        content = session.gateway.get_content(content_path(document["id"], current["number"]))
        require_status(content, 200)
        return current, content

    return session.keep("content", read)


def _get_range(session: Session, asked: str) -> Exchange:
    document, versions = _document_with_content(session)
    current = _current(document, versions)
    assert current is not None
    path = content_path(document["id"], current["number"])
    return session.gateway.get(path, headers={"range": f"bytes={asked}"})


def content_path(identifier: str, number: int) -> str:
    """Return the path of a version's content, relative to the base URL."""
    return f"{record_path('documents', identifier)}/versions/{number}/content"


def _current(document: Document, versions: Exchange) -> Document | None:
    for version in versions.document["items"]:
        if version["number"] == document["currentVersion"]:
            found: Document = version
            return found
    return None
