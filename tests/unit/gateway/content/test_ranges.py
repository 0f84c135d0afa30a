"""Ranges of content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix_gateway.content.ranges import (
    MAX_DIRECT_BYTES,
    ByteRange,
    UnsatisfiableRange,
    requested_range,
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", ByteRange(0, 0)),
        ("bytes=5-", ByteRange(5, 9)),
        ("bytes=5-99", ByteRange(5, 9)),
        ("bytes=-99", ByteRange(0, 9)),
        ("Bytes= 1 - 2 ", ByteRange(1, 2)),
    ],
)
def test_range_is_read(header: str, expected: ByteRange) -> None:
    assert requested_range(header, 10) == expected


@pytest.mark.parametrize(
    "header", [None, "", "bytes=-", "bytes=4-3", "lines=1-2", "bytes=1-2,4-5", "bytes=a-b"]
)
def test_header_that_asks_for_no_single_range_is_ignored(header: str | None) -> None:
    assert requested_range(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_range_behind_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(UnsatisfiableRange):
        requested_range(header, 10)


def test_long_range_is_shortened() -> None:
    found = requested_range("bytes=1-", 100 * MAX_DIRECT_BYTES)

    assert found == ByteRange(1, MAX_DIRECT_BYTES)


@given(st.text(max_size=40) | st.from_regex(r"bytes=\d{0,21}-\d{0,21}"), st.integers(1, 10**9))
def test_any_header_gives_a_range_within_the_content(header: str, size: int) -> None:
    try:
        found = requested_range(header, size)
    except UnsatisfiableRange:
        return
    assert found is None or 0 <= found.first <= found.last < size
