"""What the document sync needs of Trading Grid, the portal's media library and its table."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from gridwix.document_sync.transfers import Transfer
from gridwix.models.files import MediaFile, NewFile
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.documents import Document
from gridwix.ports import FileRemover, PartnerReader, RecordReader, VersionReader


class DocumentReader(RecordReader, VersionReader, PartnerReader, Protocol):
    """The document library of Trading Grid. Raises :class:`gridwix.errors.UpstreamError`."""

    def documents(self) -> Listing[Document]:
        """Every document, those that are over and tombstones included."""

    def documents_of(self, partner_ids: Collection[PartnerId]) -> Listing[Document]:
        """Every document of these partners, tombstones included; not those of the shared library."""

    def content(self, document_id: str, number: int) -> AbstractContextManager[Iterator[bytes]]:
        """The bytes of a version, piece by piece. Raises UpstreamError, also between two pieces."""


class MediaLibrary(FileRemover, Protocol):
    """The media manager of the portal. Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted."""

    def upload(self, new: NewFile, pieces: Iterator[bytes]) -> MediaFile:
        """Have a file, which may be pending. What ``pieces`` raises passes through, and there is no file then. After an Unavailable there may be one."""

    def files(self, ids: Collection[str]) -> Mapping[str, MediaFile]:
        """These files, as they stand; one that is gone is left out."""

    def labelled(self, label: str, since: float) -> Sequence[MediaFile]:
        """The files that came since a time (Unix seconds) with a label."""


class ShownFiles(Protocol):
    """The files of the portal's media manager that its rows point to. Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted."""

    def lost(self, ids: Collection[str]) -> frozenset[str]:
        """Those of these files that cannot be opened any more. One that somebody has moved to another folder may be among them: whoever acts on it asks for
        that file once more, by itself (``MediaLibrary.files``)."""


class TransferStore(Protocol):
    """What is known of the documents' files. Raises :class:`gridwix.errors.UpstreamError`."""

    def read(self, ids: Collection[str]) -> Mapping[str, Transfer]:
        """The transfers of these documents, as of now (strongly consistent); one of which nothing is known is left out."""

    def waiting(self) -> Sequence[str]:
        """The documents of which something is still to be done, at most 500; one that has just been done may still be among them."""

    def save(self, transfer: Transfer) -> Transfer | None:
        """Keep a transfer if its revision is still the newest (0: there is none), and return it with the next; None if somebody else was faster."""
