"""The gateway's bucket in memory."""

import hashlib
from collections.abc import Callable

from gridwix_gateway.content.ports import ContentStore, StoredContent


def _do_nothing() -> None:
    """Let nothing happen."""


class MemoryContent(ContentStore):
    """A bucket. ``before_copy`` runs before each copy: what a client does meanwhile."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.copies = 0
        self.before_copy: Callable[[], None] = _do_nothing

    def upload_url(self, key: str, size: int, seconds: int) -> str:
        return f"memory:{key}?size={size}&seconds={seconds}"

    def download_url(self, key: str, media_type: str, disposition: str, seconds: int) -> str:
        return f"memory:{key}?type={media_type}&disposition={disposition}&seconds={seconds}"

    def copy(self, source: str, target: str) -> StoredContent | None:
        self.before_copy()
        if source not in self.objects:
            return None
        self.copies += 1
        content = self.objects[target] = self.objects[source]
        return StoredContent(len(content), hashlib.sha256(content).hexdigest())

    def put(self, key: str, content: bytes) -> None:
        self.objects[key] = content

    def read(self, key: str, first: int, last: int) -> bytes:
        return self.objects[key][first : last + 1]

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)
