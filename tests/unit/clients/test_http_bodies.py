"""Bodies of responses: what is decoded, and what ends when it grows, breaks off or is no gzip."""

import gzip
import zlib
from collections.abc import Iterator, Mapping

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.clients.http_bodies import PIECE, BodyFault, decoded_pieces, small_body

GZIP = {"Content-Encoding": "gzip"}


class Pieces(httpx.SyncByteStream):
    """A body that arrives in pieces. ``fault`` is raised after them."""

    def __init__(self, *pieces: bytes, fault: Exception | None = None) -> None:
        self.pieces = pieces
        self.fault = fault
        self.taken = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.taken += 1
            yield piece
        if self.fault is not None:
            raise self.fault

    def close(self) -> None:
        self.closed = True


def response(headers: Mapping[str, str], *pieces: bytes) -> httpx.Response:
    return httpx.Response(200, headers=headers, stream=Pieces(*pieces))


@given(st.lists(st.binary(max_size=400), max_size=3), st.integers(1, 50))
def test_body_in_any_pieces_and_any_number_of_members_is_what_was_compressed(
    members: list[bytes], size: int
) -> None:
    raw = b"".join(gzip.compress(member) for member in members)
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]

    assert b"".join(decoded_pieces(response(GZIP, *pieces))) == b"".join(members)


@pytest.mark.parametrize("encoding", ["", "identity", "Identity "])
def test_body_without_an_encoding_is_as_it_came(encoding: str) -> None:
    assert list(decoded_pieces(response({"Content-Encoding": encoding}, b"a", b"b"))) == [
        b"a",
        b"b",
    ]


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "deflate", "gzip;q=1", "s3cr3t"])
def test_body_in_an_encoding_that_was_not_asked_for_is_refused_and_not_repeated(
    encoding: str,
) -> None:
    with pytest.raises(BodyFault, match="not asked for") as caught:
        list(decoded_pieces(response({"Content-Encoding": encoding}, b"x")))

    assert encoding not in str(caught.value)


@given(st.binary(min_size=1, max_size=200), st.data())
def test_body_that_breaks_off_anywhere_is_a_fault(content: bytes, data: st.DataObject) -> None:
    raw = gzip.compress(content)
    cut = data.draw(st.integers(1, len(raw) - 1))

    with pytest.raises(BodyFault, match="breaks off"):
        list(decoded_pieces(response(GZIP, raw[:cut])))


def test_body_that_is_no_gzip_is_a_fault() -> None:
    with pytest.raises(BodyFault, match="not valid gzip"):
        list(decoded_pieces(response(GZIP, b"plain text")))


def test_piece_that_expands_is_given_out_in_bounded_pieces_and_ends_at_the_limit() -> None:
    raw = gzip.compress(bytes(20 * PIECE))
    pieces = decoded_pieces(response(GZIP, raw), most=3 * PIECE)
    sizes: list[int] = []

    with pytest.raises(BodyFault, match=f"exceeds {3 * PIECE} bytes"):
        sizes.extend(map(len, pieces))

    assert max(sizes) <= PIECE
    assert sum(sizes) <= 3 * PIECE


def test_body_that_arrives_and_decodes_to_nothing_ends_at_the_limit_too() -> None:
    empty = gzip.compress(b"")
    answer = response(GZIP, *[empty] * 100)

    with pytest.raises(BodyFault, match="exceeds 200 bytes"):
        list(decoded_pieces(answer, most=200))

    assert isinstance(answer.stream, Pieces)
    assert answer.stream.taken < 20


def test_small_body_is_read_once_and_shown_again_to_whoever_reads_it() -> None:
    stream = Pieces(gzip.compress(b"{}"))
    answer = httpx.Response(200, headers=GZIP, stream=stream)

    assert small_body(answer, 100) == b"{}"
    assert stream.closed
    assert answer.read() == b"{}"


@pytest.mark.parametrize(
    "stream",
    [
        Pieces(b"x" * 101),
        Pieces(zlib.compress(b"x")),
        Pieces(fault=httpx.ReadError("broken")),
    ],
)
def test_small_body_that_cannot_be_read_closes_the_response_and_leaves_it_empty(
    stream: Pieces,
) -> None:
    answer = httpx.Response(
        200, headers=GZIP, stream=stream, request=httpx.Request("GET", "https://vendor.example/")
    )

    with pytest.raises((BodyFault, httpx.ReadError)):
        small_body(answer, 100)

    assert stream.closed
    assert answer.read() == b""
