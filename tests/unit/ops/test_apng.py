"""The animated PNG of the README is made of single ones."""

import struct
import zlib

import pytest

from ops.apng import MAX_DELAY, SIGNATURE, Frame, animate, read_chunks


def png(color: int, *, width: int = 2, height: int = 1, parts: int = 1) -> bytes:
    """Return a gray image whose data is in some parts."""
    data = zlib.compress(bytes([0, *[color] * width]) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    size = -(-len(data) // parts)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    chunks = [(b"IHDR", header), *((b"IDAT", piece) for piece in pieces), (b"IEND", b"")]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def test_animation_has_the_data_of_each_frame_in_sequence() -> None:
    images = [png(10, parts=2), png(20), png(30, parts=3)]

    chunks = list(read_chunks(animate([Frame(image, 40) for image in images])))

    assert [kind for kind, _ in chunks] == [
        *(b"IHDR", b"acTL"),
        *(b"fcTL", b"IDAT", b"IDAT"),
        *(b"fcTL", b"fdAT"),
        *(b"fcTL", b"fdAT", b"fdAT", b"fdAT"),
        b"IEND",
    ]
    assert chunks[1][1] == struct.pack(">II", 3, 0)
    numbered = [data for kind, data in chunks if kind in (b"fcTL", b"fdAT")]
    assert [struct.unpack_from(">I", data)[0] for data in numbered] == list(range(7))
    second = next(data for kind, data in chunks if kind == b"fdAT")
    assert zlib.decompress(second[4:]) == bytes([0, 20, 20])


def test_animation_shows_each_frame_for_its_time() -> None:
    animation = animate([Frame(png(1), 40), Frame(png(2), 100_000)])

    controls = [data for kind, data in read_chunks(animation) if kind == b"fcTL"]

    assert [struct.unpack_from(">IIIIIHH", data)[1:] for data in controls] == [
        (2, 1, 0, 0, 40, 1000),
        (2, 1, 0, 0, MAX_DELAY, 1000),
    ]


def test_animation_has_valid_checksums() -> None:
    animation = animate([Frame(png(1), 40), Frame(png(2), 40)])

    position = len(SIGNATURE)
    while position < len(animation):
        (length,) = struct.unpack_from(">I", animation, position)
        end = position + 8 + length
        (found,) = struct.unpack_from(">I", animation, end)
        assert found == zlib.crc32(animation[position + 4 : end])
        position = end + 4


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [Frame(b"GIF89a", 40)],
        [Frame(png(1), 40), Frame(png(1, width=3), 40)],
    ],
)
def test_animation_of_what_does_not_fit_together_is_refused(frames: list[Frame]) -> None:
    with pytest.raises(ValueError, match=r"frame|PNG|differ"):
        animate(frames)
