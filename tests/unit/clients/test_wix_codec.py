"""Values as Wix's JSON, and back."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.clients.wix.codec import _encode_strictly, decode, encode
from gridwix.errors import NotJson
from tests.examples import examples
from tests.fakes.wire import SECRET, shown

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ZONES = st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("0001-01-02"),
    max_value=datetime.fromisoformat("9999-12-30"),
    timezones=st.just(UTC) | ZONES,
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | MOMENTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXT.filter(lambda name: name != "$date"), inner, max_size=4)
    ),
)


class Mode(StrEnum):
    FAST = "fast"


class Pair(NamedTuple):
    first: object
    second: object


@dataclass
class Record:
    member: object


ODD_SCALARS = (
    SCALARS
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary(max_size=4)
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.decimals()
    | st.sampled_from(
        [
            2**63 - 1,
            2**63,
            2**64 - 1,
            2**64,
            -(2**63) - 1,
            "null",
            "\ud800",
            "\x00",
            Mode.FAST,
        ]
    )
)
ODD_KEYS = (
    st.text(max_size=4) | st.integers() | st.booleans() | st.none() | st.floats() | st.dates()
)
ODD_VALUES = st.recursive(
    ODD_SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(ODD_KEYS, inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3).map(MappingProxyType)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3).map(OrderedDict)
        | st.tuples(inner, inner).map(lambda both: Pair(*both))
        | inner.map(Record)
    ),
    max_leaves=6,
)


@given(ODD_VALUES)
@settings(max_examples=examples(166))
def test_encode_when_the_value_is_anything_then_it_writes_what_the_standard_library_would(
    value: Any,
) -> None:
    try:
        expected = _encode_strictly(value)
    except NotJson as error:
        with pytest.raises(NotJson) as caught:
            encode(value)
        assert str(caught.value) == str(error)
        return
    assert json.loads(encode(value)) == json.loads(expected)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_encode_when_a_number_is_none_then_a_null_does_not_stand_for_it(value: float) -> None:
    for holder in (value, [None, value], {"a": [{"b": value}]}, {"text": "null", "a": value}):
        with pytest.raises(NotJson):
            encode(holder)


def test_encode_when_a_member_is_none_then_it_is_null() -> None:
    assert encode({"a": None, "text": "null"}) == b'{"a":null,"text":"null"}'


@given(VALUES)
def test_value_when_it_is_written_and_read_then_it_is_the_same(value: Any) -> None:
    assert decode(encode(value)) == value


@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: json.dumps({"a": {"$date": text}}).encode())
)
def test_decode_when_the_body_is_anything_then_it_answers(body: bytes) -> None:
    decode(body)


@given(
    st.recursive(
        st.just(object()) | st.binary() | st.floats() | st.datetimes() | st.text() | MOMENTS,
        lambda inner: st.lists(inner, max_size=3),
    )
)
def test_encode_when_the_value_is_anything_then_it_writes_json_or_raises_value_error(
    value: Any,
) -> None:
    try:
        body = encode(value)
    except ValueError:
        return
    json.loads(body)


def test_date_time_when_it_is_written_then_it_is_utc_with_milliseconds() -> None:
    moment = datetime(2026, 1, 2, 4, 4, 5, 678_912, tzinfo=timezone(timedelta(hours=1)))

    assert encode({"when": moment}) == b'{"when":{"$date":"2026-01-02T03:04:05.678Z"}}'


def test_date_when_it_is_written_then_it_is_text() -> None:
    assert encode([date(2026, 3, 20)]) == b'["2026-03-20"]'


def test_mapping_when_it_is_no_dict_then_it_is_an_object() -> None:
    inner: Mapping[str, int] = MappingProxyType({"b": 1})

    assert encode({"a": inner}) == b'{"a":{"b":1}}'


@pytest.mark.parametrize(
    "value",
    [
        {"a": datetime.fromisoformat("2026-01-01T00:00:00")},
        {"a": datetime.fromisoformat("0001-01-01T00:00:00+14:00")},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": b"bytes"},
        {"a": {1, 2}},
        {"a": "\ud800"},
        {("a", "b"): 1},
        {"a": object()},
    ],
)
def test_value_when_wix_cannot_hold_it_then_it_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        encode(value)


def test_value_when_it_contains_itself_or_is_too_deep_then_it_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]

    for value in (loop, deep):
        with pytest.raises(ValueError, match="cannot be written as JSON"):
            encode(value)


def test_value_when_it_is_refused_then_it_is_not_told() -> None:
    with pytest.raises(ValueError, match="cannot be written") as caught:
        encode({SECRET: f"{SECRET}\ud800"})

    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize(
    "found",
    [
        {"$date": "yesterday"},
        {"$date": 1_700_000_000_000},
        {"$date": None},
        {"$date": "2026-01-02T03:04:05"},
        {"$date": "2026-01-02T03:04:05Z", "other": 1},
        {"$date": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_object_when_it_only_looks_like_a_date_time_then_it_stays(found: object) -> None:
    assert decode(json.dumps({"a": found}).encode()) == {"a": found}


def test_date_time_when_it_is_read_then_it_is_utc() -> None:
    read = decode(b'{"a": {"$date": "2026-01-02T04:04:05.678+01:00"}}')["a"]

    assert read == datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    assert read.tzinfo is UTC
