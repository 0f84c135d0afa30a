"""Attribute values of DynamoDB: checks, canonical forms, sizes and the stored form of an item.

Values are typed as on the wire: ``{"S": "text"}``. The types are those that the functions write: S,
N, B, BOOL and SS. Any other is refused.
"""

import pickle
import re
from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

import orjson

type Attribute = Mapping[str, Any]
"""A typed value, in its canonical form once it was read by :func:`read_values`."""

type Item = dict[str, Attribute]
"""Attributes by name."""

type Packed = bytes
"""An item as it is stored, in a fraction of the memory of its dicts.

It is JSON, or a pickle if it has binary values.
"""

type Plain = str | int | Decimal | bool | bytes | frozenset[str]
"""A value without its type."""

MAX_ITEM = 400 * 1024
"""Maximum size of an item in bytes."""

_CANONICAL = re.compile(r"0|-?(?:[1-9]\d{0,24}|(?:0|[1-9]\d{0,24})\.\d{0,11}[1-9])", re.ASCII)
"""Pattern of numbers that need no conversion, nearly all: whole ones, and times in seconds."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DIGITS = 38
_EXACT = Context(prec=400, Emax=999, Emin=-999)


class Refusal(Exception):
    """An error response of DynamoDB. ``members`` are those of the body, beside code and message."""

    def __init__(
        self, code: str, message: str, status: int = 400, members: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members or {}


def invalid(message: str) -> Refusal:
    """Return DynamoDB's response to a request that breaks a rule (ValidationException)."""
    return Refusal("ValidationException", message)


def not_known(what: str) -> Refusal:
    """Return the refusal of a feature that DynamoDB may have and this model lacks."""
    return invalid(f"the model of DynamoDB does not know {what}")


def read_values(attributes: Mapping[str, Attribute]) -> Mapping[str, Attribute]:
    """Return typed values in their canonical form. Raises Refusal for a value of an unknown
    type.
    """
    others: Item | None = None
    for name, attribute in attributes.items():
        # Nearly all are texts and whole numbers, which are canonical.
        if len(attribute) == 1:
            value = attribute.get("S")
            if value.__class__ is str:
                continue
            value = attribute.get("N")
            if value.__class__ is str and _CANONICAL.fullmatch(value):
                continue
        if others is None:
            others = {}
        others[name] = _read_value(name, attribute)
    return attributes if others is None else {**attributes, **others}


def _read_value(name: str, attribute: Attribute) -> Attribute:
    if len(attribute) != 1:
        raise invalid("Supplied AttributeValue must contain exactly one type")
    for kind, value in attribute.items():
        if kind == "N":
            return {kind: canonical_number(value)}
        types: Mapping[str, type] = {"S": str, "BOOL": bool, "B": bytes, "SS": list}
        if kind not in types:
            raise not_known(f"the type {kind}")
        if not isinstance(value, types[kind]):
            raise Refusal("SerializationException", f"the value of {name} is not of its type")
        return {kind: _read_set(value) if kind == "SS" else value}
    raise AssertionError("it has one type")


def _read_set(members: Any) -> list[str]:
    if not members:
        raise invalid("An string set  may not be empty")
    if not all(isinstance(member, str) for member in members):
        raise Refusal("SerializationException", "a member of a set is not of its type")
    if len(set(members)) < len(members):
        raise invalid("Input collection contains duplicates.")
    return sorted(members)


def canonical_number(text: object) -> str:
    """Return a number as DynamoDB does: decimal digits without needless zeros.

    >>> canonical_number("1780000000.50"), canonical_number("-1E+2"), canonical_number("0.0")
    ('1780000000.5', '-100', '0')
    """
    if not isinstance(text, str):
        raise Refusal("SerializationException", "a number is sent as a text")
    if _CANONICAL.fullmatch(text):
        return text
    if not _NUMBER.fullmatch(text):
        raise invalid(f"The parameter cannot be converted to a numeric value: {text}")
    number = Decimal(text).normalize(_EXACT)
    if not number:
        return "0"
    if not -130 <= number.adjusted() <= 125:
        raise invalid("Number overflow or underflow: its magnitude is outside of the range")
    if len(number.as_tuple().digits) > _DIGITS:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    return format(number, "f")


def number_of(text: str) -> int | Decimal:
    """Return the Python number of a canonical number."""
    try:
        return int(text)
    except ValueError:
        return Decimal(text)


def plain_value(attribute: Attribute) -> Plain:
    """Return a typed value as a Python value without its type."""
    for kind, value in attribute.items():
        if kind == "N":
            return number_of(value)
        if kind == "SS":
            return frozenset(value)
        plain: Plain = value
        return plain
    raise ValueError("an attribute value has a type")


def item_size(item: Mapping[str, Attribute]) -> int:
    """Return the size of an item in bytes, as DynamoDB counts them.

    Names and texts count in UTF-8, a number one byte for two digits and one more.
    """
    size = 0
    for name, attribute in item.items():
        size += _text_size(name)
        for kind, value in attribute.items():
            if kind == "S":
                size += _text_size(value)
            elif kind == "N":
                size += len(value.strip("-0.").replace(".", "")) // 2 + 2
            elif kind == "SS":
                size += sum(map(_text_size, value))
            else:
                size += len(value) if kind == "B" else 1
    return size


def _text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def pack(item: Mapping[str, Attribute]) -> Packed:
    """Return the compact stored form of an item of canonical values.

    Raises Refusal if it is larger than an item may be, or a text is no Unicode.
    """
    try:
        # A copy: a kept result of orjson holds a buffer of 4 KB.
        packed = bytes(memoryview(orjson.dumps(item)))
    except orjson.JSONEncodeError as error:
        if not any("B" in attribute for attribute in item.values()):
            raise Refusal("SerializationException", str(error)) from error
        packed = pickle.dumps(item)
    # Neither form is ever smaller than what DynamoDB counts.
    if len(packed) > MAX_ITEM and item_size(item) > MAX_ITEM:
        raise invalid("Item size has exceeded the maximum allowed size")
    return packed


def unpack(packed: Packed) -> Item:
    """Return the item of a stored form, as a copy that the caller may change."""
    item: Item = orjson.loads(packed) if packed.startswith(b"{") else pickle.loads(packed)
    return item
