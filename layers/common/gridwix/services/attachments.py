"""Files that come with a submission: copied to Trading Grid before anything is asked of it."""

import tempfile
from collections.abc import Sequence
from functools import partial

from gridwix.errors import FileRefused
from gridwix.mapping.files import MEDIA_TYPES, is_what_it_says, kind_of, safe_name
from gridwix.models.configuration import AttachmentRules
from gridwix.models.files import FileFault
from gridwix.models.submissions import AttachedFile
from gridwix.models.trading_grid import RequestAttachment
from gridwix.services.ports import FileTransfer, UploadDesk

PIECE = 256 * 1024
"""Bytes that are sent at once."""

IN_MEMORY = 1024 * 1024
"""Bytes of a file that are kept in memory; a larger one lies in the function's temporary folder meanwhile."""


class Attachments:
    """Copies files from where Wix keeps them. What a file is is told by its bytes, not by its name."""

    def __init__(self, files: FileTransfer, desk: UploadDesk, rules: AttachmentRules) -> None:
        self._files = files
        self._desk = desk
        self._rules = rules

    def copy(self, files: Sequence[AttachedFile]) -> tuple[RequestAttachment, ...]:
        """Copy all. Raises FileRefused for the first that cannot be, and UpstreamError if it is to be tried again; an upload that nothing refers to expires."""
        return tuple(self._copy(file) for file in files)

    def _copy(self, file: AttachedFile) -> RequestAttachment:
        name = safe_name(file.name)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as content:
            facts = self._files.fetch(file.url, content, self._rules.most_bytes)
            if not is_what_it_says(name, facts.head):
                raise FileRefused(FileFault.WRONG_TYPE)
            media_type = MEDIA_TYPES[kind_of(name)]
            place = self._desk.announce_upload(name, media_type, facts, "request_attachment")
            content.seek(0)
            self._files.put(place.put_url, iter(partial(content.read, PIECE), b""), facts.size, media_type)
        return RequestAttachment(upload_id=place.upload_id, file_name=name)
