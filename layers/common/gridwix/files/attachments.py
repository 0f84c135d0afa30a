"""Copies files from the portal to Trading Grid, before any request there refers to them."""

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from gridwix.configuration.files import FileRules
from gridwix.errors import FileRefused
from gridwix.files.contents import content_fault
from gridwix.files.ports import FileTransfer, UploadDesk, UploadedFiles
from gridwix.files.types import announced_size, file_extension, safe_name
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.files import MEDIA_TYPES, AttachedFile, FileFacts, FileFault
from gridwix.models.trading_grid.requests import RequestAttachment

IN_MEMORY = 1024 * 1024
"""Size in bytes up to which a file is kept in memory. A larger one is spooled to a
temporary file.
"""

PIECE = 256 * 1024
"""Chunk size of an upload, in bytes."""

LINK_MINUTES = 10
"""Lifetime of a download link, in minutes."""


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A file that was copied to Trading Grid.

    ``upload_id`` is "" if Trading Grid has the bytes already, so that they were not uploaded.
    """

    name: str
    facts: FileFacts
    upload_id: str


def add_download_url(
    uploaded: UploadedFiles, attached: AttachedFile, label: str
) -> AttachedFile | None:
    """Return an uploaded file with a download URL; None if it is deleted or lacks the label.

    The label proves the purpose of the upload, such as one form. The portal's backend sets it
    before the browser gets an upload URL.

    Args:
        uploaded: the portal's files.
        attached: the file, identified by its ``file_id``.
        label: the label that it must have, see :func:`gridwix.files.types.file_label`.

    Raises:
        FileRefused: if its size differs from the size announced before the upload.
        UpstreamError: if Wix fails.
    """
    file = uploaded.file(attached.file_id) if attached.file_id else None
    if file is None or label not in file.labels:
        return None
    announced = announced_size(file.labels)
    # The portal's backend could not see the size of a file that Wix was still processing: 0.
    if file.size and announced is not None and file.size != announced:
        raise FileRefused(FileFault.CHANGED)
    return replace(attached, url=uploaded.download_url(attached.file_id, LINK_MINUTES))


class Attachments:
    """Copies the attachments of submissions from Wix to Trading Grid.

    Refuses a file if its content does not match its name.
    """

    def __init__(self, files: FileTransfer, desk: UploadDesk) -> None:
        self._files = files
        self._desk = desk

    def copy_all(
        self,
        files: Sequence[AttachedFile],
        rules: FileRules,
        deadline: Deadline = NO_DEADLINE,
    ) -> tuple[RequestAttachment, ...]:
        """Copy all files to Trading Grid before the deadline.

        Trading Grid deletes an upload after a while if no request refers to it.

        Raises:
            FileRefused: for the first file that cannot be copied.
            UpstreamError: if a retry may help.
        """
        copied = [self.copy(file, rules, "request_attachment", deadline=deadline) for file in files]
        return tuple(
            RequestAttachment(upload_id=one.upload_id, file_name=one.name) for one in copied
        )

    def copy(
        self,
        file: AttachedFile,
        rules: FileRules,
        purpose: str,
        unless: Collection[str] = (),
        *,
        deadline: Deadline = NO_DEADLINE,
    ) -> FileCopy:
        """Copy one file to Trading Grid.

        Raises FileRefused for a file that cannot be copied, and UpstreamError if a retry may help.

        Args:
            file: the file, with its download URL.
            rules: the maximum size, and whether macros are allowed.
            purpose: ``request_attachment`` or ``document_version``.
            unless: digests (SHA-256) of files that Trading Grid has already: they are checked, but
                not uploaded.
            deadline: the whole transfer ends before it. At most half of the time is for the fetch,
                so that a slow one leaves time for the upload.
        """
        name = safe_name(file.name)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as content:
            facts = self._files.fetch(file.url, content, rules.most_bytes, deadline.half())
            if fault := content_fault(name, content, macros=rules.macros):
                raise FileRefused(fault)
            if facts.sha256 in unless:
                return FileCopy(name, facts, "")
            media_type = MEDIA_TYPES[file_extension(name)]
            place = self._desk.announce_upload(name, media_type, facts, purpose)
            content.seek(0)
            self._files.put(
                place.put_url,
                iter(partial(content.read, PIECE), b""),
                facts.size,
                media_type,
                deadline,
            )
        return FileCopy(name, facts, place.upload_id)
