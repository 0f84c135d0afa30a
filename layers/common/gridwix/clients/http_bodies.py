"""Reads HTTP response bodies with a limit on their size, also after decompression (zip bombs).

Only ``gzip`` is requested. httpx would decode every encoding that a server names, one after the
other: a few kilobytes that were compressed several times would become gigabytes before their size
could be checked. Here no piece decodes to more than :data:`PIECE` bytes at a time.
"""

import math
import zlib
from collections.abc import Iterable, Iterator

import httpx

ACCEPTED = "gzip"
"""Value of ``Accept-Encoding``: gzip is the only encoding that is decoded."""

PIECE = 64 * 1024
"""Maximum size, in bytes, of a decoded piece of a body."""

_GZIP = 31
"""zlib's ``wbits`` for the gzip format."""

_PLAIN = frozenset({"", "identity"})
_GZIPPED = frozenset({"gzip", "x-gzip"})


class BodyFault(Exception):
    """A response body that cannot be read.

    The message states the reason, without any content of the body.
    """


def decoded_pieces(response: httpx.Response, most: float = math.inf) -> Iterator[bytes]:
    """Return the decoded body of a response as an iterator of pieces, each of bounded size.

    An empty piece means that bytes have arrived that decode to nothing yet, so that the caller can
    check its time limit. The caller closes the response.

    Args:
        response: The response.
        most: Maximum number of bytes, before and after decoding.

    Raises:
        BodyFault: The body is larger than ``most``, has another encoding than gzip, or does not
            decode.
        httpx.RequestError: The connection broke.
    """
    if response.is_stream_consumed:
        # A hook or a transport has read it, as those of tests do, and httpx keeps the content.
        return _at_most(most, iter([response.content]))
    return _at_most(most, _decode(response.headers, _at_most(most, _raw_pieces(response))))


def small_body(response: httpx.Response, most: int) -> bytes:
    """Read the body of a response as a whole, decode it, and close the response.

    Args:
        response: The response. Its body must not have been read. Later reads return the same body.
        most: Maximum number of bytes, before and after decoding.

    Raises:
        BodyFault: The body is larger than ``most``, has another encoding than gzip, or does not
            decode.
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
    """Yield the body of a response as it arrives, not decoded.

    httpx's own iterators decode the body, or allow only one reading.
    """
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
    """Decode gzip data (RFC 1952) of one or several members, in pieces of bounded size."""
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
