"""Reads the bytes of a file in one pass, and checks that they may be published. Pure."""

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
"""Maximum bytes of a file in the profile (schema ``NewUpload``)."""

HEAD_BYTES = 65_536
"""Bytes at the beginning of a file that are kept in memory for the checks."""

# As gridwix detects them: words about keys are none. Possessive quantifiers and bounds limit the
# backtracking.
_BREAK = rb"(?:\\{1,4}[rn]|[\s>])*+"
_KEY = (
    _BREAK
    + rb"(?:[A-Za-z-]{1,20}: (?:[^\r\n\\]|\\(?!\\{0,3}[rn])){0,200}+(?:\\{1,4}[rn]|[\r\n])"
    + _BREAK
    + rb"){0,20}+[A-Za-z0-9+/]{16}"
)
_PRIVATE_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    + _KEY
    + rb"|---- BEGIN SSH2 (?:ENCRYPTED )?PRIVATE KEY ----"
    + _KEY
    + rb"|PuTTY-User-Key-File-\d"
)
"""Matches a private key: PEM, also in a quoted mail or JSON, OpenSSH, SSH2, OpenPGP or PuTTY."""


@dataclass(frozen=True, slots=True)
class ReadContent:
    """Facts of a file that was read: size, SHA-256 in hexadecimal digits, first and last bytes."""

    size: int
    sha256: str
    head: bytes
    tail: bytes


def check_size(size: int) -> None:
    """Check that a file is neither empty nor too large, before it is read. Raises FileRefused."""
    if size == 0:
        raise FileRefused("empty", "the file is empty: its copy may have failed, put it again")
    if size > MAX_BYTES:
        raise FileRefused(
            "too-large", f"the file has {size:,} bytes; a document has at most {MAX_BYTES:,}"
        )


def read_content(chunks: Iterable[bytes]) -> ReadContent:
    """Read a file in one pass and constant memory, computing size and digest.

    >>> read_content([b"%PDF-", b"1.7"]).size
    8

    Args:
        chunks: The bytes, in pieces of a bounded size.

    Returns:
        Size, digest, and first and last bytes.

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
    """Check that a file is of the kind its name claims, is complete, and may be published.

    Args:
        ending: The ending of the file's name, one of :data:`KINDS`.
        content: Facts of the file, from :func:`read_content`.

    Raises:
        FileRefused: The file must not be published.
    """
    check_size(content.size)
    kind = KINDS[ending]
    if EICAR in content.head[:SCANNED_BYTES]:
        raise FileRefused("infected", "the file is the test file of virus scanners")
    if has_private_key(content.head) or has_private_key(content.tail):
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


def has_private_key(data: bytes) -> bool:
    r"""Return whether a text contains a private key, and not only words about private keys.

    >>> has_private_key(b"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBkg4LVWM9nuwNSk")
    True
    """
    # Without its zero bytes, ASCII in UTF-16 reads like ASCII.
    return _PRIVATE_KEY.search(data.replace(b"\0", b"")) is not None
