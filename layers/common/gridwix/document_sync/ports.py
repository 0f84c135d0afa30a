"""Ports of the document sync: document library, media library and transfer table."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from gridwix.document_sync.transfers import Transfer
from gridwix.models.files import MediaFile, NewFile
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.documents import Document
from gridwix.ports import FileRemover, RecordReader, VersionReader


class DocumentReader(RecordReader, VersionReader, Protocol):
    """Reads the document library of Trading Grid. Raises :class:`gridwix.errors.UpstreamError`."""

    def document_pages(self) -> Iterator[Listing[Document]]:
        """Every document, expired and withdrawn ones and tombstones included, page by page.

        A document that changes meanwhile may be repeated, in its new version.
        """

    def documents_of(self, partner_ids: Collection[PartnerId]) -> Listing[Document]:
        """Every document of these partners, tombstones included; none of the shared library."""

    def content(self, document_id: str, number: int) -> AbstractContextManager[Iterator[bytes]]:
        """Stream the bytes of a version in chunks.

        Raises UpstreamError, also between two chunks; FileRefused if their address is not allowed.
        """


class MediaLibrary(FileRemover, Protocol):
    """The Media Manager of the portal.

    Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted.
    """

    def upload(self, new: NewFile, pieces: Iterator[bytes]) -> MediaFile:
        """Upload a file in chunks. The result may be pending.

        Exceptions that ``pieces`` raises pass through, and no file is made. After an Unavailable
        that is ``ambiguous``, the file may exist, or appear later.
        """

    def files(self, ids: Collection[str]) -> Mapping[str, MediaFile]:
        """The current state of files by id. A file that is gone is left out."""

    def labelled(self, label: str, since: float) -> Sequence[MediaFile]:
        """The files with a label that were uploaded since a time (Unix seconds)."""


class ShownFiles(Protocol):
    """Checks the files that rows point to.

    Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted.
    """

    def lost(self, ids: Collection[str]) -> frozenset[str]:
        """The ids of files that cannot be opened anymore.

        May include a file that was moved to another folder. Before acting on a result, read that
        file by itself (``MediaLibrary.files``).
        """


class TransferStore(Protocol):
    """Storage of the documents' file transfers. Raises :class:`gridwix.errors.UpstreamError`."""

    def read_transfers(self, document_ids: Collection[str]) -> Mapping[str, Transfer]:
        """The file transfers of these documents, by document id. A document without one is left
        out.

        The read is strongly consistent.
        """

    def unfinished_ids(self) -> Sequence[str]:
        """The ids of at most 500 documents with an unfinished file transfer.

        Eventually consistent: may include one that has just been finished.
        """

    def save_transfer(self, transfer: Transfer) -> Transfer | None:
        """Store a transfer and return it with its next revision (optimistic locking); None if
        another worker has changed the stored one.

        The stored revision must equal the transfer's (optimistic lock); 0 means that none is
        stored.
        """
