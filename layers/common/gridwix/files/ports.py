"""Ports for downloading and uploading files."""

from collections.abc import Iterable
from typing import IO, Protocol

from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.files import FileFacts, MediaFile, UploadTarget
from gridwix.ports import FileRemover


class FileTransfer(Protocol):
    """Downloads and uploads files by URL. The URLs are not trusted (SSRF protection)."""

    def fetch(
        self, url: str, into: IO[bytes], most: int, deadline: Deadline = NO_DEADLINE
    ) -> FileFacts:
        """Download a file.

        Args:
            url: URL of the file.
            into: Receives the bytes.
            most: Maximum size in bytes.
            deadline: The transfer ends before it, however slowly bytes arrive.

        Returns:
            Hash and size of the file.

        Raises:
            FileRefused: The file is too large, empty or gone, or its URL is not allowed.
            FileUnreachable: The URL does not respond now, or does not give all bytes in time. A
                retry may help.
        """

    def put(
        self,
        url: str,
        pieces: Iterable[bytes],
        size: int,
        media_type: str,
        deadline: Deadline = NO_DEADLINE,
    ) -> bytes:
        """Upload ``size`` bytes with PUT before the deadline, and return the response body.

        Raises FileRefused and UpstreamError.
        """


class UploadDesk(Protocol):
    """Announces uploads to Trading Grid, which assigns an id and an upload URL to each."""

    def announce_upload(
        self, file_name: str, media_type: str, facts: FileFacts, purpose: str
    ) -> UploadTarget:
        """Announce an upload and return its id and its upload URL. Raises UpstreamError.

        Args:
            file_name: Name of the file.
            media_type: Media type of the file.
            facts: Hash and size of the file.
            purpose: ``document_version`` or ``request_attachment``.
        """


class UploadedFiles(FileRemover, Protocol):
    """Access to the files that partners have uploaded to the portal.

    Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted.
    """

    def file(self, file_id: str) -> MediaFile | None:
        """Read the description of one file; None if it is deleted."""

    def download_url(self, file_id: str, minutes: int) -> str:
        """Return a temporary URL of a private file, which expires after ``minutes``."""
