"""Wix's query language over the contents of data items: filter, sort, projection. Pure.

Source: https://dev.wix.com/docs/rest/articles/getting-started/api-query-language and the behaviour of Wix Data.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

from emulators.wix.errors import WixError

MAX_FILTER_DEPTH = 20


def matches(filter_: Mapping[str, Any], item: Mapping[str, Any], depth: int = 0) -> bool:
    """Whether an item's contents pass a filter. Raises WixError for a filter that Wix would refuse."""
    if depth > MAX_FILTER_DEPTH:
        raise WixError("WDE0169", "The filter is nested too deep")
    return all(_member(name, condition, item, depth) for name, condition in filter_.items())


def _member(name: str, condition: Any, item: Mapping[str, Any], depth: int) -> bool:
    if name in ("$and", "$or"):
        if not isinstance(condition, list) or not all(isinstance(part, dict) for part in condition):
            raise WixError("WDE0070", f"{name} takes a list of filters")
        results = [matches(part, item, depth + 1) for part in condition]
        return all(results) if name == "$and" else any(results)
    if name == "$not":
        parts = condition if isinstance(condition, list) else [condition]
        return not any(matches(part, item, depth + 1) for part in parts)
    if name.startswith("$"):
        raise WixError("WDE0070", f"{name} is not supported")
    value = at(item, name)
    if isinstance(condition, dict) and any(key.startswith("$") for key in condition) and "$date" not in condition:
        return all(_holds(operator, operand, value, depth) for operator, operand in condition.items())
    return _equal(value, condition)


def _holds(operator: str, operand: Any, value: Any, depth: int) -> bool:
    if operator == "$not":
        return not all(_holds(inner, inner_operand, value, depth + 1) for inner, inner_operand in operand.items())
    if operator not in OPERATORS:
        raise WixError("WDE0070", f"{operator} is not supported")
    if operator in TAKES_A_LIST and not isinstance(operand, list):
        raise WixError("WDE0070", f"{operator} takes a list")
    return OPERATORS[operator](value, operand)


def _members(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any, operand: Any, compare: Callable[[str, str], bool]) -> bool:
    """Text is compared without regard to case."""
    return isinstance(value, str) and isinstance(operand, str) and compare(value.casefold(), operand.casefold())


def _ordered(value: Any, operand: Any, compare: Callable[[Any, Any], bool]) -> bool:
    """Only values of one kind have an order; nothing is before or after a missing value."""
    left, right = comparable(value), comparable(operand)
    return value is not None and left[0] == right[0] and compare(left, right)


def _equal(value: Any, operand: Any) -> bool:
    """Equality; a list also equals each of its members, as in Wix."""
    return _same(value, operand) or (isinstance(value, list) and not isinstance(operand, list) and any(_same(one, operand) for one in value))


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) is isinstance(other, bool) and comparable(one) == comparable(other)


def comparable(value: Any) -> tuple[int, Any]:
    """A key by which any two values can be ordered: by kind first, then by value. A ``{"$date"}`` is ordered in time."""
    match value:
        case None:
            return (0, 0)
        case bool():
            return (1, value)
        case int() | float():
            return (2, value)
        case str():
            return (3, value)
        case {"$date": str() as text}:
            try:
                return (4, datetime.fromisoformat(text).timestamp())
            except ValueError:
                raise WixError("WDE0075", "$date is not a date") from None
        case _:
            return (5, repr(value))


def at(item: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None if there is none."""
    value: Any = item
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def ordered(items: Sequence[dict[str, Any]], sort: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The items in the order that ``sort`` asks for; equal ones keep theirs."""
    result = list(items)
    for rule in reversed(sort):
        name, descending = str(rule.get("fieldName", "")), rule.get("order") == "DESC"
        result.sort(key=lambda item: comparable(at(item, name)), reverse=descending)
    return result


def projected(item: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """The item with nothing but these fields and its id; all of it without ``fields``."""
    return {name: value for name, value in item.items() if name in fields or name == "_id"} if fields else item


TAKES_A_LIST = frozenset({"$in", "$nin", "$hasSome", "$hasAll"})
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$eq": _equal,
    "$ne": lambda value, operand: not _equal(value, operand),
    "$gt": lambda value, operand: _ordered(value, operand, gt),
    "$gte": lambda value, operand: _ordered(value, operand, ge),
    "$lt": lambda value, operand: _ordered(value, operand, lt),
    "$lte": lambda value, operand: _ordered(value, operand, le),
    "$in": lambda value, operand: any(_equal(value, choice) for choice in operand),
    "$nin": lambda value, operand: not any(_equal(value, choice) for choice in operand),
    "$hasSome": lambda value, operand: any(_same(one, choice) for one in _members(value) for choice in operand),
    "$hasAll": lambda value, operand: all(any(_same(one, choice) for one in _members(value)) for choice in operand),
    "$startsWith": lambda value, operand: _text(value, operand, str.startswith),
    "$endsWith": lambda value, operand: _text(value, operand, str.endswith),
    "$contains": lambda value, operand: _text(value, operand, lambda text, part: part in text),
    "$exists": lambda value, operand: (value is not None) is bool(operand),
    "$isEmpty": lambda value, operand: (value in (None, "", [], {})) is bool(operand),
    "$isNotEmpty": lambda value, operand: (value not in (None, "", [], {})) is bool(operand),
}
