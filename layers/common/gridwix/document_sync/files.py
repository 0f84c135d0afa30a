"""The files of documents in the portal's media library: brought there, found again after a death, and removed when no row shows them any more.

``docs/adr/0010-a-file-is-switched-to-when-it-is-there.md`` gives the reasons.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gridwix.configuration.documents import Documents
from gridwix.document_sync import transfer_rules as steps
from gridwix.document_sync.copying import Copier, label
from gridwix.document_sync.ports import DocumentReader, MediaLibrary, TransferStore
from gridwix.document_sync.projection import is_private
from gridwix.document_sync.transfers import Bytes, Transfer
from gridwix.errors import BudgetExhausted, FileRefused, GridwixError, RowHeld
from gridwix.models.files import LOST_STATES, FileFault, FileState, MediaFile
from gridwix.models.trading_grid.documents import Document, DocumentVersion
from gridwix.ports import Clock

CLOCK_SKEW = 300.0
"""Seconds by which the portal's clock may differ from ours."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a document's file stands, as it was kept: its row is made from that alone. ``copied``: bytes were sent. ``mended``: what was wrong before is so no
    longer."""

    transfer: Transfer
    copied: bool = False
    mended: bool = False


class DocumentFiles:
    """One current file for each document, whoever dies at whatever step. ``hold`` is how many seconds somebody who copies is waited for."""

    def __init__(self, source: DocumentReader, media: MediaLibrary, transfers: TransferStore, rules: Documents, *, clock: Clock, hold: float) -> None:
        self._media = media
        self._transfers = transfers
        self._copier = Copier(source, media, rules)
        self._clock = clock
        self._hold = hold

    def read(self, ids: Collection[str]) -> Mapping[str, Transfer]:
        """The transfers of documents, empty ones among them. Raises UpstreamError."""
        known = self._transfers.read(ids)
        return {identifier: known.get(identifier) or Transfer(document_id=identifier) for identifier in ids}

    def waiting(self) -> Sequence[str]:
        """The documents of which something is still to be done. Raises UpstreamError."""
        return self._transfers.waiting()

    def standing(self, transfers: Collection[Transfer], doubted: Collection[str] = ()) -> Mapping[str, MediaFile]:
        """How the files on their way stand, and those that the ``doubted`` documents (by id) show. Raises UpstreamError or BudgetExhausted."""
        ids = [transfer.arriving.file_id for transfer in transfers if transfer.arriving and transfer.arriving.file_id]
        ids += [transfer.shown.file_id for transfer in transfers if transfer.shown and transfer.document_id in doubted]
        found = self._media.files(ids) if ids else {}
        return {file_id: found.get(file_id) or MediaFile(file_id, FileState.GONE, 0) for file_id in ids}

    def bring(self, transfer: Transfer, document: Document, version: DocumentVersion | None, files: Mapping[str, MediaFile]) -> Standing:
        """Have the file of a version brought over if it is not there; None: no file is wanted. ``files`` are those on their way, by id.

        If the file that the row shows is among them and is lost, it is brought over anew.

        Raises GridwixError if it is to be tried again; RowHeld if somebody else is at it.
        """
        if transfer.held_until is not None and transfer.held_until > self._clock():
            raise RowHeld
        before, copied = transfer, False
        wanted = None if version is None else Bytes(version=version.number, sha256=version.sha256, private=is_private(document))
        transfer = steps.given_up(transfer)
        if transfer.shown and transfer.shown.file_id in files and files[transfer.shown.file_id].state in LOST_STATES:
            transfer = steps.lost(transfer)
        if wanted is None or wanted.same(transfer.shown):
            transfer, _ = self._looked_after(transfer, None, files)
            shown = transfer.shown.model_copy(update={"version": wanted.version}) if wanted and transfer.shown else None
            transfer = steps.showing(transfer, shown)
        else:
            transfer, state = self._looked_after(transfer, wanted, files)
            if state is FileState.FAILED:
                transfer = steps.refused(transfer, FileFault.FAILED)
            elif state is FileState.GONE:
                assert version is not None
                before, transfer = self._copied(steps.forsaken(transfer), version, wanted)
                copied = not transfer.fault
            elif state is FileState.READY:
                transfer = steps.arrived(transfer)
            else:
                transfer = steps.showing(transfer, transfer.shown)
        kept = transfer if transfer == before else self._save(transfer)
        return Standing(kept, copied, mended=bool(before.fault) and not kept.fault)

    def settle(self, standings: Sequence[Standing]) -> tuple[int, Mapping[str, GridwixError]]:
        """Remove the files that no row shows any more, now that the rows are written.

        Returns how many were removed, and the documents (by id) with which this could not be done; what is left over is known, and :meth:`waiting`.
        """
        unsettled = [standing.transfer for standing in standings if standing.transfer != steps.settled(standing.transfer)]
        leaving = [file_id for transfer in unsettled for file_id in transfer.leaving]
        failures: dict[str, GridwixError] = {}
        try:
            if leaving:
                self._media.remove(leaving)
        except GridwixError as error:
            return 0, {transfer.document_id: error for transfer in unsettled}
        for transfer in unsettled:
            try:
                self._save(steps.settled(transfer))
            except GridwixError as error:
                failures[transfer.document_id] = error
        return len(leaving), failures

    def _looked_after(self, transfer: Transfer, wanted: Bytes | None, files: Mapping[str, MediaFile]) -> tuple[Transfer, FileState]:
        """The transfer without a file on its way that is not wanted, and how one that is wanted stands (GONE if there is none)."""
        arriving = transfer.arriving
        if arriving is None:
            return transfer, FileState.GONE
        if arriving.file_id:
            if not arriving.same(wanted):
                return steps.forsaken(transfer), FileState.GONE
            return transfer, files[arriving.file_id].state if arriving.file_id in files else FileState.GONE
        # Whoever copied has died, or had no answer: there may be a file, and more than one if it happened before.
        known = {*transfer.leaving, transfer.shown.file_id if transfer.shown else ""}
        labelled = self._media.labelled(label(transfer.document_id, arriving), arriving.begun - CLOCK_SKEW)
        found = [file for file in labelled if file.file_id not in known]
        usable = [file for file in found if file.state in (FileState.PENDING, FileState.READY)] if arriving.same(wanted) else []
        if not usable:
            return steps.forsaken(transfer, *(file.file_id for file in found)), FileState.GONE
        others = [file.file_id for file in found if file is not usable[0]]
        return steps.found(transfer, usable[0].file_id, *others), usable[0].state

    def _copied(self, transfer: Transfer, version: DocumentVersion, wanted: Bytes) -> tuple[Transfer, Transfer]:
        """The transfer as it was kept before copying, and as it is after it. Raises GridwixError if it is to be tried again."""
        now = self._clock()
        held = self._save(steps.begun(transfer, wanted, now=now, until=now + self._hold))
        try:
            file = self._copier.copy(transfer.document_id, version, wanted)
        except FileRefused as refusal:
            return held, steps.refused(held, refusal.fault)
        except BudgetExhausted:
            # Nothing was sent, so nothing need be looked for.
            self._save(steps.given_up(steps.forsaken(held)))
            raise
        except GridwixError:
            self._save(steps.given_up(held))
            raise
        came = steps.came(held, file.file_id)
        return held, steps.arrived(came) if file.state is FileState.READY else steps.showing(came, came.shown)

    def _save(self, transfer: Transfer) -> Transfer:
        """Keep a transfer. Raises RowHeld if somebody else has changed it meanwhile."""
        saved = self._transfers.save(transfer)
        if saved is None:
            raise RowHeld
        return saved
