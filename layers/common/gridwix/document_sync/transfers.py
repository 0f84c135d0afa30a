"""State of a document's file transfer: a frozen type with the transitions as methods. Pure.

``docs/adr/0010-a-file-is-switched-to-when-it-is-there.md`` gives the reasons.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class InvalidTransition(Exception):
    """The state of a file transfer does not allow a transition: a bug of the caller."""


class TransferState(StrEnum):
    """Progress of the file that is on its way to the portal (see :class:`Transfer`)."""

    IDLE = "idle"
    COPYING = "copying"
    UNCONFIRMED = "unconfirmed"
    UPLOADED = "uploaded"


class TransferModel(BaseModel):
    """Base model for the parts of a stored file transfer: frozen, and it ignores unknown fields.

    A later release may have stored such fields.
    """

    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="ignore"
    )


class FileIdentity(TransferModel):
    """Content and visibility of a file.

    ``version`` is the number of the document's version, ``sha256`` the digest of the bytes in
    hexadecimal digits. ``private``: the file is opened by download links that expire.
    """

    version: int
    sha256: str
    private: bool

    def is_same_file(self, other: "FileIdentity | None") -> bool:
        """Return True for the same bytes with the same visibility, under any version number.

        >>> first = FileIdentity(version=1, sha256="ab12", private=True)
        >>> first.is_same_file(FileIdentity(version=2, sha256="ab12", private=True))
        True
        >>> first.is_same_file(FileIdentity(version=1, sha256="ab12", private=False))
        False
        """
        return other is not None and (self.sha256, self.private) == (other.sha256, other.private)


class PortalFile(FileIdentity):
    """A file in the portal's media library, with its id there."""

    file_id: str


class Arrival(FileIdentity):
    """A file that is being copied to the media library, or is uploaded there and not usable yet.

    ``begun`` is when the copy began (Unix seconds). ``file_id`` is "" until the media library has
    confirmed the upload.
    """

    begun: float
    file_id: str = ""


class LateUpload(FileIdentity):
    """An upload that got no response, for which the media library is searched a second time.

    The file may arrive there after the first search. ``begun`` is when the copy began,
    ``search_at`` the time of the second search (Unix seconds).
    """

    begun: float
    search_at: float


class Transfer(TransferModel):
    """File transfer of one document: a state machine that is stored after each transition.

    The row is the document's row on the portal. It shows one file of the media library; the file
    that is being copied to replace it is called arriving. A transition is stored *before* the
    action that it announces (copy, switch of the row, deletion). So a worker that crashes leaves a
    state from which the next worker can continue. Methods return the next state; nothing else
    changes.

    States (:attr:`state`):

    ===========  ================================================================================
    idle         no file is arriving
    copying      one worker holds the copy lease until ``held_until``; it may have sent bytes
    unconfirmed  a copy ended without a response, so the media library may or may not have a file
    uploaded     the media library has the arriving file, which is not usable yet
    ===========  ================================================================================

    Next state by method and state; ``-`` raises InvalidTransition:

    =================  =======  ===========  ===========  ========
    method             idle     copying      unconfirmed  uploaded
    =================  =======  ===========  ===========  ========
    start_copy         copying  -            -            -
    release_copy       idle     unconfirmed  unconfirmed  uploaded
    await_upload       -        copying      -            -
    search_later       -        -            unconfirmed  -
    confirm_upload     -        uploaded     uploaded     -
    discard_arrival    idle     idle         idle         idle
    switch_to_arrived  -        -            -            idle
    refuse             -        idle         -            idle
    show               idle     -            unconfirmed  uploaded
    mark_lost          idle     -            unconfirmed  uploaded
    settle             idle     -            unconfirmed  uploaded
    give_up_row        idle     -            unconfirmed  uploaded
    end_search         idle     -            unconfirmed  uploaded
    =================  =======  ===========  ===========  ========

    Fields:
        document_id: Id of the document.
        revision: Grows with every stored change (optimistic lock); 0 if never stored.
        edition: Grows whenever ``shown`` or ``fault`` changes, before the row is written.
        published: The edition that the row is known to have.
        refused: The edition that Wix has refused as a row; 0 for none.
        shown: The file that the row shows, or is about to show.
        arriving: The file that is to follow ``shown``.
        late: Uploads that got no response, for which the media library is searched a second time;
            one for each file.
        leaving: Ids of files that must be deleted once the row has been written without them, or
            is known not to show them.
        still_shown: The file in ``leaving`` that the row on the portal still shows, because Wix has
            refused the row without it; "" if there is none.
        fault: Reason (``gridwix.models.files.FileFault``) why the wanted file was refused; "" if
            nothing is wrong.
        held_until: End of the copy lease, the right of one worker to copy (Unix seconds); None if
            no worker copies.
    """

    document_id: str
    revision: int = 0
    edition: int = 1
    published: int = 0
    refused: int = 0
    shown: PortalFile | None = None
    arriving: Arrival | None = None
    late: tuple[LateUpload, ...] = ()
    leaving: tuple[str, ...] = ()
    still_shown: str = ""
    fault: str = ""
    held_until: float | None = None

    @property
    def record(self) -> str:
        """Name of the transfer in the version vector of the document's portal row.

        The version vector has the version of each record that the row was made from. The version of
        a transfer is its ``edition``.
        """
        return f"transfers/{self.document_id}"

    @property
    def state(self) -> TransferState:
        """State of the transfer: how far the arriving file is, or idle if no file is arriving."""
        if self.arriving is None:
            return TransferState.IDLE
        if self.arriving.file_id:
            return TransferState.UPLOADED
        return TransferState.UNCONFIRMED if self.held_until is None else TransferState.COPYING

    @property
    def is_given_up(self) -> bool:
        """True if Wix has refused the document's portal row, and nothing is left to do about it.

        The row is tried again when its document changes. As long, the file stays that the row on
        the portal still shows; all others in ``leaving`` have been deleted.
        """
        is_refused = self.refused == self.edition
        return is_refused and all(file_id == self.still_shown for file_id in self.leaving)

    @property
    def is_unfinished(self) -> bool:
        """True if work is left.

        A file is arriving, files must be searched for or deleted, or the row may be out of date.
        """
        return bool(self.late) or self._has_work

    def is_due(self, now: float) -> bool:
        """Return True if the transfer has work that can be done now. ``now``: Unix seconds."""
        return self._has_work or bool(self.searches_due(now))

    def searches_due(self, now: float) -> tuple[LateUpload, ...]:
        """Return the uploads without a response that are due for a second search at ``now``.

        ``now`` is in Unix seconds. The media library is searched again for the files of these
        uploads, which may have appeared late.
        """
        return tuple(upload for upload in self.late if upload.search_at <= now)

    @property
    def _has_work(self) -> bool:
        if self.arriving is not None:
            return True
        is_written = self.published == self.edition or self.revision == 0
        return not self.is_given_up and (bool(self.leaving) or not is_written)

    def is_held(self, now: float) -> bool:
        """Return True while a worker holds the copy lease (right to copy). ``now``: Unix time."""
        return self.held_until is not None and self.held_until > now

    def start_copy(self, wanted: FileIdentity, *, now: float, until: float) -> "Transfer":
        """Return the next state, in which one worker holds the copy lease (the right to copy).

        ``wanted`` is the file to copy. The lease lasts from ``now`` to ``until`` (Unix seconds).
        Raises InvalidTransition unless the transfer is idle: while another copy is under way, or
        has not been resolved, the lease cannot be acquired.
        """
        self._require(TransferState.IDLE)
        arriving = Arrival(
            version=wanted.version, sha256=wanted.sha256, private=wanted.private, begun=now
        )
        return self.model_copy(update={"arriving": arriving, "held_until": until})

    def release_copy(self) -> "Transfer":
        """Return the next state, without the copy lease, after a failed copy or an expired lease.

        The lease is the right of one worker to copy. The file that was being copied (``arriving``)
        stays in the transfer: its upload may have succeeded, so the next attempt first searches the
        media library for it.
        """
        return self.model_copy(update={"held_until": None})

    def await_upload(self, until: float) -> "Transfer":
        """Return the next state after an upload without a response: the copy lease is kept.

        The lease, the right of one worker to copy, lasts until the time ``until`` (Unix seconds),
        as the media library may still store the file. Another attempt before that time would not
        find the file, and would upload it again.
        """
        self._require(TransferState.COPYING)
        return self.model_copy(update={"held_until": until})

    def search_later(self, at: float) -> "Transfer":
        """Return the next state, with a second search planned for an upload that got no response.

        ``at`` is the time of the search of the media library (Unix seconds). The first search can
        be too early, even if it has found a file: the worker that sent the upload may still be
        sending, since its lease has expired only by another worker's clock, and the list of files
        may lag.
        """
        self._require(TransferState.UNCONFIRMED)
        assert self.arriving is not None
        same = [one for one in self.late if one.is_same_file(self.arriving)]
        upload = LateUpload(
            version=self.arriving.version,
            sha256=self.arriving.sha256,
            private=self.arriving.private,
            begun=min([self.arriving.begun, *(one.begun for one in same)]),
            search_at=at,
        )
        others = (one for one in self.late if one not in same)
        return self.model_copy(update={"late": (*others, upload)})

    def end_search(self, upload: LateUpload, found: Iterable[str]) -> "Transfer":
        """Return the next state, after the second search for an upload that got no response.

        The media library was searched at once and, for files that appear late, a second time.
        ``found`` are the ids of the files that the second search found; the state lists them for
        deletion.
        """
        self._require_not_copying()
        rest = tuple(one for one in self.late if one != upload)
        return self.model_copy(update={"late": rest})._leave(*found)

    def confirm_upload(self, file_id: str, duplicates: Iterable[str] = ()) -> "Transfer":
        """Return the next state, in which the media library has the copied file.

        ``file_id`` is the id of this file. The copy lease, the right of one worker to copy, ends.
        ``duplicates`` are ids of further files of the same bytes; the state lists them for
        deletion.
        """
        self._require(TransferState.COPYING, TransferState.UNCONFIRMED)
        assert self.arriving is not None
        arriving = self.arriving.model_copy(update={"file_id": file_id})
        return self.model_copy(update={"arriving": arriving, "held_until": None})._leave(
            *duplicates
        )

    def discard_arrival(self, duplicates: Iterable[str] = ()) -> "Transfer":
        """Return the next state, without the file that was being copied to the media library.

        That file, if its id is known, and ``duplicates`` are listed for deletion. While a worker
        copies (state copying), only this worker may call it, and only if no file was made. After an
        upload without a response (state unconfirmed), call it only after a search of the media
        library; ``duplicates`` are the ids of the files found.
        """
        arrived = (
            [self.arriving.file_id] if self.arriving is not None and self.arriving.file_id else []
        )
        return self._leave(*duplicates, *arrived).model_copy(
            update={"arriving": None, "held_until": None}
        )

    def switch_to_arrived(self) -> "Transfer":
        """Return the next state, in which the document's portal row shows the copied file.

        The copied file is usable now. The file that the row showed before is listed in ``leaving``,
        for deletion.
        """
        self._require(TransferState.UPLOADED)
        assert self.arriving is not None
        file = PortalFile.model_validate(
            self.arriving.model_dump(include=set(PortalFile.model_fields))
        )
        return self.model_copy(update={"arriving": None}).show(file)

    def refuse(self, fault: str) -> "Transfer":
        """Return the next state, in which the copied file is discarded and its fault is recorded.

        The document's portal row keeps the file that it shows, and shows ``fault``.
        """
        self._require(TransferState.COPYING, TransferState.UPLOADED)
        return self.discard_arrival().show(self.shown, fault)

    def show(self, file: PortalFile | None, fault: str = "") -> "Transfer":
        """Return the next state, in which the document's portal row shows a file (None: no file).

        ``fault`` says why the file that the row should show was refused; "" if none was refused.
        Returns the same transfer if both are set already. The file that the row showed before is
        listed in ``leaving``, for deletion, unless the new file has the same id.
        """
        self._require_not_copying()
        former = self.shown
        if former == file and self.fault == fault:
            return self
        changed = self.model_copy(
            update={"shown": file, "fault": fault, "edition": self.edition + 1}
        )
        if former is None or (file is not None and former.file_id == file.file_id):
            return changed
        return changed._leave(former.file_id)

    def mark_lost(self) -> "Transfer":
        """Return the next state, after the file that the document's portal row shows was lost.

        The file cannot be opened anymore. The row shows no file until the bytes are copied again.
        The lost file, which may be in the trash, is listed in ``leaving``, for deletion.
        """
        return self.show(None, self.fault)

    def give_up_row(self, removed: Collection[str] = ()) -> "Transfer":
        """Return the next state, which records that Wix has refused the document's portal row.

        The refused row is identified by the ``edition``, which grows whenever the file that the row
        shows, or the fault, changes. The row is tried again only after the document or its file has
        changed. ``removed`` are the files in ``leaving`` that were deleted, since the row on the
        portal does not show them. At most one is left: the file that it still shows.
        """
        self._require_not_copying()
        leaving = tuple(file_id for file_id in self.leaving if file_id not in removed)
        return self.model_copy(
            update={
                "refused": self.edition,
                "leaving": leaving,
                "still_shown": leaving[0] if leaving else "",
            }
        )

    def settle(self) -> "Transfer":
        """Return the next state, once the portal row is written and the replaced files are deleted.

        The replaced files were listed in ``leaving``, which is empty then.
        """
        self._require_not_copying()
        return self.model_copy(
            update={"leaving": (), "still_shown": "", "published": self.edition, "refused": 0}
        )

    def _leave(self, *file_ids: str) -> "Transfer":
        return self.model_copy(update={"leaving": tuple(dict.fromkeys([*self.leaving, *file_ids]))})

    def _require_not_copying(self) -> None:
        # Only the holder of the lease may change a transfer, and its next step ends the copy.
        self._require(TransferState.IDLE, TransferState.UNCONFIRMED, TransferState.UPLOADED)

    def _require(self, *states: TransferState) -> None:
        if self.state not in states:
            raise InvalidTransition(f"not while {self.state}")
