"""Reads the bodies of responses: what arrives and what it decodes to are both bounded.

Only ``gzip`` is asked for. httpx would decode any encoding that a server names, several times over,
and a piece at a time: a few kilobytes that were compressed more than once become gigabytes before
their size is seen. Here no piece decodes to more than :data:`PIECE` bytes at a time.
"""

import math
import zlib
from collections.abc import Iterable, Iterator

import httpx

ACCEPTED = "gzip"
"""Value of ``Accept-Encoding``: the one encoding that is decoded, besides none."""

PIECE = 64 * 1024
"""Maximum number of bytes that a piece of a decoded body has."""

_GZIP = 31
"""zlib's ``wbits`` for the gzip format."""

_PLAIN = frozenset({"", "identity"})
_GZIPPED = frozenset({"gzip", "x-gzip"})


class BodyFault(Exception):
    """A body that cannot be read. The message says why, and holds nothing of the body."""


def decoded_pieces(response: httpx.Response, most: float = math.inf) -> Iterator[bytes]:
    """Return the body of a response, decoded, in bounded pieces.

    A piece can be empty: it says that bytes have arrived, for a caller that looks at the clock.
    The caller closes the response.

    Args:
        response: The response.
        most: Maximum number of bytes, before and after decoding.

    Raises:
        BodyFault: The body is larger, is encoded in another way than gzip, or does not decode.
        httpx.RequestError: The connection broke.
    """
    if response.is_stream_consumed:
        # A hook or a transport has read it, as those of tests do, and httpx keeps the content.
        return _at_most(most, iter([response.content]))
    return _at_most(most, _decode(response.headers, _at_most(most, _raw_pieces(response))))


def small_body(response: httpx.Response, most: int) -> bytes:
    """Return the body of a response that is not read yet, decoded, and close it.

    Args:
        response: The response. What reads it after this gets the same body.
        most: Maximum number of bytes, before and after decoding.

    Raises:
        BodyFault: The body is larger, is encoded in another way than gzip, or does not decode.
        httpx.RequestError: The connection broke.
    """
    body = b""
    stream = response.stream
    try:
        body = b"".join(decoded_pieces(response, most))
    finally:
        assert isinstance(stream, httpx.SyncByteStream)
        stream.close()
        response.stream = httpx.ByteStream(body)
        response.headers.pop("Content-Encoding", None)
    return body


def _raw_pieces(response: httpx.Response) -> Iterator[bytes]:
    """The body as it comes. httpx's own iterators decode it, or want it to be read once."""
    assert isinstance(response.stream, httpx.SyncByteStream)
    try:
        yield from response.stream
    except httpx.RequestError as error:
        # Which request has failed, as httpx's iterators say.
        error.request = response.request
        raise


def _at_most(most: float, pieces: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise BodyFault(f"the answer exceeds {most} bytes")
        yield piece


def _decode(headers: httpx.Headers, raw: Iterable[bytes]) -> Iterator[bytes]:
    encoding = headers.get("Content-Encoding", "").strip().lower()
    if encoding in _PLAIN:
        return iter(raw)
    if encoding in _GZIPPED:
        return _gunzip(raw)
    # The name of the encoding is the server's text, so the message does not repeat it.
    raise BodyFault("the answer is encoded in a way that was not asked for")


def _gunzip(raw: Iterable[bytes]) -> Iterator[bytes]:
    """Decode one or several gzip members (RFC 1952, section 2.2)."""
    decoder = None
    for piece in raw:
        yield b""
        rest = piece
        while rest:
            decoder = zlib.decompressobj(_GZIP) if decoder is None else decoder
            try:
                yield decoder.decompress(rest, PIECE)
            except zlib.error:
                raise BodyFault("the answer is not valid gzip") from None
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            decoder = None if decoder.eof else decoder
    # A member ends with its checksum, which is read after its last byte is given out.
    if decoder is not None:
        raise BodyFault("the answer breaks off")
