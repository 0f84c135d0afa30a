"""Checks bodies of requests by the schemas of the profile's OpenAPI file.

Only the keywords that these schemas use are known; the checks are compiled once.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from emulators.common.clock import is_rfc3339
from emulators.trading_grid.problems import Problem

PROFILE = Path(__file__).parents[2] / "docs/community-gateway.openapi.yaml"
MAX_FAULTS = 20

type Schema = dict[str, Any]
type Fault = tuple[str, str]
"""Pointer and keyword."""
type Check = Callable[[Any, str], Iterator[Fault]]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "null": (type(None),),
}
_LIMITS: dict[str, Callable[[Any, Any], bool]] = {
    "minLength": lambda value, limit: isinstance(value, str) and len(value) < limit,
    "maxLength": lambda value, limit: isinstance(value, str) and len(value) > limit,
    "minimum": lambda value, limit: isinstance(value, int) and value < limit,
    "maximum": lambda value, limit: isinstance(value, int) and value > limit,
    "maxItems": lambda value, limit: isinstance(value, list) and len(value) > limit,
    "maxProperties": lambda value, limit: isinstance(value, dict) and len(value) > limit,
    "enum": lambda value, choices: value not in choices,
    "pattern": lambda value, shape: isinstance(value, str) and not re.search(shape, value),
    "format": lambda value, name: (
        name == "date-time" and isinstance(value, str) and not is_rfc3339(value)
    ),
    "type": lambda value, names: not _is_of_type(value, names),
}
"""Function that tells if a value breaks a schema's keyword, by keyword."""


def check_schema(name: str, body: Any) -> None:
    """Check the body of a request against a schema of the profile.

    Args:
        name: Name of its schema.
        body: The parsed JSON.

    Raises:
        Problem: It does not fit; names each member, at most 20.
    """
    faults = [
        {"pointer": f"/{pointer[1:]}", "code": keyword, "detail": keyword}
        for _, (pointer, keyword) in zip(range(MAX_FAULTS), _compiled(name)(body, ""), strict=False)
    ]
    if faults:
        raise Problem("validation", "The request is not valid.", errors=faults)


@cache
def _schemas() -> Schema:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(PROFILE.read_text(), loader)
    found: Schema = document["components"]["schemas"]
    return found


@cache
def _compiled(name: str) -> Check:
    return _compile(_schemas()[name])


def _compile(schema: Schema) -> Check:
    if "$ref" in schema:
        return _compiled(schema["$ref"].rpartition("/")[2])
    limits = [(word, _LIMITS[word], value) for word, value in schema.items() if word in _LIMITS]
    members = {name: _compile(one) for name, one in schema.get("properties", {}).items()}
    items = _compile(schema["items"]) if "items" in schema else None
    check_object = _object_check(schema, members)

    def check(value: Any, pointer: str) -> Iterator[Fault]:
        for word, breaks, limit in limits:
            if breaks(value, limit):
                yield pointer, word
        if isinstance(value, dict):
            yield from check_object(value, pointer)
        elif items is not None and isinstance(value, list):
            for number, item in enumerate(value):
                yield from items(item, f"{pointer}/{number}")

    return check


def _object_check(schema: Schema, members: Mapping[str, Check]) -> Check:
    required, closed = schema.get("required", ()), schema.get("additionalProperties") is False

    def check(value: Any, pointer: str) -> Iterator[Fault]:
        for name in required:
            if name not in value:
                yield pointer, "required"
        if closed and not value.keys() <= members.keys():
            yield pointer, "additionalProperties"
        for name, check_member in members.items():
            if name in value:
                yield from check_member(value[name], f"{pointer}/{name}")

    return check


def _is_of_type(value: Any, names: str | list[str]) -> bool:
    wanted = [names] if isinstance(names, str) else names
    return any(
        isinstance(value, _TYPES[name]) and not (name == "integer" and isinstance(value, bool))
        for name in wanted
    )
