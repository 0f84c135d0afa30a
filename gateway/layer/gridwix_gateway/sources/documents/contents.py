"""Reads the bytes of a file once, and finds out what must not be published. Pure."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gridwix_gateway.content.uploads import EICAR, SCANNED_BYTES
from gridwix_gateway.sources.documents.faults import FileRefused
from gridwix_gateway.sources.documents.kinds import (
    ENCRYPTED_OFFICE,
    KINDS,
    OFFICE,
    TAIL_BYTES,
)

MAX_BYTES = 1_073_741_824
"""Largest file of the profile (``NewUpload``)."""

HEAD_BYTES = 65_536
"""Bytes at the beginning of a file that are kept."""

_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY")


@dataclass(frozen=True, slots=True)
class ReadContent:
    """What was read of a file: size, digest in hexadecimal digits, and its first and last bytes."""

    size: int
    sha256: str
    head: bytes
    tail: bytes


def check_size(size: int) -> None:
    """Check the size of a file before it is read. Raises FileRefused."""
    if size == 0:
        raise FileRefused("empty", "the file is empty: its copy may have failed, put it again")
    if size > MAX_BYTES:
        raise FileRefused(
            "too-large", f"the file has {size:,} bytes; a document has at most {MAX_BYTES:,}"
        )


def read_content(chunks: Iterable[bytes]) -> ReadContent:
    """Read a file in constant memory.

    >>> read_content([b"%PDF-", b"1.7"]).size
    8

    Args:
        chunks: The bytes, in pieces of a bounded size.

    Returns:
        What was read.

    Raises:
        FileRefused: ``too-large``.
    """
    digest, size, head, tail = hashlib.sha256(), 0, b"", b""
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            check_size(size)
        if len(head) < HEAD_BYTES:
            head += chunk[: HEAD_BYTES - len(head)]
        tail = (tail + chunk)[-TAIL_BYTES:]
    return ReadContent(size, digest.hexdigest(), head, tail)


def check_content(ending: str, content: ReadContent) -> None:
    """Check that a file is what its name claims, is complete, and may be shown to a partner.

    Args:
        ending: The ending of its name, one of :data:`KINDS`.
        content: What was read of it.

    Raises:
        FileRefused: It is not.
    """
    check_size(content.size)
    kind = KINDS[ending]
    if EICAR in content.head[:SCANNED_BYTES]:
        raise FileRefused("infected", "the file is the test file of virus scanners")
    if _PRIVATE_KEY.search(content.head) or _PRIVATE_KEY.search(content.tail):
        raise FileRefused("private-key", "the file holds a private key, which nobody may get")
    if ending in OFFICE and ENCRYPTED_OFFICE.match(content.head):
        raise FileRefused("password", "the file has a password: save it without one")
    if not kind.begins_with(content.head):
        raise FileRefused(
            "other-content", f"the content is not that of a file which ends in .{ending}"
        )
    if not kind.ends_with(content.tail):
        raise FileRefused(
            "truncated", "the end of the file is missing: it was still growing, put it again"
        )
