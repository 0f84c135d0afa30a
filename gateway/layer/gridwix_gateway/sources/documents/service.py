"""Processes an uploaded file: maps its path, checks its bytes, and publishes it as a version.

1. The path is mapped to a document, or the file is refused.
2. The document's mark is read: the stored facts of the file that was published last. Only then the
   file that is now at the path is read. The commit is made only if the mark is still the same. So
   the newest content is published, regardless of the order in which messages arrive.
3. The bytes are read once. Bytes equal to those published last change nothing.
4. The bytes are copied to the content bucket. The commit refers to the copy only if its digest is
   that of the bytes that were read.
5. One commit changes the document, adds the version and writes the new mark.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gridwix_gateway.community.documents import (
    DOCUMENTS,
    create_document,
    find_version,
    publish_version,
    version_key,
)
from gridwix_gateway.documents import Document, timestamp
from gridwix_gateway.problems import Problem
from gridwix_gateway.profile.collections import STATUS_EVENTS
from gridwix_gateway.sources.documents.contents import (
    ReadContent,
    check_content,
    check_size,
    read_content,
)
from gridwix_gateway.sources.documents.faults import FileRefused
from gridwix_gateway.sources.documents.mapping import DocumentMapping, MappedDocument
from gridwix_gateway.sources.documents.marks import (
    DocumentMark,
    put_document_mark,
    read_document_mark,
)
from gridwix_gateway.sources.documents.ports import DocumentDrops
from gridwix_gateway.sources.documents.reports import refused_file_report
from gridwix_gateway.sources.files.planning import Counts
from gridwix_gateway.sources.files.ports import Drop, DropGone
from gridwix_gateway.sources.files.s3_drops import DROPS
from gridwix_gateway.sources.files.service import Result, is_unfinished
from gridwix_gateway.store.commits import Commits, Draft

MAX_ROUNDS = 5
"""Maximum attempts to publish a file while other files of its document are published."""

OF_SYSTEMS = frozenset({"thumbs.db", "desktop.ini"})
"""Names of files that Windows creates in folders; they are ignored."""

RETIRED = frozenset({"superseded", "withdrawn"})
"""Final statuses of a document: no file is published to it. An expired one can be published
again.
"""

type Step = Literal["document", "version", "details", "unchanged"]
"""Effect of a file: a new document, a new version, changed members (``details``), or nothing."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Stored state of a document: the file that was published last, and a refusal of new files.

    Attributes:
        mark: The file that the source published last, and the document's fields; None if the source
            has published none.
        refusal: Reason why no file may change the document; None if files may.
    """

    mark: DocumentMark | None
    refusal: FileRefused | None


class DocumentSource:
    """Publishes uploaded files as documents of the gateway's document library.

    A documents source is a folder in the bucket, with rules that map the paths of its files to
    documents.

    Args:
        name: Name of the source, and of its folder in the bucket.
        mapping: Computes documents from the paths of files.
        drops: The buckets of uploaded files and of content.
        commits: Writes to the gateway's table, each time in one transaction.
        new_name: Returns a unique name for a file's copy in the content bucket.
    """

    def __init__(
        self,
        name: str,
        mapping: DocumentMapping,
        *,
        drops: DocumentDrops,
        commits: Commits,
        new_name: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._name = name
        self._mapping = mapping
        self._drops = drops
        self._commits = commits
        self._new_name = new_name

    def process_drop(self, drop: Drop) -> Result:
        """Publish an uploaded file, and return the outcome. Idempotent.

        A file changes nothing if the same bytes are already published, with the same fields of the
        document (such as its title), which are computed from the file's path.
        """
        path = drop.name.removeprefix(f"{DROPS}{self._name}").removeprefix("/")
        if is_ignored(path):
            return Result("ignored", reason="it is a file of a program, or is still being written")
        try:
            mapped = self._mapping.map_path(path)
            for _ in range(MAX_ROUNDS):
                result = self._process_once(drop.name, mapped)
                if result is not None:
                    return result
        except DropGone:
            return Result("gone", reason="the file was deleted or replaced")
        except FileRefused as refused:
            report = self._drops.put_report(drop, refused_file_report(path, refused))
            counts = Counts(rows=1, refused=1)
            return Result("refused", refused.code, str(refused), counts, report)
        return Result("unfinished", reason="other files of the document are being published")

    def find_waiting(self, settled: Drop | None = None) -> str:
        """Return "": files of this kind are independent, so none waits for another one."""
        del settled
        return ""

    def plan_file(self, mapped: MappedDocument, content: ReadContent) -> Step:
        """Return the effect that a file would have, such as ``version``, without writing (dry run).

        Args:
            mapped: The document as computed from the file's path.
            content: Facts of the file.

        Raises:
            FileRefused: No file may change the document.
        """
        known = self._read_known(mapped)
        return _next_step(known, mapped, content)

    def _process_once(self, name: str, mapped: MappedDocument) -> Result | None:
        """Publish the file that is at a key now, and return the outcome.

        None if another file of the document was published meanwhile, so that the caller must try
        again.

        Raises:
            DropGone: No file is at the key, or it was replaced.
            FileRefused: The file may not be published.
        """
        known = self._read_known(mapped)
        drop = self._drops.describe_drop(name)
        if known.mark is not None and known.mark.says_of(drop, mapped.fields):
            return Result("unchanged", reason="it was published before")
        if known.mark is not None and _is_older(drop, known.mark):
            return Result("superseded", reason="a newer file of the document was published")
        check_size(drop.size)
        content = read_content(self._drops.read_drop(drop))
        check_content(mapped.ending, content)
        step = _next_step(known, mapped, content)
        if step == "unchanged":
            return Result("unchanged", reason="its bytes were published before")
        blob = "" if step == "details" else self._copy_drop(drop, content)
        try:
            is_used = self._commits.run(
                lambda draft: self._write(draft, known, mapped, drop, content, blob)
            )
        except FileRefused:
            # Raised by the use case, so nothing was committed.
            self._delete_copy(blob)
            raise
        if not is_used:
            self._delete_copy(blob)
        if is_used is None:
            return None
        created = int(step == "document")
        return Result("applied", counts=Counts(1, 0, 1, created=created, updated=1 - created))

    def _copy_drop(self, drop: Drop, content: ReadContent) -> str:
        """Copy an uploaded file into the content bucket, and return the copy's key.

        Raises DropGone if the copy has other bytes than the file that was read.
        """
        blob = f"content/{content.sha256}/{self._new_name()}"
        stored = self._drops.copy_drop(drop, blob)
        if (stored.size, stored.sha256) != (content.size, content.sha256):
            self._delete_copy(blob)
            raise DropGone(drop.name)
        return blob

    def _delete_copy(self, blob: str) -> None:
        if blob:
            self._drops.delete_copy(blob)

    def _read_known(self, mapped: MappedDocument) -> _Known:
        def read(draft: Draft) -> _Known:
            refusal = None
            try:
                _require_open(draft, mapped)
            except FileRefused as refused:
                refusal = refused
            return _Known(read_document_mark(draft, self._name, mapped.id), refusal)

        return self._commits.run(read)

    def _write(
        self,
        draft: Draft,
        known: _Known,
        mapped: MappedDocument,
        drop: Drop,
        content: ReadContent,
        blob: str,
    ) -> bool | None:
        """Publish a file in one commit: change the document, add a version, and record the file.

        ``blob`` is the key of a copy of the file in the content bucket; "" if there is no copy.

        Returns:
            True if the new version refers to the copy; False if no version was added, so that the
            caller can delete the copy; None if nothing was written, because another file of the
            document was published meanwhile.

        Raises:
            FileRefused: No file may change the document.
        """
        if read_document_mark(draft, self._name, mapped.id) != known.mark:
            return None
        _require_open(draft, mapped)
        try:
            is_used = _publish_file(draft, known.mark, mapped, content, blob)
        except Problem as problem:
            raise FileRefused("document", problem.detail) from None
        mark = DocumentMark(
            drop.name, drop.tag, timestamp(drop.dropped_at), content.sha256, mapped.fields
        )
        put_document_mark(draft, self._name, mapped.id, mark)
        return is_used


def is_ignored(path: str) -> bool:
    """Return whether a path is to be ignored: hidden, temporary, or still being written.

    >>> is_ignored("GC1/~$guide.docx"), is_ignored("GC1/.trash/a.pdf"), is_ignored("GC1/a.pdf")
    (True, True, False)
    """
    *folders, name = path.split("/")
    return (
        is_unfinished(name)
        or name.lower() in OF_SYSTEMS
        or any(folder.startswith(".") for folder in folders)
    )


def _is_older(drop: Drop, mark: DocumentMark) -> bool:
    """Return True if the file published last is newer than ``drop``, and has another key.

    Files with two keys can be one document, because macOS and other systems encode one name in two
    ways. False if the keys are equal: the object that is now at the key is the newest one, even if
    its time is earlier, because a multipart upload has the time at which it began.

    Args:
        drop: The file to publish.
        mark: The file of the same document that was published last.
    """
    if drop.name == mark.name:
        return False
    return (timestamp(drop.dropped_at), drop.name) < (mark.dropped_at, mark.name)


def _next_step(known: _Known, mapped: MappedDocument, content: ReadContent) -> Step:
    """Return the effect that a file would have on its document, such as ``version``.

    Raises FileRefused if no file may change the document.
    """
    mark = known.mark
    if mark is not None and (mark.sha256, mark.fields) == (content.sha256, mapped.fields):
        return "unchanged"
    if known.refusal is not None:
        raise known.refusal
    if mark is None:
        return "document"
    return "details" if mark.sha256 == content.sha256 else "version"


def _require_open(draft: Draft, mapped: MappedDocument) -> None:
    """Check that the partner exists, and that no person has deleted or retired the document.

    Raises:
        FileRefused: ``unknown-partner``, ``deleted``, ``superseded`` or ``withdrawn``.
    """
    partner_id = mapped.fields["partnerId"]
    partner = draft.get("partners", partner_id) if partner_id is not None else {}
    if partner is None or partner.get("deletedAt") is not None:
        raise FileRefused(
            "unknown-partner", "there is no such partner yet", "partnerId", str(partner_id)
        )
    document = draft.get(DOCUMENTS, mapped.id)
    if document is None:
        return
    again = "put the file under another name if it is to be published again"
    if document.get("deletedAt") is not None:
        raise FileRefused("deleted", f"the document was deleted: {again}")
    if (status := document["status"]) in RETIRED:
        raise FileRefused(status, f"the document was {status}: {again}")


def _publish_file(
    draft: Draft,
    mark: DocumentMark | None,
    mapped: MappedDocument,
    content: ReadContent,
    blob: str,
) -> bool:
    """Write a document's fields as computed from a file's path, and add the file as a version.

    ``mark`` describes the file that was published last; ``blob`` is the key of a copy of the new
    bytes, "" if there is none.

    Returns:
        True if a version was added, which refers to the copy; False if none was added, so that the
        copy can be deleted.

    Raises:
        Problem: The document takes no more versions, or is too large.
    """
    document = draft.get(DOCUMENTS, mapped.id)
    if document is None:
        document = create_document(draft, mapped.fields, mapped.id)
    elif changes := _changed_members(document, mark, mapped.fields):
        draft.change(DOCUMENTS, document, changes, STATUS_EVENTS[DOCUMENTS])
    if not blob:
        return False
    current = find_version(draft.get_item(version_key(mapped.id, document["currentVersion"])))
    if current is not None and current["sha256"] == content.sha256:
        return False
    file = {
        "fileName": mapped.file_name,
        "mediaType": mapped.media_type,
        "sizeBytes": content.size,
        "sha256": content.sha256,
    }
    publish_version(draft, mapped.id, file, blob)
    return True


def _changed_members(document: Document, mark: DocumentMark | None, fields: Document) -> Document:
    """Return the fields of a document that differ from those published last, with new values.

    ``mark`` has the fields that were published last. Fields that already have the new value in the
    document are left out.
    """
    former = {} if mark is None else mark.fields
    return {
        name: value
        for name, value in fields.items()
        if (name not in former or former[name] != value) and document.get(name) != value
    }
