"""The evaluation of DynamoDB's expressions: closures over an item and the values of a request.

A missing attribute makes a comparison or a function false, except ``attribute_not_exists``.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from soak.cloud.attribute_values import (
    Attribute,
    Item,
    canonical_number,
    invalid,
    not_known,
    number_of,
)

_EXACT = 400
"""Digits to compute a sum with before it is rounded: more than any sum has."""

type Values = Mapping[str, Attribute]
type Condition = Callable[[Mapping[str, Attribute], Values], bool]
type Operand = Callable[[Mapping[str, Attribute], Values], Attribute | None]

ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Update:
    """The actions of an update expression, by the attribute that each changes.

    ``changed`` are the names of all attributes that the expression changes.
    """

    sets: tuple[tuple[str, Operand], ...]
    removes: tuple[str, ...]
    adds: tuple[tuple[str, str], ...]
    changed: tuple[str, ...]

    def apply(self, item: Mapping[str, Attribute], values: Values) -> Item:
        """Return the item after the update. All operands are those of the item before it."""
        after = dict(item)
        for name, operand in self.sets:
            value = operand(item, values)
            if value is None:
                raise invalid(
                    "The provided expression refers to an attribute that does not exist in the item"
                )
            after[name] = value
        for name in self.removes:
            after.pop(name, None)
        for name, value_name in self.adds:
            after[name] = _added(item.get(name), values[value_name])
        return after


def stored(name: str) -> Operand:
    """Operand: an attribute of the item."""
    return lambda item, _: item.get(name)


def given(name: str) -> Operand:
    """Operand: a value of the request."""
    return lambda _, values: values[name]


def size(name: str) -> Operand:
    """Operand: the number of members of a set, or of bytes of a binary value."""

    def measure(item: Mapping[str, Attribute], _: Values) -> Attribute | None:
        attribute = item.get(name)
        if attribute is None:
            return None
        for kind in ("SS", "B"):
            if kind in attribute:
                return {"N": str(len(attribute[kind]))}
        raise not_known(f"the size of {', '.join(attribute)}")

    return measure


def if_not_exists(name: str, otherwise: Operand) -> Operand:
    """Operand: an attribute of the item, or another operand if it is missing."""
    return lambda item, values: item[name] if name in item else otherwise(item, values)


def arithmetic(left: Operand, right: Operand, direction: int) -> Operand:
    """Operand: the sum (direction 1) or difference (-1) of two operands."""

    def compute(item: Mapping[str, Attribute], values: Values) -> Attribute | None:
        one, other = left(item, values), right(item, values)
        if one is None or other is None:
            return None
        if "N" not in one or "N" not in other:
            raise invalid("An operand in the update expression has an incorrect data type")
        return _number_sum(one["N"], other["N"], direction)

    return compute


def presence(name: str, *, wanted: bool) -> Condition:
    """Condition: ``attribute_exists``, or with ``wanted`` false ``attribute_not_exists``."""
    if wanted:
        return lambda item, _: name in item
    return lambda item, _: name not in item


def both(left: Condition, right: Condition) -> Condition:
    """Condition: ``left AND right``."""
    return lambda item, values: left(item, values) and right(item, values)


def either(left: Condition, right: Condition) -> Condition:
    """Condition: ``left OR right``."""
    return lambda item, values: left(item, values) or right(item, values)


def negated(condition: Condition) -> Condition:
    """Condition: ``NOT condition``."""
    return lambda item, values: not condition(item, values)


def equal(left: Operand, right: Operand) -> Condition:
    """Condition: ``left = right``, so the same type and value."""

    def test(item: Mapping[str, Attribute], values: Values) -> bool:
        one = left(item, values)
        return one is not None and one == right(item, values)

    return test


def ordered(sign: str, left: Operand, right: Operand) -> Condition:
    """Condition: ``left < right`` and the like. It is false for values of two types."""
    compare = ORDER[sign]

    def test(item: Mapping[str, Attribute], values: Values) -> bool:
        one, other = left(item, values), right(item, values)
        if one is None or other is None:
            return False
        if "N" in one and "N" in other:
            return compare(number_of(one["N"]), number_of(other["N"]))
        for kind in ("S", "B"):
            if kind in one and kind in other:
                return compare(one[kind], other[kind])
        for attribute in (one, other):
            if attribute.keys() & {"BOOL", "SS"}:
                raise not_known(f"an order of {', '.join(attribute)}")
        return False

    return test


def contains(container: Operand, part: Operand) -> Condition:
    """Condition: ``contains``, for a member of a set or a part of a text."""

    def test(item: Mapping[str, Attribute], values: Values) -> bool:
        whole, one = container(item, values), part(item, values)
        if whole is None or one is None or "S" not in one:
            return False
        return one["S"] in (whole.get("SS") or whole.get("S") or ())

    return test


def begins_with(container: Operand, prefix: Operand) -> Condition:
    """Condition: ``begins_with``, for the beginning of a text."""

    def test(item: Mapping[str, Attribute], values: Values) -> bool:
        whole, one = container(item, values), prefix(item, values)
        if one is None or "S" not in one:
            raise not_known("a prefix that is no text")
        return whole is not None and str(whole.get("S", "")).startswith(one["S"]) and "S" in whole

    return test


def _added(before: Attribute | None, value: Attribute) -> Attribute:
    """Return the result of the update action ADD."""
    if "N" not in value and "SS" not in value:
        raise invalid("Incorrect operand type for operator or function; operator: ADD")
    if before is None:
        return value
    if "N" in before and "N" in value:
        return _number_sum(before["N"], value["N"], 1)
    if "SS" in before and "SS" in value:
        return {"SS": sorted({*before["SS"], *value["SS"]})}
    raise invalid("An operand in the update expression has an incorrect data type")


def _number_sum(left: str, right: str, direction: int) -> Attribute:
    one, other = number_of(left), number_of(right)
    if isinstance(one, int) and isinstance(other, int):
        return {"N": canonical_number(str(one + direction * other))}
    with localcontext(prec=_EXACT):
        return {"N": canonical_number(str(Decimal(one) + direction * Decimal(other)))}
