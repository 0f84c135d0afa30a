"""Files that come from the portal: copied to Trading Grid before anything is asked of it."""

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from gridwix.configuration.files import FileRules
from gridwix.errors import FileRefused
from gridwix.files.contents import content_fault
from gridwix.files.ports import FileTransfer, UploadDesk, UploadedFiles
from gridwix.files.types import kind_of, safe_name
from gridwix.models.files import MEDIA_TYPES, AttachedFile, FileFacts
from gridwix.models.trading_grid.requests import RequestAttachment

IN_MEMORY = 1024 * 1024
"""Bytes of a file that are kept in memory; a larger one lies in the function's temporary folder meanwhile."""

PIECE = 256 * 1024
"""Bytes that are sent at once."""

LINK_MINUTES = 10
"""For how long an uploaded file can be fetched by the address that is asked for it."""


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A file in Trading Grid. ``upload_id`` is "" for bytes that were not to be sent."""

    name: str
    facts: FileFacts
    upload_id: str


def add_download_url(uploaded: UploadedFiles, attached: AttachedFile, label: str) -> AttachedFile | None:
    """A file that was uploaded to the portal, with an address to fetch it by. Raises UpstreamError.

    None if it is gone, or was uploaded for anything else, which its label tells: the portal's backend gives it before the browser has an address to upload to.
    """
    file = uploaded.file(attached.file_id) if attached.file_id else None
    if file is None or label not in file.labels:
        return None
    return replace(attached, url=uploaded.download_url(attached.file_id, LINK_MINUTES))


class Attachments:
    """Copies files from where Wix keeps them. A file whose content is not what its name claims is refused."""

    def __init__(self, files: FileTransfer, desk: UploadDesk) -> None:
        self._files = files
        self._desk = desk

    def of_request(self, files: Sequence[AttachedFile], rules: FileRules) -> tuple[RequestAttachment, ...]:
        """Copy all. Raises FileRefused for the first that cannot be, and UpstreamError if it is to be tried again; an upload that nothing refers to expires."""
        copied = [self.copy(file, rules, "request_attachment") for file in files]
        return tuple(RequestAttachment(upload_id=one.upload_id, file_name=one.name) for one in copied)

    def copy(self, file: AttachedFile, rules: FileRules, purpose: str, unless: Collection[str] = ()) -> FileCopy:
        """Copy one, unless its bytes have one of these digests. Raises as :meth:`of_request` does."""
        name = safe_name(file.name)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as content:
            facts = self._files.fetch(file.url, content, rules.most_bytes)
            if fault := content_fault(name, content, macros=rules.macros):
                raise FileRefused(fault)
            if facts.sha256 in unless:
                return FileCopy(name, facts, "")
            media_type = MEDIA_TYPES[kind_of(name)]
            place = self._desk.announce_upload(name, media_type, facts, purpose)
            content.seek(0)
            self._files.put(place.put_url, iter(partial(content.read, PIECE), b""), facts.size, media_type)
        return FileCopy(name, facts, place.upload_id)
