"""Codec for DynamoDB items: converts plain Python values to attribute values, and back.

=======================  ==========================  ============================
attribute type           encoded from                decoded to
=======================  ==========================  ============================
``S``                    ``str``                     ``str``
``N``                    ``int``, ``Decimal``        ``int`` if whole and written
                                                     so, else ``Decimal``
``BOOL``                 ``bool``                    ``bool``
``SS``                   non-empty set of ``str``    ``frozenset`` of ``str``
=======================  ==========================  ============================

It replaces boto3's ``TypeSerializer`` and ``TypeDeserializer`` for three reasons:

- The webhook functions write items without boto3 and botocore, to keep their cold start short.
- boto3 decodes every number to ``Decimal``. Revisions and versions are ``int`` here.
- boto3 needs about four times as long: 3.75 against 0.85 microseconds for an item of four values.

A ``float`` is refused, as by boto3. Convert a time with :func:`seconds_number` first.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Imported where a number is not whole: it would cost the edge 1 ms of each cold start.
    from decimal import Decimal

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

type Value = str | int | Decimal | bool | AbstractSet[str]
"""The value of an attribute. An attribute without a value is left out of its item."""

type Item = Mapping[str, Any]
"""A decoded item: each value is of one of the types of ``Value``."""


def encode_item(values: Mapping[str, Value]) -> "dict[str, AttributeValueTypeDef]":
    """Encode an item, a key, or the values of an expression as DynamoDB attribute values.

    Raises:
        TypeError: A value is of no type that the table in the module's docstring lists.
        ValueError: A set is empty, or a number is infinite or NaN: DynamoDB stores neither.

    >>> encode_item({"row": "PartnerStatus#p1", "revision": 3, "entries": {"d-2", "d-1"}})
    {'row': {'S': 'PartnerStatus#p1'}, 'revision': {'N': '3'}, 'entries': {'SS': ['d-1', 'd-2']}}
    """
    return {name: encode_value(value) for name, value in values.items()}


def encode_value(value: Value) -> "AttributeValueTypeDef":
    """Encode one value as a DynamoDB attribute value.

    Sets are sorted, so equal items are equal bytes. Raises TypeError and ValueError as
    :func:`encode_item` does.

    >>> encode_value(True)
    {'BOOL': True}
    """
    if isinstance(value, str):
        return {"S": value}
    # Before int: bool is a subclass of it.
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, AbstractSet):
        return {"SS": _sorted_members(value)}
    return {"N": _decimal_text(value)}


def decode_item(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Decode a stored DynamoDB item to plain Python values. Inverse of :func:`encode_item`.

    Attributes of other types, which gridwix never writes, are left out: an attribute that was added
    manually does not make the item unreadable.

    >>> decode_item({"revision": {"N": "3"}, "at": {"N": "1780000000.5"}, "other": {"NULL": True}})
    {'revision': 3, 'at': Decimal('1780000000.5')}
    """
    item: dict[str, Any] = {}
    for name, attribute in attributes.items():
        if "S" in attribute:
            item[name] = attribute["S"]
        elif "N" in attribute:
            item[name] = _parse_number(attribute["N"])
        elif "BOOL" in attribute:
            item[name] = attribute["BOOL"]
        elif "SS" in attribute:
            item[name] = frozenset(attribute["SS"])
    return item


def seconds_number(seconds: float) -> "Decimal":
    """Convert a time or duration in seconds to a number for an item, without loss of precision.

    ``float`` of the result is the same time again.

    >>> seconds_number(1780000000.1)
    Decimal('1780000000.1')
    """
    from decimal import Decimal

    return Decimal(repr(seconds))


def _decimal_text(value: "Decimal") -> str:
    from decimal import Decimal

    if not isinstance(value, Decimal):
        raise TypeError(f"DynamoDB items hold no {type(value).__name__} here")
    if not value.is_finite():
        raise ValueError("DynamoDB stores no infinite number and no NaN")
    return str(value)


def _sorted_members(values: AbstractSet[str]) -> list[str]:
    if not values:
        raise ValueError("DynamoDB stores no empty set")
    if not all(isinstance(value, str) for value in values):
        raise TypeError("DynamoDB sets hold only texts here")
    return sorted(values)


def _parse_number(text: str) -> "int | Decimal":
    try:
        return int(text)
    except ValueError:
        from decimal import Decimal

        return Decimal(text)
