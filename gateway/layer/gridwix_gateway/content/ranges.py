"""Byte ranges, and the headers of content responses. Pure. RFC 9110, RFC 9530, RFC 6266."""

import base64
import re
from dataclasses import dataclass
from urllib.parse import quote

MAX_DIRECT_BYTES = 4 * 1024 * 1024
"""Maximum bytes of content in one response. Lambda limits a response to 6 MB, in Base64."""

_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}(; ?[\w.+-]+=[\w.+-]+)?", re.ASCII)
_ONE_RANGE = re.compile(r"bytes=\s*([0-9]{0,19})\s*-\s*([0-9]{0,19})\s*", re.IGNORECASE)


class UnsatisfiableRange(Exception):
    """Raised for a ``Range`` header that begins behind the end of the content (416)."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A range of bytes, ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """Number of bytes in the range."""
        return self.last - self.first + 1


def requested_range(header: str | None, size: int) -> ByteRange | None:
    """Return the range that a ``Range`` header asks for; None for the whole content.

    The header is ignored, as RFC 9110 section 14.2 allows, if its unit is not bytes, if it has
    several ranges, or if its range is invalid. A range longer than :data:`MAX_DIRECT_BYTES` is
    shortened: the client requests the rest.

    Args:
        header: The header's value; None if the header is missing.
        size: Number of bytes of the content; at least 1.

    Raises:
        UnsatisfiableRange: The range begins behind the end of the content.

    >>> requested_range("bytes=5-9", 100)
    ByteRange(first=5, last=9)
    >>> requested_range("bytes=-10", 100), requested_range("bytes=90-", 100)
    (ByteRange(first=90, last=99), ByteRange(first=90, last=99))
    >>> requested_range("bytes=0-1,5-6", 100) is None
    True
    """
    found = None if header is None else _ONE_RANGE.fullmatch(header.strip())
    if found is None or found.group(0).strip().lower() == "bytes=-":
        return None
    begin, end = found.groups()
    if not begin and not end:
        return None
    if not begin:
        count = min(int(end), size)
        if count == 0:
            raise UnsatisfiableRange
        first, last = size - count, size - 1
    else:
        first, last = int(begin), min(int(end or size - 1), size - 1)
        if end and int(end) < first:
            return None
        if first >= size:
            raise UnsatisfiableRange
    return ByteRange(first, min(last, first + MAX_DIRECT_BYTES - 1))


def content_digest(sha256: str) -> str:
    """Return the value of ``Content-Digest`` (RFC 9530) for a SHA-256 in hexadecimal digits.

    >>> content_digest("00ff")
    'sha-256=:AP8=:'
    """
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def content_disposition(file_name: str) -> str:
    """Return ``Content-Disposition`` of a download, with the file name percent-encoded (RFC 8187).

    >>> content_disposition('Guide "2" 李.pdf')
    "attachment; filename*=UTF-8''Guide%20%222%22%20%E6%9D%8E.pdf"
    """
    return f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"


def served_media_type(media_type: str) -> str:
    r"""Return a media type that is safe as ``Content-Type``, since a client can announce any text.

    A text that is no media type becomes ``application/octet-stream``.

    >>> served_media_type("application/pdf"), served_media_type("text/html\r\nSet-Cookie: a")
    ('application/pdf', 'application/octet-stream')
    """
    return media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
