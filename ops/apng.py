"""Makes an animated PNG from single PNG images. Pure.

The images are what a browser's screenshots are: of one size and one format, not interlaced, without
a palette. Their compressed data is taken as it is.

Source: https://www.w3.org/TR/png-3/, "APNG: frame-based animation".
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_DELAY = 65_535
"""Maximum milliseconds for which a frame can be shown."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A PNG image and the milliseconds for which it is shown."""

    image: bytes
    milliseconds: int


def read_chunks(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the type and the data of each chunk of a PNG image.

    Raises ValueError if the image is no PNG.
    """
    if not image.startswith(SIGNATURE):
        raise ValueError("the image is no PNG")
    position = len(SIGNATURE)
    while position < len(image):
        length, kind = struct.unpack_from(">I4s", image, position)
        yield kind, image[position + 8 : position + 8 + length]
        position += length + 12


def animate(frames: Sequence[Frame]) -> bytes:
    """Return an animated PNG that shows the frames one after the other, in an endless loop.

    Args:
        frames: At least one; all images have one size and one format.

    Raises:
        ValueError: There is no frame, an image is no PNG, or they differ in size or format.
    """
    if not frames:
        raise ValueError("an animation needs a frame")
    parts = [list(read_chunks(frame.image)) for frame in frames]
    headers = {data for chunks in parts for kind, data in chunks if kind == b"IHDR"}
    if len(headers) != 1:
        raise ValueError("the images differ in size or format")
    [header] = headers
    written = [
        SIGNATURE,
        _chunk(b"IHDR", header),
        # Number of frames; 0: without an end.
        _chunk(b"acTL", struct.pack(">II", len(frames), 0)),
    ]
    sequence = 0
    for place, (frame, chunks) in enumerate(zip(frames, parts, strict=True)):
        delay = min(frame.milliseconds, MAX_DELAY)
        width, height = struct.unpack_from(">II", header)
        # At the corner, for `delay` thousandths of a second; kept, and replaced by the next one.
        control = struct.pack(">IIIIIHHBB", sequence, width, height, 0, 0, delay, 1000, 0, 0)
        written.append(_chunk(b"fcTL", control))
        sequence += 1
        for data in (data for kind, data in chunks if kind == b"IDAT"):
            if place == 0:
                written.append(_chunk(b"IDAT", data))
            else:
                written.append(_chunk(b"fdAT", struct.pack(">I", sequence) + data))
                sequence += 1
    return b"".join([*written, _chunk(b"IEND", b"")])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
