"""Compiles the filters and sort orders that the functions send to Wix Data. Pure.

A condition on a list also holds if one of its members fulfills it. A missing value equals null.
Values of different types are neither smaller nor greater than each other.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from soak.wix.refusals import InvalidRequest, WixRefusal

type Key = tuple[int, Any]
type Test = Callable[[Any], bool]
type Predicate = Callable[[Mapping[str, Any]], bool]

RANGES: Mapping[str, Callable[[Key, Key], bool]] = {
    "$gt": lambda key, limit: key > limit,
    "$gte": lambda key, limit: key >= limit,
    "$lt": lambda key, limit: key < limit,
    "$lte": lambda key, limit: key <= limit,
}


def comparison_key(value: Any) -> Key:
    """Return a key by which any two values can be compared: by type, then by value."""
    if isinstance(value, str):
        return (3, value)
    if value is None:
        return (0, 0)
    if isinstance(value, bool):
        return (1, value)
    if isinstance(value, int | float):
        return (2, value)
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("$date"), str):
        moment = _instant(value["$date"])
        if moment is not None:
            return (4, moment)
    return (5, orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """Return the value at a dotted path of a row; None if there is none."""
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def conditions(filter_: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a filter with their conditions, all of which must hold.

    Conditions within an ``$or`` are left out, since a row can match without them.
    """
    for name, condition in filter_.items():
        if name == "$and" and isinstance(condition, list):
            for part in condition:
                if isinstance(part, dict):
                    yield from conditions(part)
        elif not name.startswith("$"):
            yield name, condition


def fields_of(filter_: Mapping[str, Any]) -> set[str]:
    """Return all fields on which a filter depends, the first part of a path only."""
    found: set[str] = set()
    for name, condition in filter_.items():
        if not name.startswith("$"):
            found.add(name.partition(".")[0])
        elif isinstance(condition, list):
            found.update(*(fields_of(part) for part in condition if isinstance(part, dict)))
    return found


def compile_filter(filter_: Any) -> Predicate:
    """Return a filter as a predicate of a row.

    Raises WixRefusal for a filter that Wix refuses, and for an operator that no function sends.
    """
    if not isinstance(filter_, dict):
        raise InvalidRequest("filter", "must be an object")
    parts = [_compile_member(name, condition) for name, condition in filter_.items()]
    if len(parts) == 1:
        return parts[0]
    return lambda row: all(part(row) for part in parts)


def _compile_member(name: str, condition: Any) -> Predicate:
    if name in ("$and", "$or"):
        if not isinstance(condition, list):
            raise InvalidRequest(f"filter.{name}", "must be a list of filters")
        parts = [compile_filter(part) for part in condition]
        some = all if name == "$and" else any
        return lambda row: some(part(row) for part in parts)
    if name.startswith("$"):
        raise WixRefusal("WDE0070", f"The operator {name} is not allowed")
    test = _compile_condition(condition)
    if "." in name:
        return lambda row: test(value_at(row, name))
    return lambda row: test(row.get(name))


def _compile_condition(condition: Any) -> Test:
    if (
        not isinstance(condition, dict)
        or "$date" in condition
        or not any(key.startswith("$") for key in condition)
    ):
        return _equal_to_one([condition])
    tests = [_compile_operator(name, operand) for name, operand in condition.items()]
    return lambda value: all(test(value) for test in tests)


def _compile_operator(name: str, operand: Any) -> Test:
    if name in RANGES:
        return _range(name, operand)
    match name:
        case "$eq":
            return _equal_to_one([operand])
        case "$ne":
            equal = _equal_to_one([operand])
            return lambda value: not equal(value)
        case "$in" | "$hasSome":
            if not isinstance(operand, list):
                raise InvalidRequest(f"filter.{name}", "must be a list")
            return _equal_to_one(operand)
        case "$exists":
            if not isinstance(operand, bool):
                raise InvalidRequest(f"filter.{name}", "must be a boolean")
            return lambda value: (value is not None) is operand
        case _:
            raise WixRefusal("WDE0070", f"The operator {name} is not allowed")


def _equal_to_one(operands: list[Any]) -> Test:
    wanted = {_operand_key(operand) for operand in operands}

    def holds(value: Any) -> bool:
        if comparison_key(value) in wanted:
            return True
        return isinstance(value, list) and any(comparison_key(one) in wanted for one in value)

    return holds


def _range(name: str, operand: Any) -> Test:
    compare, limit = RANGES[name], _operand_key(operand)

    def holds(value: Any) -> bool:
        if isinstance(value, list):
            return any(map(holds, value))
        key = comparison_key(value)
        return value is not None and key[0] == limit[0] and compare(key, limit)

    return holds


def _operand_key(operand: Any) -> Key:
    key = comparison_key(operand)
    if isinstance(operand, dict) and "$date" in operand and key[0] != 4:
        raise InvalidRequest("filter.$date", "must be a date-time")
    return key


def _instant(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
