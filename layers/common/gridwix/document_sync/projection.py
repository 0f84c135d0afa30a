"""Which file of a document belongs on the portal, and the document's row. Pure."""

from collections.abc import Collection, Iterable, Sequence

from gridwix.document_sync.transfers import PortalFile
from gridwix.files.types import safe_name
from gridwix.mapping.documents import is_restricted
from gridwix.mapping.texts import Texts, sentences_of
from gridwix.models.files import FileFault
from gridwix.models.ids import PartnerId
from gridwix.models.portal.partner_documents import FormerVersion, PartnerDocumentRow, ReviewedVersion
from gridwix.models.trading_grid.documents import Document, DocumentVersion

SHOWN = frozenset({"published", "expired", "in_review"})
"""Statuses in which a document has a row. One that is being reviewed for the first time has it for the partner who sent it."""

UNDECIDED = frozenset({"in_review", "pending_scan"})

MAX_HISTORY = 20
"""Former versions that a row lists."""


def is_private(document: Document) -> bool:
    """Whether the file is handed out by links that expire. Only a public one of the shared library, that everybody may see, is not."""
    return not (document.classification == "public" and document.partner_id is None and document.audience.all)


def conflict(document: Document, versions: Iterable[DocumentVersion]) -> DocumentVersion | None:
    """The version that a partner has sent for a document which the hub has changed meanwhile, as long as nobody has decided which of the two it is to be."""
    rivals = (
        version
        for version in versions
        if version.source == "portal" and version.status in UNDECIDED and version.base_version and version.base_version != document.current_version
    )
    return max(rivals, key=lambda version: version.number, default=None)


def wanted_version(document: Document, versions: Sequence[DocumentVersion], shown: PortalFile | None) -> DocumentVersion | None:
    """The version whose file belongs on the portal; None if no file does.

    In a conflict neither of the two is published: what the portal shows stays, which is what both sides had last agreed on.
    """
    if document.deleted_at is not None or document.status != "published" or is_restricted(document):
        return None
    number, rival = document.current_version, conflict(document, versions)
    if rival is not None and not (shown and shown.version == number):
        number = shown.version if shown else rival.base_version or 0
    found = next((version for version in versions if version.number == number), None)
    return found if found is not None and found.status == "approved" else None


def document_row(
    document: Document,
    versions: Sequence[DocumentVersion],
    file: PortalFile | None,
    fault: str,
    partner_ids: Collection[PartnerId],
    texts: Texts,
) -> PartnerDocumentRow | None:
    """The row; None if nobody is to see anything of the document.

    ``file`` is the one that can be opened, ``partner_ids`` the audience of a document that is not for everybody. ``fault`` says why the wanted file is not
    there; "" if it is, or is on its way.
    """
    if document.deleted_at is not None or document.status not in SHOWN:
        return None
    restricted, rival = is_restricted(document), conflict(document, versions)
    number = file.version if file else document.current_version if restricted else 0
    version = next((one for one in versions if one.number == number), None)
    told = version if version is not None and not restricted else None
    everybody = document.partner_id is None and document.audience.all
    problem = texts.partner_text("problem.conflict") if rival else texts.partner_text(f"problem.{FileFault(fault).value}") if fault else None
    former = [] if restricted else sorted((one for one in versions if one.status == "approved" and one.number < number), key=lambda one: -one.number)
    return PartnerDocumentRow(
        partner_id=document.partner_id or "",
        for_everybody=everybody,
        partner_ids=() if everybody else tuple(sorted(partner_ids)),
        title=document.title,
        type=document.type,
        category=document.category,
        category_label=texts.label("document.category", document.category),
        status=document.status,
        status_label=texts.label("document.status", document.status),
        restricted=restricted,
        version=number,
        file_id=file.file_id if file else "",
        file_name=safe_name(told.file_name) if told else "",
        media_type=told.media_type if told else "",
        size_bytes=told.size_bytes if told else None,
        private=is_private(document),
        change_note=told.change_note if told else "",
        effective_from=document.effective_from,
        expires_on=document.expires_on,
        published_at=version.uploaded_at if version else None,
        history=tuple(_former(one) for one in former[:MAX_HISTORY]),
        earlier_versions=max(0, len(former) - MAX_HISTORY) or None,
        review=_review(document, versions, texts),
        conflict=rival is not None,
        problem=problem.text if problem else "",
        sentences=sentences_of(problem=problem),
        updated_at=document.updated_at,
    )


def _former(one: DocumentVersion) -> FormerVersion:
    return FormerVersion(version=one.number, file_name=safe_name(one.file_name), change_note=one.change_note, published_at=one.uploaded_at)


def _review(document: Document, versions: Iterable[DocumentVersion], texts: Texts) -> ReviewedVersion | None:
    """What the partner has sent last, unless it is what everybody sees by now, or the hub has moved on since it was decided."""
    sent = max((one for one in versions if one.source == "portal"), key=lambda one: one.number, default=None)
    if document.partner_id is None or sent is None or sent.status == "approved" or (sent.status not in UNDECIDED and sent.number < document.current_version):
        return None
    status = "infected" if sent.scan == "infected" else "in_review" if sent.status in UNDECIDED else sent.status
    return ReviewedVersion(
        version=sent.number,
        file_name="" if is_restricted(document) else safe_name(sent.file_name),
        status=status,
        status_label=texts.label("document.review", status),
        comment=sent.comment or "",
        at=sent.uploaded_at,
    )
