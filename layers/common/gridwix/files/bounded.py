"""Read limit for parsers that trust the sizes which a file states about itself. Pure."""

import io
from typing import IO


class BoundExceeded(Exception):
    """A parser requested more bytes than a valid file would need."""


class BoundedReader(io.RawIOBase):
    """File object that reads at most ``most`` bytes in total from another file.

    Closing this object leaves the other file open.
    """

    def __init__(self, content: IO[bytes], most: int) -> None:
        super().__init__()
        self._content = content
        self._left = most
        self._size = content.seek(0, io.SEEK_END)
        content.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._content.seek(offset, whence)

    def tell(self) -> int:
        return self._content.tell()

    def read(self, size: int | None = -1, /) -> bytes:
        """Read at most ``size`` bytes; all remaining bytes if it is None or negative.

        Raises BoundExceeded if the total would exceed the limit.
        """
        wanted = max(self._size - self._content.tell(), 0)
        if size is not None and size >= 0:
            wanted = min(wanted, size)
        if wanted > self._left:
            raise BoundExceeded
        data = self._content.read(wanted)
        self._left -= len(data)
        return data
