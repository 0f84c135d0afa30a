"""Routes of uploads, of documents with their versions and content, and of approvals of versions."""

from collections.abc import Sequence

from gridwix_gateway.api.conditions import entity_response
from gridwix_gateway.api.lists import (
    MAX_PAGE_BYTES,
    json_size,
    list_items,
    list_records,
    query_problem,
    read_time,
)
from gridwix_gateway.api.messages import Request, Response
from gridwix_gateway.api.partners import read_matched_record
from gridwix_gateway.api.records import read_record
from gridwix_gateway.api.routing import Call, Router
from gridwix_gateway.community.documents import (
    DOCUMENTS,
    create_document,
    move_document,
    submit_version,
    version_key,
    version_partition,
)
from gridwix_gateway.community.records import missing_record
from gridwix_gateway.community.reviews import (
    decide_approval,
    parse_version_number,
    request_approval,
)
from gridwix_gateway.content.ranges import (
    MAX_DIRECT_BYTES,
    ByteRange,
    UnsatisfiableRange,
    content_digest,
    content_disposition,
    requested_range,
    served_media_type,
)
from gridwix_gateway.content.uploads import Uploads, announce_upload, received_upload
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.items import item_document
from gridwix_gateway.store.table import Item, Table

router = Router()

REDIRECT_SECONDS = 300
"""Lifetime, in seconds, of the presigned URL that large content is redirected to."""

REVIEWER = "reviewer"
"""Name of the reviewer in decisions by API: the profile's request names no person."""


@router.write("POST", "/uploads", "NewUpload")
def handle_upload(call: Call, draft: Draft, /) -> Response:
    """Register the upload that a client announces, and return a presigned URL for the bytes."""
    return Response(201, announce_upload(draft, call.body, call.services.content))


@router.read("GET", "/documents")
def handle_document_list(call: Call, /) -> Response:
    """Return a page of documents, with their versions if the query has ``expand=versions``."""
    expanded = _wants_versions(call.request)
    page = list_records(call.request, call.services, DOCUMENTS)
    if expanded:
        page["items"] = _with_versions(call.services.table, page["items"])
    return Response(200, page)


@router.read("GET", "/documents/{id}")
def handle_document_read(call: Call, /) -> Response:
    """Return a document, with its versions if the query has ``expand=versions``.

    The ``ETag`` is the document's own and does not depend on ``expand``.
    """
    expanded = _wants_versions(call.request)
    response = read_record(call, DOCUMENTS)
    if response.document is None or not expanded:
        return response
    (document,) = _with_versions(call.services.table, [response.document])
    return Response(response.status, document, response.headers)


@router.write("POST", "/documents", "NewDocument")
def handle_creation(call: Call, draft: Draft, /) -> Response:
    """Create a document that has no version yet, and return it with 201."""
    return entity_response(create_document(draft, call.body), 201)


@router.write("POST", "/documents/{id}/transitions", "Transition")
def handle_move(call: Call, draft: Draft, /) -> Response:
    """Move a document to another status. Requires ``If-Match``."""
    document = read_matched_record(call, draft, DOCUMENTS)
    return entity_response(move_document(draft, document, call.body))


@router.read("GET", "/documents/{id}/versions")
def handle_version_list(call: Call, /) -> Response:
    """Return a page of a document's versions, oldest first."""
    as_of = read_time(call.services)
    if call.services.records.get(DOCUMENTS, call.id) is None:
        raise missing_record(DOCUMENTS)
    partition = version_partition(call.id)
    items, cursor = list_items(call.request, call.services.table, partition)
    return Response(200, {"items": items, "nextCursor": cursor, "asOf": as_of})


@router.write("POST", "/documents/{id}/versions", "NewDocumentVersion")
def handle_version(call: Call, draft: Draft, /) -> Response:
    """Add an uploaded file to a document as a new version, and return the version with 201.

    If the current version has the same bytes, no version is added: returns the current one with
    200.
    """
    upload_id = call.body["uploadId"]
    # Idempotent, and not a part of the commit.
    Uploads(call.services.table, call.services.content).receive(upload_id)
    upload = received_upload(draft, upload_id)
    version, is_new = submit_version(draft, call.id, call.body, upload)
    return Response(201 if is_new else 200, version)


@router.read("GET", "/documents/{id}/versions/{number}/content")
def handle_content(call: Call, /) -> Response:
    """Return the bytes of a document version, whole or a range.

    Large content without a range is redirected to a presigned URL of S3 (307).
    """
    version, blob = _read_version(call)
    size, tag = version["sizeBytes"], f'"{version["sha256"]}"'
    headers = {
        "content-digest": content_digest(version["sha256"]),
        "etag": tag,
        "accept-ranges": "bytes",
    }
    shown = served_media_type(version["mediaType"])
    disposition = content_disposition(version["fileName"])
    try:
        wanted = requested_range(_range_header(call.request, tag), size)
    except UnsatisfiableRange:
        return Response(416, headers={"content-range": f"bytes */{size}"})
    store = call.services.content
    if wanted is None and size > MAX_DIRECT_BYTES:
        url = store.download_url(blob, shown, disposition, REDIRECT_SECONDS)
        return Response(307, headers={**headers, "location": url})
    part = wanted or ByteRange(0, size - 1)
    headers |= {
        "content-type": shown,
        "content-disposition": disposition,
        "x-content-type-options": "nosniff",
    }
    if wanted is not None:
        headers["content-range"] = f"bytes {part.first}-{part.last}/{size}"
    content = store.read(blob, part.first, part.last)
    return Response(200 if wanted is None else 206, headers=headers, content=content)


@router.write("POST", "/approvals", "NewApproval")
def handle_approval(call: Call, draft: Draft, /) -> Response:
    """Request an approval of a document version. Returns the pending approval if there is one."""
    return entity_response(request_approval(draft, call.body), 201)


@router.write("POST", "/approvals/{id}/decision", "Decision")
def handle_decision(call: Call, draft: Draft, /) -> Response:
    """Record a reviewer's decision: approve or reject a document version."""
    decision, comment = call.body["decision"], call.body.get("comment")
    return entity_response(decide_approval(draft, call.id, decision, comment, REVIEWER))


def _read_version(call: Call) -> tuple[Document, str]:
    """Return the document version in the path, and the key of its content in the bucket.

    Raises Problem ``not-found``.
    """
    document = call.services.records.get(DOCUMENTS, call.id)
    if document is None or document.get("deletedAt") is not None:
        raise missing_record(DOCUMENTS)
    number = parse_version_number(call.parameters["number"])
    item = call.services.table.get(version_key(call.id, number))
    if item is None:
        raise Problem("not-found", "The document has no such version.")
    return item_document(item), str(item["blob"])


def _range_header(request: Request, tag: str) -> str | None:
    """Return the ``Range`` header, or None if the request has none or the content has changed.

    The content has changed if ``If-Range`` is not the current entity tag (RFC 9110, section
    13.1.5).
    """
    condition = request.headers.get("if-range")
    return request.headers.get("range") if condition in (None, tag) else None


def _wants_versions(request: Request) -> bool:
    expand = request.query_value("expand")
    if expand not in (None, "versions"):
        raise query_problem("expand", "enum", "versions")
    return expand is not None


def _with_versions(table: Table, documents: Sequence[Document]) -> list[Document]:
    """Return documents with their versions, as long as the response does not become too large.

    The documents after that come without versions, as the API contract permits. A client then lists
    the versions of each such document by a call of its own.
    """
    # Brought by lists alone.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(8, max(len(documents), 1))) as pool:
        found = pool.map(lambda document: _read_versions(table, document["id"]), documents)
        expanded = [
            {**document, "versions": versions}
            for document, versions in zip(documents, found, strict=True)
        ]
    # All documents are in the response, so versions get what the documents leave.
    fitting, total = 0, sum(map(json_size, documents))
    for plain, whole in zip(documents, expanded, strict=True):
        total += json_size(whole) - json_size(plain)
        if total > MAX_PAGE_BYTES:
            break
        fitting += 1
    return [*expanded[:fitting], *documents[fitting:]]


def _read_versions(table: Table, identifier: str) -> list[Document]:
    partition, found = version_partition(identifier), list[Item]()
    while page := table.query(partition, after=str(found[-1]["sk"]) if found else "", limit=1_000):
        found += page
    return [item_document(item) for item in found]
