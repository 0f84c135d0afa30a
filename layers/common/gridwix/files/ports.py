"""What is needed to fetch a file and hand it on."""

from collections.abc import Iterable
from typing import IO, Protocol

from gridwix.models.files import FileFacts, MediaFile, UploadTarget
from gridwix.ports import FileRemover


class FileTransfer(Protocol):
    """Files by their addresses, which are not to be trusted."""

    def fetch(self, url: str, into: IO[bytes], most: int) -> FileFacts:
        """Write the file behind an address and say what its bytes are. Raises FileRefused, for more than ``most`` bytes too, and UpstreamError."""

    def put(self, url: str, pieces: Iterable[bytes], size: int, media_type: str) -> bytes:
        """Send ``size`` bytes to an address and return the answer. Raises FileRefused and UpstreamError."""


class UploadDesk(Protocol):
    """Files as Trading Grid takes them."""

    def announce_upload(self, file_name: str, media_type: str, facts: FileFacts, purpose: str) -> UploadTarget:
        """Where the bytes go. ``purpose``: document_version, request_attachment. Raises UpstreamError."""


class UploadedFiles(FileRemover, Protocol):
    """Files that partners have uploaded to the portal. Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted."""

    def file(self, file_id: str) -> MediaFile | None:
        """A file; None if it is gone."""

    def download_url(self, file_id: str, minutes: int) -> str:
        """An address under which a private file can be fetched for so long."""
