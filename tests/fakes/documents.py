"""The document library of Trading Grid and the media library of the portal, in memory."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NoReturn

import httpx

from gridwix.clients.files import FileClient
from gridwix.document_sync.transfers import Transfer
from gridwix.errors import NotFound, RecordFault, Unavailable
from gridwix.models.files import LOST_STATES, FileState, MediaFile, NewFile
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, ListPage
from gridwix.models.trading_grid.documents import Document, DocumentVersion
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.partners import Partner
from tests.factories import NOW

PDF = b"%PDF-1.7\n"


@dataclass
class FakeLibrary:
    """Implements ``DocumentReader``.

    ``content_of`` holds the bytes by document and version number; ``reads`` counts the requests for
    bytes; ``faults`` are the unreadable records with their reasons.
    """

    entities: dict[str, Entity] = field(default_factory=dict)
    shelf: dict[str, list[DocumentVersion]] = field(default_factory=dict)
    content_of: dict[tuple[str, int], bytes] = field(default_factory=dict)
    partners: list[Partner] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    reads: int = 0
    calls: int = 0
    break_after: int | None = None
    before: Callable[[str], None] = lambda _: None

    def put(self, document: Document, *contents: bytes, **fields: Any) -> Document:
        """Store a document; each content is a further version, the last one the current one."""
        shelf = self.shelf.setdefault(document.id, [])
        for content in contents:
            self.add(document.id, content, **fields)
        newest = document.model_copy(update={"current_version": len(shelf)} if contents else {})
        self.entities[newest.record] = newest
        return newest

    def add(self, document_id: str, content: bytes, **fields: Any) -> DocumentVersion:
        """Add a version that the document's record does not announce yet."""
        shelf = self.shelf.setdefault(document_id, [])
        said = {
            "number": len(shelf) + 1,
            "fileName": "Guide 2026.pdf",
            "mediaType": "application/pdf",
            "source": "trading_grid",
            "status": "approved",
        }
        facts = {
            "sizeBytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "scan": "clean",
        }
        version = DocumentVersion.model_validate({**said, **facts, **fields})
        shelf.append(version)
        self.content_of[document_id, version.number] = content
        return version

    def change(self, document_id: str, **fields: Any) -> Document:
        """Change the record of a document, which raises its version."""
        before = self.entities[f"documents/{document_id}"]
        assert isinstance(before, Document)
        after = before.model_copy(update={**fields, "version": before.version + 1})
        self.entities[after.record] = after
        return after

    def record(self, record: str) -> Entity | None:
        self._called("record")
        if record in self.faults:
            raise RecordFault(record, self.faults[record])
        return self.entities.get(record)

    def document_pages(self) -> Iterator[Listing[Document]]:
        self._called("document_pages")
        yield self._listed(lambda _: True)

    def document_ids(self, page: str | None) -> tuple[Sequence[str], str | None]:
        self._called("document_ids")
        ids = [
            one.id
            for one in self.entities.values()
            # As the client: without tombstones, which a gateway need not list.
            if isinstance(one, Document) and one.deleted_at is None
        ]
        start = int(page or 0)
        following = start + 2
        return ids[start:following], str(following) if following < len(ids) else None

    def documents_of(self, partner_ids: Collection[PartnerId]) -> Listing[Document]:
        self._called("documents_of")
        return self._listed(lambda document: document.partner_id in partner_ids)

    def versions(self, document: Document) -> Sequence[DocumentVersion]:
        self._called("versions")
        return list(self.shelf.get(document.id, ()))

    def partner_page(self, since: datetime | None, cursor: str | None) -> ListPage[Partner]:
        """All partners, whenever they were updated."""
        del since, cursor
        self._called("partner_page")
        return ListPage(Listing(self.partners), None, NOW)

    @contextmanager
    def content(self, document_id: str, number: int) -> Iterator[Iterator[bytes]]:
        self._called("content")
        self.reads += 1
        yield self._pieces(self.content_of[document_id, number])

    def _pieces(self, content: bytes) -> Iterator[bytes]:
        for start in range(0, len(content), 8):
            if self.break_after is not None and start >= self.break_after:
                raise Unavailable(system="trading_grid")
            yield content[start : start + 8]

    def _listed(self, wanted: Callable[[Document], bool]) -> Listing[Document]:
        found = [
            entity
            for entity in self.entities.values()
            if isinstance(entity, Document) and wanted(entity)
        ]
        faults = [
            RecordFault(one.record, self.faults[one.record], owner=one.partner_id or "")
            for one in found
            if one.record in self.faults
        ]
        return Listing([one for one in found if one.record not in self.faults], faults)

    def _called(self, what: str) -> None:
        self.before(what)
        self.calls += 1


def _read_and_time_out(request: httpx.Request) -> NoReturn:
    request.read()
    raise httpx.ReadTimeout("timed out", request=request)


_TIMING_OUT = FileClient(exempt={"media.test"}, trusted=httpx.MockTransport(_read_and_time_out))


def _time_out(content: bytes) -> None:
    """Raise what an upload without a response raises."""
    _TIMING_OUT.put("https://media.test/upload", [content], len(content), "application/pdf")


@dataclass
class FakeMedia:
    """Implements ``MediaLibrary`` and ``ShownFiles``.

    A new file is READY at once unless ``slow``. The next ``lose`` uploads succeed, but time out:
    the error is that of the product's own client. With ``late``, their files are there after
    :meth:`land` only. ``effect`` is called before and after each action.
    """

    kept: dict[str, tuple[MediaFile, bytes, NewFile, float]] = field(default_factory=dict)
    slow: bool = False
    fail: bool = False
    lose: int = 0
    late: bool = False
    uploads: int = 0
    underway: dict[str, tuple[MediaFile, bytes, NewFile, float]] = field(default_factory=dict)
    calls: int = 0
    clock: Callable[[], float] = lambda: 0.0
    effect: Callable[[str], None] = lambda _: None

    def upload(self, new: NewFile, pieces: Iterator[bytes]) -> MediaFile:
        self.effect("before upload")
        self.calls += 2
        content = b"".join(pieces)
        assert len(content) == new.size
        self.uploads += 1
        outcome = FileState.FAILED if self.fail else FileState.READY
        state = FileState.PENDING if self.slow else outcome
        file = MediaFile(f"file-{self.uploads}.pdf", state, len(content), frozenset({new.label}))
        arriving = self.underway if self.lose and self.late else self.kept
        arriving[file.file_id] = file, content, new, self.clock()
        self.effect("after upload")
        if self.lose:
            self.lose -= 1
            _time_out(content)
        return file

    def land(self) -> None:
        """Let the uploads arrive that are late."""
        self.kept |= self.underway
        self.underway.clear()

    def files(self, ids: Collection[str]) -> Mapping[str, MediaFile]:
        self.calls += 1
        return {file_id: self.kept[file_id][0] for file_id in ids if file_id in self.kept}

    def lost(self, ids: Collection[str]) -> frozenset[str]:
        found = self.files(ids)
        return frozenset(
            file_id
            for file_id in ids
            if file_id not in found or found[file_id].state in LOST_STATES
        )

    def labelled(self, label: str, since: float) -> Sequence[MediaFile]:
        self.calls += 1
        return [
            file
            for file, _, _, at in self.kept.values()
            if label in file.labels and at >= since and file.state is not FileState.GONE
        ]

    def remove(self, ids: Collection[str]) -> None:
        self.effect("before remove")
        self.calls += 1
        for file_id in ids:
            self.kept.pop(file_id, None)
        self.effect("after remove")

    def throw_away(self, file_id: str, *, for_good: bool = False) -> None:
        """Move a file to the trash, or delete it permanently (``for_good``)."""
        file, *rest = self.kept.pop(file_id)
        if not for_good:
            self.kept[file_id] = (replace(file, state=FileState.GONE), *rest)  # type: ignore[assignment]

    def finish(self, state: FileState = FileState.READY) -> None:
        """Set the state of all pending files."""
        for file_id, (file, *rest) in list(self.kept.items()):
            if file.state is FileState.PENDING:
                self.kept[file_id] = (replace(file, state=state), *rest)  # type: ignore[assignment]

    def content(self, file_id: str) -> bytes:
        """Return the bytes of a usable file. Raises NotFound."""
        if file_id not in self.kept or self.kept[file_id][0].state is not FileState.READY:
            raise NotFound(system="wix")
        return self.kept[file_id][1]


@dataclass
class FakeTransfers:
    """Implements ``TransferStore``."""

    kept: dict[str, Transfer] = field(default_factory=dict)
    effect: Callable[[str], None] = lambda _: None

    def read_transfers(self, document_ids: Collection[str]) -> Mapping[str, Transfer]:
        return {
            identifier: self.kept[identifier]
            for identifier in document_ids
            if identifier in self.kept
        }

    def unfinished_ids(self) -> Sequence[str]:
        return [identifier for identifier, transfer in self.kept.items() if transfer.is_unfinished]

    def save_transfer(self, transfer: Transfer) -> Transfer | None:
        self.effect("before save")
        known = self.kept.get(transfer.document_id)
        if (known.revision if known else 0) != transfer.revision:
            return None
        self.kept[transfer.document_id] = transfer.model_copy(
            update={"revision": transfer.revision + 1}
        )
        self.effect("after save")
        return self.kept[transfer.document_id]
