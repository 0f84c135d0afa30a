"""Keeps documents' files in the portal's media library: one current file per document, crash-safe.

A file is copied once, found again after a crash, and deleted once no row shows it.

``docs/adr/0010-a-file-is-switched-to-when-it-is-there.md`` gives the reasons.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from gridwix.configuration.documents import Documents
from gridwix.document_sync.copying import Copier, media_label
from gridwix.document_sync.ports import DocumentReader, MediaLibrary, TransferStore
from gridwix.document_sync.projection import file_identity, may_have_file, wanted_version
from gridwix.document_sync.transfers import FileIdentity, Transfer, TransferState
from gridwix.errors import (
    BudgetExhausted,
    FileRefused,
    GridwixError,
    RecordFault,
    RowHeld,
    Unavailable,
)
from gridwix.mapping.documents import is_private
from gridwix.mapping.wix_items import item_id
from gridwix.models.files import LOST_STATES, FileFault, FileState, MediaFile
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.models.trading_grid.documents import Document, DocumentVersion
from gridwix.ports import Clock
from gridwix.publication.ports import RowReader

CLOCK_SKEW = 300.0
"""Maximum clock skew, in seconds, that is expected of the portal and of each worker."""

LATEST_ARRIVAL = 60.0
"""Seconds after a lost response within which the media library may still take the upload."""


@dataclass(frozen=True, slots=True)
class FileSnapshot:
    """Stored file transfers, and the media library's state of their files, at the start of a run.

    ``transfers`` has the state of each document's file transfer by document id; a new, empty one if
    none is stored. ``files`` has the state of files of the media library by file id: the files that
    are uploaded and not yet shown by a portal row (arriving), and, if requested, the files that the
    rows show.
    """

    transfers: Mapping[str, Transfer]
    files: Mapping[str, MediaFile]


@dataclass(frozen=True, slots=True)
class SyncedFile:
    """Result of syncing the file of one document.

    ``transfer`` is the state of the document's file transfer, as stored. The document's portal row
    is made from it. ``copied``: bytes were sent to the portal. ``fault_cleared``: the file had a
    fault before, and has none now.
    """

    transfer: Transfer
    copied: bool = False
    fault_cleared: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """Result of deleting files: the number of files deleted, and the errors by document id."""

    removed: int = 0
    failures: Mapping[str, GridwixError] = field(default_factory=dict)


class DocumentFiles:
    """Keeps one current file per document on the portal, even if a worker crashes at any point.

    The files are in the portal's media library. ``hold`` is the duration in seconds of the copy
    lease, the right of one worker to copy a document's file. It must exceed the longest time that a
    worker lives.
    """

    def __init__(
        self,
        *,
        source: DocumentReader,
        media: MediaLibrary,
        transfers: TransferStore,
        rows: RowReader,
        rules: Documents,
        clock: Clock,
        hold: float,
    ) -> None:
        self._media = media
        self._transfers = transfers
        self._rows = rows
        self._copier = Copier(source, media, rules)
        self._clock = clock
        self._hold = hold

    def load(self, document_ids: Collection[str], recheck: Collection[str] = ()) -> FileSnapshot:
        """Read the file transfers of documents, and the media library's state of their files.

        The state of each file that is uploaded and not yet shown by a portal row is read in any
        case.

        Args:
            document_ids: Ids of the documents to read.
            recheck: Ids of the documents for which the state of the file that the portal row shows
                is read, too: the file may be lost (removed from the media library, or in its
                trash).

        Raises:
            UpstreamError: The transfer table or the media library cannot be read.
            BudgetExhausted: The media library may not be called now.
        """
        stored = self._transfers.read_transfers(document_ids)
        transfers = {
            identifier: stored.get(identifier) or Transfer(document_id=identifier)
            for identifier in document_ids
        }
        file_ids = [
            one.arriving.file_id
            for one in transfers.values()
            if one.arriving and one.arriving.file_id
        ]
        file_ids += [
            one.shown.file_id
            for one in transfers.values()
            if one.shown and one.document_id in recheck
        ]
        found = self._media.files(file_ids) if file_ids else {}
        return FileSnapshot(
            transfers,
            {
                file_id: found.get(file_id) or MediaFile(file_id, FileState.GONE, 0)
                for file_id in file_ids
            },
        )

    def load_unfinished(self) -> FileSnapshot:
        """Read the unfinished file transfers that can be continued now.

        Raises UpstreamError if the transfer table or the media library cannot be read, and
        BudgetExhausted if the media library may not be called now.
        """
        snapshot, now = self.load(self._transfers.unfinished_ids()), self._clock()
        due = {key: one for key, one in snapshot.transfers.items() if one.is_due(now)}
        return FileSnapshot(due, snapshot.files)

    def sync_file(
        self,
        document: Document,
        versions: Sequence[DocumentVersion],
        stored: Transfer,
        files: Mapping[str, MediaFile],
    ) -> SyncedFile:
        """Copy a document's file to the portal if it is missing there, and store the file transfer.

        The transfer records which file the document's portal row shows, and which file is being
        copied to follow it. If ``files`` says that the file that the row shows is lost, it is
        copied again.

        Args:
            document: The document, as it is now.
            versions: The document's versions.
            stored: The document's transfer, as stored.
            files: State of media files by id (see :class:`FileSnapshot`).

        Raises:
            RowHeld: Another worker copies this document, or has changed its transfer.
            GridwixError: Any other failure; retry later.
        """
        if stored.is_held(self._clock()):
            raise RowHeld
        transfer = self._search_again(stored.release_copy())
        if (
            transfer.shown
            and transfer.shown.file_id in files
            and files[transfer.shown.file_id].state in LOST_STATES
        ):
            transfer = transfer.mark_lost()
        if transfer.shown and is_private(document) and not transfer.shown.private:
            # Everybody who has its address can open it.
            transfer = transfer.show(None, transfer.fault)
        version = wanted_version(document, versions, stored.shown)
        wanted = None if version is None else file_identity(document, version)
        copied = False
        if version is None or wanted is None or wanted.is_same_file(transfer.shown):
            transfer = self._save_changes(stored, self._keep_shown(transfer, wanted, files))
        else:
            transfer, state = self._locate_arrival(transfer, wanted, files)
            if state is FileState.GONE:
                transfer = self._copy_file(transfer, version, wanted)
                copied = not transfer.fault
            else:
                transfer = self._save_changes(stored, _follow_arrival(transfer, state))
        return SyncedFile(transfer, copied, fault_cleared=bool(stored.fault) and not transfer.fault)

    def remove_replaced(self, transfers: Sequence[Transfer]) -> Removal:
        """Delete the files that no row shows anymore. Call it after the rows are written.

        If the deletion fails, the transfers stay unfinished, so the next run retries it.
        """
        unsettled = [transfer for transfer in transfers if transfer != transfer.settle()]
        file_ids = [file_id for transfer in unsettled for file_id in transfer.leaving]
        try:
            if file_ids:
                self._media.remove(file_ids)
        except GridwixError as error:
            return Removal(failures={transfer.document_id: error for transfer in unsettled})
        failures: dict[str, GridwixError] = {}
        for transfer in unsettled:
            try:
                self._save(transfer.settle())
            except GridwixError as error:
                failures[transfer.document_id] = error
        return Removal(len(file_ids), failures)

    def give_up_rows(self, rows: Sequence[tuple[Document, Transfer]]) -> int:
        """Store in transfers that Wix has refused the portal rows of their documents.

        A refused row is tried again only after its document has changed. The portal keeps the row
        as it was, with its file, unless the document does not allow this file any more: a link
        that leads nowhere harms less than a file that partners must not open. Files of versions in
        between, which no row shows, are deleted. Returns the number of deleted files. Never raises
        a GridwixError: if a refusal cannot be stored, or a file not be deleted, the row is tried
        again earlier.

        Args:
            rows: The documents whose rows were refused, each with its transfer.
        """
        refused = [row for row in rows if not row[1].is_given_up]
        unshown: Sequence[str] = ()
        try:
            unshown = self._unshown_files(refused)
            if unshown:
                self._media.remove(unshown)
        except GridwixError:
            unshown, refused = (), [row for row in refused if not row[1].leaving]
        for _, transfer in refused:
            with suppress(GridwixError):
                self._save(transfer.give_up_row(unshown))
        return len(unshown)

    def _unshown_files(self, refused: Sequence[tuple[Document, Transfer]]) -> Sequence[str]:
        """Return the files in ``leaving`` of the transfers that no row shows, or may show.

        Wix has refused the rows. Which file a row shows instead is read from the portal: an earlier
        write that got no response may have succeeded. While it could still arrive, its claim keeps
        everybody from writing the row, so none arrives after a refusal.
        """
        leaving = [(document, one.leaving) for document, one in refused if one.leaving]
        if not leaving:
            return ()
        rows = self._rows.items(
            PARTNER_DOCUMENTS, [item_id(document.id) for document, _ in leaving]
        )
        unshown: list[str] = []
        for document, file_ids in leaving:
            row = rows.get(item_id(document.id), {})
            if not may_have_file(document):
                unshown += file_ids
            # What cannot be read may show any of them.
            elif not isinstance(row, RecordFault):
                opened_up = is_private(document) and row.get("private") is False
                shown = None if opened_up else row.get("fileId")
                unshown += [file_id for file_id in file_ids if file_id != shown]
        return unshown

    def _keep_shown(
        self, transfer: Transfer, wanted: FileIdentity | None, files: Mapping[str, MediaFile]
    ) -> Transfer:
        """Return the next state of a transfer that needs no copy.

        If ``wanted`` is None, the portal row is to show no file. Otherwise the file that the row
        shows has the bytes of ``wanted`` already, so it stays, with the version number of
        ``wanted``. A file that was being copied to replace it is discarded.
        """
        transfer, _ = self._locate_arrival(transfer, None, files)
        # The same bytes may be a newer version of the document: the file stays, under its number.
        return transfer.show(
            transfer.shown.model_copy(update={"version": wanted.version})
            if wanted and transfer.shown
            else None
        )

    def _locate_arrival(
        self, transfer: Transfer, wanted: FileIdentity | None, files: Mapping[str, MediaFile]
    ) -> tuple[Transfer, FileState]:
        """Find the file that an earlier attempt may have copied to the media library (arriving).

        Returns the next state of the transfer, and the state of the file. The state is GONE if
        there is no such file. It is also GONE if the file is not the wanted one: the returned
        transfer then discards the file.
        """
        arriving = transfer.arriving
        if arriving is None:
            return transfer, FileState.GONE
        if not arriving.file_id:
            return self._search_upload(transfer, wanted)
        state = files[arriving.file_id].state if arriving.file_id in files else FileState.GONE
        if state is FileState.GONE or not arriving.is_same_file(wanted):
            return transfer.discard_arrival(), FileState.GONE
        return transfer, state

    def _search_upload(
        self, transfer: Transfer, wanted: FileIdentity | None
    ) -> tuple[Transfer, FileState]:
        """Search the media library, by label, for the file of an upload that got no response.

        ``wanted`` is the file that the portal row is to show; None if it is to show none. Returns
        the next state of the transfer, and the state of the file found; GONE if no usable file with
        the wanted bytes was found. Repeated crashes may have left several files: the transfer
        adopts one, and lists the others for deletion, which the caller does later.
        """
        arriving = transfer.arriving
        assert arriving is not None
        found = self._find_copies(transfer, arriving, arriving.begun)
        # Whoever sent it may still live, by another clock, or Wix may still take it.
        transfer = transfer.search_later(
            self._clock() + self._hold + LATEST_ARRIVAL + 2 * CLOCK_SKEW
        )
        usable = (
            [file for file in found if file.state in (FileState.PENDING, FileState.READY)]
            if arriving.is_same_file(wanted)
            else []
        )
        if not usable:
            return transfer.discard_arrival(file.file_id for file in found), FileState.GONE
        duplicates = [file.file_id for file in found if file is not usable[0]]
        return transfer.confirm_upload(usable[0].file_id, duplicates), usable[0].state

    def _search_again(self, transfer: Transfer) -> Transfer:
        """Search the media library a second time for uploads that got no response.

        An upload is left out until the time that was planned for this search. The files found are
        not needed. Returns the transfer, which lists these files among those to delete
        (``leaving``).
        """
        # An upload that is still to be confirmed may be one of them, and is searched for first.
        if transfer.state is not TransferState.UNCONFIRMED:
            for upload in transfer.searches_due(self._clock()):
                found = self._find_copies(transfer, upload, upload.begun)
                transfer = transfer.end_search(upload, [file.file_id for file in found])
        return transfer

    def _find_copies(
        self, transfer: Transfer, wanted: FileIdentity, begun: float
    ) -> Sequence[MediaFile]:
        """Return the files of the media library that have the wanted bytes.

        They were uploaded since ``begun`` (Unix seconds). Files that the transfer already names are
        left out.
        """
        arriving = transfer.arriving.file_id if transfer.arriving else ""
        shown = transfer.shown.file_id if transfer.shown else ""
        # Files of the same bytes that are accounted for have the same label.
        known = {arriving, shown, *transfer.leaving}
        label = media_label(transfer.document_id, wanted)
        labelled = self._media.labelled(label, begun - CLOCK_SKEW)
        return [file for file in labelled if file.file_id not in known]

    def _copy_file(
        self, transfer: Transfer, version: DocumentVersion, wanted: FileIdentity
    ) -> Transfer:
        """Copy a version under the copy lease; return the transfer as stored afterwards.

        Raises GridwixError if the copy failed; retry later.
        """
        now = self._clock()
        held = self._save(transfer.start_copy(wanted, now=now, until=now + self._hold))
        try:
            file = self._copier.copy_version(transfer.document_id, version, wanted)
        except FileRefused as refusal:
            return self._save(held.refuse(refusal.fault))
        except BudgetExhausted:
            # Nothing was sent, so there is nothing to search for.
            self._save(held.discard_arrival())
            raise
        except GridwixError as error:
            is_uncertain = isinstance(error, Unavailable) and error.ambiguous
            latest = self._clock() + LATEST_ARRIVAL
            self._save(held.await_upload(latest) if is_uncertain else held.release_copy())
            raise
        # A file in any other state than READY, FAILED included, is followed up by the next run.
        state = FileState.READY if file.state is FileState.READY else FileState.PENDING
        return self._save(_follow_arrival(held.confirm_upload(file.file_id), state))

    def _save_changes(self, stored: Transfer, transfer: Transfer) -> Transfer:
        """Store a transfer if it differs from ``stored``, and return the transfer as stored.

        Raises RowHeld if another worker has changed the stored transfer.
        """
        return stored if transfer == stored else self._save(transfer)

    def _save(self, transfer: Transfer) -> Transfer:
        """Store a transfer and return it as stored, with its next revision.

        Raises RowHeld if another worker has changed the stored transfer.
        """
        saved = self._transfers.save_transfer(transfer)
        if saved is None:
            raise RowHeld
        return saved


def _follow_arrival(transfer: Transfer, state: FileState) -> Transfer:
    """Return the next state of a transfer, by the state of the file that was uploaded.

    ``state`` is the media library's. READY: the document's portal row is to show the uploaded file.
    FAILED: the uploaded file is refused. PENDING: the row keeps the file that it shows, and shows
    no fault.
    """
    match state:
        case FileState.READY:
            return transfer.switch_to_arrived()
        case FileState.FAILED:
            return transfer.refuse(FileFault.FAILED)
        case _:
            return transfer.show(transfer.shown)
