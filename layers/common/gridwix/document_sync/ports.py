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
    """Reads documents, their versions and their files from the document library of Trading Grid.

    Raises :class:`gridwix.errors.UpstreamError`.
    """

    def document_pages(self) -> Iterator[Listing[Document]]:
        """Yield every document, page by page: also expired and withdrawn documents, and tombstones.

        A document that changes during the listing may be repeated, in its new version.
        """

    def documents_of(self, partner_ids: Collection[PartnerId]) -> Listing[Document]:
        """Return all documents of these partners, also tombstones; none of the shared library."""

    def content(self, document_id: str, number: int) -> AbstractContextManager[Iterator[bytes]]:
        """Stream the bytes of a document's version, in chunks.

        Raises UpstreamError, also between two chunks, and FileRefused if the address of the bytes
        is not allowed.
        """


class MediaLibrary(FileRemover, Protocol):
    """The Media Manager of the portal, which stores the files that rows show.

    Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted.
    """

    def upload(self, new: NewFile, pieces: Iterator[bytes]) -> MediaFile:
        """Upload a file in chunks, and return the stored file, which may still be pending.

        Exceptions that ``pieces`` raises pass through, and no file is made. After an Unavailable
        that is ``ambiguous``, the file may exist, or appear later.
        """

    def files(self, ids: Collection[str]) -> Mapping[str, MediaFile]:
        """Return the current state of files by id; a file that no longer exists is left out."""

    def labelled(self, label: str, since: float) -> Sequence[MediaFile]:
        """Return the files with a label that were uploaded since a time (Unix seconds)."""


class ShownFiles(Protocol):
    """Finds lost files: files that portal rows point to, and that cannot be opened anymore.

    Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted.
    """

    def lost(self, ids: Collection[str]) -> frozenset[str]:
        """Return the ids of those files that cannot be opened anymore.

        They may include a file that was moved to another folder. Before acting on a result, read
        that file by itself (``MediaLibrary.files``).
        """


class TransferStore(Protocol):
    """Store of the state of each document's file transfer.

    Raises :class:`gridwix.errors.UpstreamError`.
    """

    def read_transfers(self, document_ids: Collection[str]) -> Mapping[str, Transfer]:
        """Return the file transfers of documents by document id.

        A document without a stored transfer is left out. The read is strongly consistent.
        """

    def unfinished_ids(self) -> Sequence[str]:
        """Return the ids of at most 500 documents with an unfinished file transfer.

        The read is eventually consistent: it may include a document with a transfer that has just
        been finished.
        """

    def save_transfer(self, transfer: Transfer) -> Transfer | None:
        """Store a transfer and return it with its next revision; None after a conflict.

        Optimistic locking: the stored revision must equal the transfer's; 0 means that none is
        stored. If another worker has changed the stored transfer, nothing is stored, and None is
        returned.
        """
