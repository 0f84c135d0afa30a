"""Wix's query language over data items: filter, sort order, projection. Pure.

Source: https://dev.wix.com/docs/rest/articles/getting-started/api-query-language and the filters
that ``@wix/data`` builds. As in the document database behind Wix Data, a condition on a list also
holds if one of its members fulfills it, a missing value equals ``null``, and values of different
types are neither smaller nor greater than each other.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.wire import Data

MAX_FILTER_DEPTH = 20

type Predicate = Callable[[Data], bool]
type Test = Callable[[Any], bool]
type Key = tuple[int, Any]
type Reader = Callable[[Mapping[str, Any], str], Any]
"""Returns the value at a path in an item's contents."""


def value_at(item: Mapping[str, Any], path: str) -> Any:
    """Return the value at a dotted path in an item; None if there is none.

    >>> value_at({"name": {"first": "Dana"}}, "name.first")
    'Dana'
    """
    value: Any = item
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def comparison_key(value: Any) -> Key:
    """Return a key for comparing any two JSON values: first by type, then by value.

    A ``{"$date"}`` counts as its point in time.
    """
    match value:
        case None:
            return (0, 0)
        case bool():
            return (1, value)
        case int() | float():
            return (2, value)
        case str():
            return (3, value)
        case {"$date": str() as text} if (
            len(value) == 1 and (moment := _read_instant(text)) is not None
        ):
            return (4, moment)
        case _:
            return (5, orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def _read_instant(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def compile_filter(filter_: Any, depth: int = 0, *, read: Reader = value_at) -> Predicate:
    """Compile a filter to a predicate, which returns True for an item that matches.

    ``read`` returns the value at a path in an item.

    Raises WixError or InvalidRequest for a filter that Wix refuses.

    >>> compile_filter({"open": True, "count": {"$gte": 2}})({"open": True, "count": 3})
    True
    """
    if not isinstance(filter_, dict):
        raise InvalidRequest("filter", "must be an object")
    if depth > MAX_FILTER_DEPTH:
        raise WixError("WDE0169", f"The filter is nested deeper than {MAX_FILTER_DEPTH}")
    return _all_of(
        [_compile_member(name, condition, depth, read) for name, condition in filter_.items()]
    )


def _compile_member(name: str, condition: Any, depth: int, read: Reader) -> Predicate:
    match name:
        case "$and":
            return _all_of(_compile_parts(name, condition, depth, read))
        case "$or":
            choices = _compile_parts(name, condition, depth, read)
            return lambda item: any(choice(item) for choice in choices)
        case "$not":
            unwanted = _compile_parts(
                name, condition if isinstance(condition, list) else [condition], depth, read
            )
            return lambda item: not any(part(item) for part in unwanted)
        case _ if name.startswith("$"):
            raise WixError("WDE0070", f"The operator {name} is not allowed")
        case _:
            return _on_field(name, _compile_condition(condition, depth), read)


def _compile_parts(name: str, condition: Any, depth: int, read: Reader) -> list[Predicate]:
    if not isinstance(condition, list):
        raise InvalidRequest(f"filter.{name}", "must be a list of filters")
    return [compile_filter(part, depth + 1, read=read) for part in condition]


def _all_of(parts: list[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]
    return lambda item: all(part(item) for part in parts)


def _on_field(path: str, test: Test, read: Reader) -> Predicate:
    if "." in path or read is not value_at:
        return lambda item: test(read(item, path))
    return lambda item: test(item.get(path))


def _compile_condition(condition: Any, depth: int) -> Test:
    if (
        not isinstance(condition, dict)
        or not any(key.startswith("$") for key in condition)
        or "$date" in condition
    ):
        return _equal_to(condition)
    tests = [_compile_operator(name, operand, depth) for name, operand in condition.items()]
    return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)


def _compile_operator(name: str, operand: Any, depth: int) -> Test:
    match name:
        case "$eq":
            return _equal_to(operand)
        case "$ne":
            return _inverse(_equal_to(operand))
        case "$not":
            return _inverse(_compile_nested(operand, depth))
        case "$in" | "$hasSome":
            return _is_among(_operand_keys(name, operand))
        case "$nin":
            return _inverse(_is_among(_operand_keys(name, operand)))
        case "$hasAll":
            wanted = _operand_keys(name, operand)
            return lambda value: bool(wanted) and wanted <= _member_keys(value)
        case "$exists":
            return _has_value(name, operand)
        case "$gt" | "$gte" | "$lt" | "$lte":
            return _comparison(name, _operand_key(operand))
        case "$startsWith" | "$endsWith" | "$contains":
            return _text_comparison(name, operand)
        case _:
            raise WixError("WDE0070", f"The operator {name} is not allowed")


def _compile_nested(condition: Any, depth: int) -> Test:
    if depth > MAX_FILTER_DEPTH:
        raise WixError("WDE0169", f"The filter is nested deeper than {MAX_FILTER_DEPTH}")
    return _compile_condition(condition, depth + 1)


def _has_value(name: str, operand: Any) -> Test:
    if not isinstance(operand, bool):
        raise InvalidRequest(f"filter.{name}", "must be a boolean")
    return lambda value: (value is not None) is operand


def _inverse(test: Test) -> Test:
    return lambda value: not test(value)


def _equal_to(operand: Any) -> Test:
    wanted = _operand_key(operand)
    if isinstance(operand, str):
        return lambda value: value == operand or (isinstance(value, list) and operand in value)
    return lambda value: (
        comparison_key(value) == wanted
        or (isinstance(value, list) and any(comparison_key(one) == wanted for one in value))
    )


def _is_among(wanted: set[Key]) -> Test:
    return lambda value: not wanted.isdisjoint(_member_keys(value))


def _member_keys(value: Any) -> set[Key]:
    """Return the comparison keys of a value: its own, and those of its members if it is a list."""
    return (
        {comparison_key(value), *map(comparison_key, value)}
        if isinstance(value, list)
        else {comparison_key(value)}
    )


def _comparison(name: str, limit: Key) -> Test:
    def holds(value: Any) -> bool:
        key = comparison_key(value)
        if key[0] != limit[0] or value is None:
            return False
        match name:
            case "$gt":
                return bool(key > limit)
            case "$gte":
                return bool(key >= limit)
            case "$lt":
                return bool(key < limit)
            case _:
                return bool(key <= limit)

    return lambda value: any(map(holds, value)) if isinstance(value, list) else holds(value)


def _text_comparison(name: str, operand: Any) -> Test:
    """Compile an operator on texts, such as ``$contains``, to a case-insensitive predicate.

    Source: https://dev.wix.com/docs/rest/business-solutions/cms/indexes/introduction.
    """
    if not isinstance(operand, str):
        raise InvalidRequest(f"filter.{name}", "must be a string")
    part = operand.casefold()
    compare: Callable[[str], bool] = {
        "$startsWith": lambda text: text.startswith(part),
        "$endsWith": lambda text: text.endswith(part),
        "$contains": lambda text: part in text,
    }[name]
    values: Callable[[Any], list[Any]] = lambda value: value if isinstance(value, list) else [value]  # noqa: E731 - a shorthand for one line
    return lambda value: any(
        isinstance(one, str) and compare(one.casefold()) for one in values(value)
    )


def _operand_keys(name: str, operand: Any) -> set[Key]:
    if not isinstance(operand, list):
        raise InvalidRequest(f"filter.{name}", "must be a list")
    return set(map(_operand_key, operand))


def _operand_key(operand: Any) -> Key:
    if isinstance(operand, dict) and "$date" in operand and comparison_key(operand)[0] != 4:
        raise InvalidRequest("filter.$date", "must be a date-time")
    return comparison_key(operand)


def sort_rules(sort: Any) -> list[tuple[str, bool]]:
    """Return the names of the fields to sort by, each with True if its order is descending."""
    if sort is None:
        return []
    if not isinstance(sort, list):
        raise InvalidRequest("sort", "must be a list")
    rules = []
    for rule in sort:
        name = rule.get("fieldName") if isinstance(rule, dict) else None
        if (
            not isinstance(name, str)
            or not name
            or name.startswith("$")
            or rule.get("order", "ASC") not in ("ASC", "DESC")
        ):
            raise InvalidRequest("sort", "needs a fieldName, and ASC or DESC as its order")
        rules.append((name, rule.get("order") == "DESC"))
    return rules


class Descending:
    """Wraps a sort key so that it sorts in reverse order."""

    __slots__ = ("key",)

    def __init__(self, key: Key) -> None:
        self.key = key

    def __lt__(self, other: "Descending") -> bool:
        return other.key < self.key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Descending) and self.key == other.key

    __hash__ = None  # type: ignore[assignment]


def project_fields(item: Data, fields: Sequence[str]) -> Data:
    """Return an item with only its id and these fields; the whole item if ``fields`` is empty.

    Fields may be dotted paths.
    """
    if not fields:
        return item
    result: Data = {"_id": item["_id"]}
    for path in fields:
        value = value_at(item, path)
        if value is None:
            continue
        *parents, leaf = path.split(".")
        target = result
        for parent in parents:
            target = target.setdefault(parent, {})
        target[leaf] = value
    return result
