"""The codec for DynamoDB items. boto3's own is the judge of what is sent."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from gridwix.clients.aws.items import Value, decode_item, encode_item, seconds_number
from tests.fakes.aws import OneAtATime, as_client, create_table

NUMBERS = st.integers(-(10**37), 10**37) | st.decimals(-(10**9), 10**9, places=6)
VALUES = st.text() | NUMBERS | st.booleans() | st.frozensets(st.text(min_size=1), min_size=1)
ITEMS = st.dictionaries(st.text(min_size=1), VALUES)


@given(ITEMS)
def test_item_when_encoded_and_decoded_is_the_same(item: Mapping[str, Value]) -> None:
    decoded = decode_item(encode_item(item))

    assert decoded == item
    assert {name: isinstance(value, bool) for name, value in decoded.items()} == {
        name: isinstance(value, bool) for name, value in item.items()
    }


@given(ITEMS)
def test_item_is_encoded_as_by_boto3(item: Mapping[str, Value]) -> None:
    serializer = TypeSerializer()

    expected = {
        name: serializer.serialize(set(value) if isinstance(value, frozenset) else value)
        for name, value in item.items()
    }

    assert {name: _unordered(value) for name, value in encode_item(item).items()} == {
        name: _unordered(value) for name, value in expected.items()
    }


def _unordered(attribute: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: set(value) if kind == "SS" else value for kind, value in attribute.items()}


@given(st.floats(min_value=1.0, max_value=1e15))
def test_time_is_written_as_before_and_comes_back_exact(seconds: float) -> None:
    encoded = encode_item({"at": seconds_number(seconds)})

    assert encoded == {"at": {"N": repr(seconds)}}
    assert float(decode_item(encoded)["at"]) == seconds


def test_item_is_encoded_to_the_bytes_that_stored_items_have() -> None:
    item: dict[str, Value] = {
        "row": "A#1",
        "revision": 3,
        "heldUntil": seconds_number(1090.0),
        "resyncing": False,
        "entries": frozenset({"b", "a"}),
    }

    assert encode_item(item) == {
        "row": {"S": "A#1"},
        "revision": {"N": "3"},
        "heldUntil": {"N": "1090.0"},
        "resyncing": {"BOOL": False},
        "entries": {"SS": ["a", "b"]},
    }


@pytest.mark.parametrize("value", [1.5, None, b"bytes", ["list"], {"a": "map"}, {1, 2}])
def test_value_of_a_type_that_items_do_not_hold_raises(value: Any) -> None:
    with pytest.raises(TypeError):
        encode_item({"at": value})


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), frozenset()])
def test_value_that_dynamodb_cannot_store_raises(value: Any) -> None:
    with pytest.raises(ValueError, match="DynamoDB stores no"):
        encode_item({"at": value})


def test_attribute_of_another_type_is_left_out() -> None:
    attributes = {
        "id": {"S": "a"},
        "none": {"NULL": True},
        "map": {"M": {}},
        "list": {"L": []},
        "bytes": {"B": b""},
        "numbers": {"NS": ["1"]},
    }

    assert decode_item(attributes) == {"id": "a"}


def test_stored_item_is_read_back(tables: OneAtATime) -> None:
    client, table = as_client(tables), create_table(tables, "id")
    item: dict[str, Value] = {
        "id": "a",
        "revision": 7,
        "at": seconds_number(1_780_000_000.25),
        "done": True,
        "entries": frozenset({"x", "y"}),
    }

    client.put_item(TableName=table, Item=encode_item(item))

    assert (
        decode_item(client.get_item(TableName=table, Key=encode_item({"id": "a"}))["Item"]) == item
    )
