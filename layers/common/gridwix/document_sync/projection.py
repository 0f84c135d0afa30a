"""Makes the portal row of a document, and selects the version with the file that the portal shows.

Pure.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gridwix.document_sync.transfers import FileIdentity, PortalFile, Transfer
from gridwix.files.types import safe_name
from gridwix.mapping.audiences import AUDIENCE_RECORD, ResolvedAudiences
from gridwix.mapping.documents import has_audience, is_private, is_restricted
from gridwix.mapping.texts import Texts, sentences_of
from gridwix.mapping.wix_items import data_item
from gridwix.models.files import FileFault
from gridwix.models.ids import PartnerId
from gridwix.models.portal.partner_documents import (
    FormerVersion,
    PartnerDocumentRow,
    ReviewedVersion,
)
from gridwix.models.trading_grid.documents import Document, DocumentVersion
from gridwix.models.wix import DataItem
from gridwix.publication.models import Versions

SHOWN = frozenset({"published", "expired", "in_review"})
"""Statuses in which a document has a row on the portal. During its first review, only its own
partner sees the row: a document of the shared library has none yet."""

UNDECIDED = frozenset({"in_review", "pending_scan"})
"""Statuses of a document's version that waits for approval."""

MAX_HISTORY = 20
"""Maximum number of former versions that a row lists."""


@dataclass(frozen=True, slots=True)
class ProjectedRow:
    """The data item of a document's row, and the versions of the records that it is made from.

    ``item`` is None if the portal must not have a row of the document.
    """

    item: DataItem | None
    versions: Versions


def conflicting_version(
    document: Document, versions: Iterable[DocumentVersion]
) -> DocumentVersion | None:
    """Return the partner's newest version that conflicts with the hub's current one, or None.

    A version of the partner conflicts if it waits for approval and is based on a version that is
    not the current one. The hub then decides which of the two is published.
    """
    rivals = (
        version
        for version in versions
        if version.source == "portal"
        and version.status in UNDECIDED
        and version.base_version
        and version.base_version != document.current_version
    )
    return max(rivals, key=lambda version: version.number, default=None)


def may_have_file(document: Document) -> bool:
    """Return True if a document is in a state in which partners may open its file."""
    is_published = document.deleted_at is None and document.status == "published"
    return is_published and not is_restricted(document)


def wanted_version(
    document: Document, versions: Sequence[DocumentVersion], shown: PortalFile | None
) -> DocumentVersion | None:
    """Return the version with the file that the portal is to show; None if it is to show no file.

    In a conflict between a version of the partner and the hub's current one, neither is published.
    The portal keeps its file, which is the last one that both sides agreed on.

    Args:
        document: The document.
        versions: All of its versions.
        shown: The file that the portal shows now.
    """
    if not may_have_file(document):
        return None
    number, rival = document.current_version, conflicting_version(document, versions)
    if rival is not None and not (shown and shown.version == number):
        # Nothing shown yet: the base of the partner's version is what both sides agreed on.
        number = shown.version if shown else rival.base_version or 0
    found = next((version for version in versions if version.number == number), None)
    return found if found is not None and found.status == "approved" else None


def file_identity(document: Document, version: DocumentVersion) -> FileIdentity:
    """Return what identifies a version's file: version number, digest and visibility."""
    return FileIdentity(version=version.number, sha256=version.sha256, private=is_private(document))


def project_row(
    document: Document,
    versions: Sequence[DocumentVersion],
    transfer: Transfer,
    *,
    audiences: ResolvedAudiences[str],
    texts: Texts,
) -> ProjectedRow:
    """Make the portal row of a document from the document and the state of its file transfer.

    The same input gives the same row.

    Args:
        document: The document.
        versions: All versions of the document; none are needed for a tombstone.
        transfer: The document's file transfer, as stored before the row is written.
        audiences: The partners that see a document, by document id, if it has an audience.
        texts: Labels and sentences of the configuration. Values of the document that have no label
            are counted in ``texts.unknown``.
    """
    allowed: Sequence[PartnerId] = (document.partner_id,) if document.partner_id else ()
    records = {document.record: document.version, transfer.record: transfer.edition}
    if has_audience(document):
        allowed = audiences.partner_ids.get(document.id, ())
        records[AUDIENCE_RECORD] = audiences.version
    row = document_row(document, versions, transfer.shown, transfer.fault, allowed, texts)
    return ProjectedRow(
        None if row is None else data_item(document.id, row), Versions(live=records)
    )


def document_row(
    document: Document,
    versions: Sequence[DocumentVersion],
    file: PortalFile | None,
    fault: str,
    partner_ids: Collection[PartnerId],
    texts: Texts,
) -> PartnerDocumentRow | None:
    """Return the portal row of a document; None if no partner may see the document.

    Args:
        document: The document.
        versions: All versions of the document.
        file: The file that can be opened; None if there is none.
        fault: Reason why the wanted file was refused; "" if no file was refused.
        partner_ids: The partners that may see a document that is not for all partners.
        texts: Labels and sentences of the configuration. Values of the document that have no label
            are counted in ``texts.unknown``.
    """
    if document.deleted_at is not None or document.status not in SHOWN:
        return None
    if document.status == "in_review" and document.partner_id is None:
        return None
    restricted, rival = is_restricted(document), conflicting_version(document, versions)
    unopened = document.current_version if restricted else 0
    number = file.version if file else unopened
    version = next((one for one in versions if one.number == number), None)
    # Of a restricted document the row gives its status, and nothing of its file.
    described = version if version is not None and not restricted else None
    everybody = document.partner_id is None and document.audience.all
    problem = None
    if rival:
        problem = texts.partner_text("problem.conflict")
    elif fault:
        problem = texts.partner_text(f"problem.{FileFault(fault).value}")
    former = (
        []
        if restricted
        else sorted(
            (one for one in versions if one.status == "approved" and one.number < number),
            key=lambda one: -one.number,
        )
    )
    return PartnerDocumentRow(
        partner_id=document.partner_id or "",
        for_everybody=everybody,
        partner_ids=() if everybody else tuple(sorted(partner_ids)),
        title=document.title,
        type=document.type,
        category=document.category,
        category_label=texts.label("document.category", document.category),
        classification=document.classification,
        status=document.status,
        status_label=texts.label("document.status", document.status),
        restricted=restricted,
        version=number,
        file_id=file.file_id if file else "",
        file_name=safe_name(described.file_name) if described else "",
        media_type=described.media_type if described else "",
        size_bytes=described.size_bytes if described else None,
        private=is_private(document),
        change_note=described.change_note if described else "",
        effective_from=document.effective_from,
        expires_on=document.expires_on,
        published_at=version.uploaded_at if version else None,
        history=tuple(_former_version(one) for one in former[:MAX_HISTORY]),
        earlier_versions=max(0, len(former) - MAX_HISTORY) or None,
        review=_latest_review(document, versions, texts),
        conflict=rival is not None,
        problem=problem.text if problem else "",
        sentences=sentences_of(problem=problem),
        updated_at=document.updated_at,
    )


def _former_version(one: DocumentVersion) -> FormerVersion:
    return FormerVersion(
        version=one.number,
        file_name=safe_name(one.file_name),
        change_note=one.change_note,
        published_at=one.uploaded_at,
    )


def _latest_review(
    document: Document, versions: Iterable[DocumentVersion], texts: Texts
) -> ReviewedVersion | None:
    """Return the state of the hub's review of the newest version that the partner has sent.

    None if the partner has sent no version, if the newest one is published, or if its review is
    over and the hub has published a later version. Always None for a document of the shared
    library.
    """
    sent = max(
        (one for one in versions if one.source == "portal"),
        key=lambda one: one.number,
        default=None,
    )
    if (
        document.partner_id is None
        or sent is None
        or sent.status == "approved"
        or (sent.status not in UNDECIDED and sent.number < document.current_version)
    ):
        return None
    status: str = sent.status
    if sent.scan == "infected":
        status = "infected"
    elif sent.status in UNDECIDED:
        status = "in_review"
    return ReviewedVersion(
        version=sent.number,
        file_name="" if is_restricted(document) else safe_name(sent.file_name),
        status=status,
        status_label=texts.label("document.review", status),
        comment=sent.comment or "",
        at=sent.uploaded_at,
    )
