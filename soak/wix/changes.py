"""Checks of rows, and changes of single fields. Pure."""

import re
from collections.abc import Iterable
from typing import Any

import orjson

from soak.wix.filters import comparison_key, value_at
from soak.wix.refusals import WixRefusal
from soak.wix.store import Row

MAX_ITEM_BYTES = 500_000
MAX_DEPTH = 50
MAX_ID = 128
MAX_INDEXED_BYTES = 982
"""Greatest length of an indexed text with the collection's id."""

_OPTIONS = {
    "SET_FIELD": "setFieldOptions",
    "INCREMENT_FIELD": "incrementFieldOptions",
    "APPEND_TO_ARRAY": "appendToArrayOptions",
    "REMOVE_FROM_ARRAY": "removeFromArrayOptions",
}
_FIELD_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_good_keys: set[str] = set()


def read_data_item(element: Any) -> tuple[str | None, Row]:
    """The id and the contents of a request's data item. Raises WixRefusal."""
    data = element.get("data") if isinstance(element, dict) else None
    if not isinstance(data, dict):
        raise WixRefusal("WDE0004", "The item is not an object")
    identifier = element.get("id") or data.get("_id") or None
    if identifier is not None:
        check_id(identifier)
    check_keys(data)
    return identifier, data


def check_id(identifier: Any) -> str:
    """Return an item's id. Raises WixRefusal for one that is not valid."""
    if not isinstance(identifier, str) or not 0 < len(identifier) <= MAX_ID or "/" in identifier:
        raise WixRefusal("WDE0002", "The item's id is not valid")
    return identifier


def check_keys(data: Row) -> None:
    """Raise WixRefusal for an invalid field key. Any valid one is accepted, known or not."""
    if _good_keys.issuperset(data):
        return
    for key in data:
        if key.startswith("$"):
            raise WixRefusal("WDE0134", f"The field's key {key[:64]} begins with $")
        if not _FIELD_KEY.fullmatch(key):
            raise WixRefusal("WDE0003", f"The field's key {key[:64]} is not valid")
        if len(_good_keys) < 1000:
            _good_keys.add(key)


def check_depth(text: bytes, row: Row) -> None:
    """Raise WixRefusal for a row that is nested too deep. ``text`` is its JSON."""
    # Counting brackets spares the walk through nearly every row.
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _is_deeper(row.values(), MAX_DEPTH):
        raise WixRefusal("WDE0168", f"The item is nested deeper than {MAX_DEPTH}")


def check_size(text: bytes, row: Row, collection: str, indexed: Iterable[str]) -> None:
    """Raise WixRefusal for a row that is too large, or has a long indexed value.

    Args:
        text: The row's JSON.
        row: The row.
        collection: Its collection.
        indexed: Fields with an index.
    """
    if len(text) > MAX_ITEM_BYTES:
        raise WixRefusal("WDE0009", f"The item is larger than {MAX_ITEM_BYTES} bytes")
    if len(text) < MAX_INDEXED_BYTES - len(collection):
        return
    for field in indexed:
        value = row.get(field)
        if isinstance(value, str) and len(value.encode()) + len(collection) > MAX_INDEXED_BYTES:
            raise WixRefusal("WDE0133", f"The value of {field} is too large for its index")


def apply_modifications(row: Row, modifications: Any) -> None:
    """Change fields of a row in place. Raises WixRefusal; the row is then of no use any more."""
    if not isinstance(modifications, list) or not modifications:
        raise WixRefusal("WDE0080", "fieldModifications is missing")
    for modification in modifications:
        path = modification.get("fieldPath") if isinstance(modification, dict) else None
        if not isinstance(path, str) or not all(path.split(".")) or path.startswith("_"):
            raise WixRefusal("WDE0080", "fieldPath is missing, or read-only")
        if path.startswith("$") or ".$" in path:
            raise WixRefusal("WDE0134", "A field's key begins with $")
        parent, _, leaf = path.rpartition(".")
        if modification.get("action") == "REMOVE_FIELD":
            holder = value_at(row, parent) if parent else row
            if isinstance(holder, dict):
                holder.pop(leaf, None)
        else:
            _parent_object(row, path)[leaf] = _modified(modification, value_at(row, path))


def _modified(modification: Row, current: Any) -> Any:
    action = modification.get("action")
    options = modification.get(_OPTIONS.get(str(action), ""))
    if not isinstance(options, dict) or "value" not in options:
        raise WixRefusal("WDE0080", "The action is not known, or its options have no value")
    value = options["value"]
    match action:
        case "SET_FIELD":
            return value
        case "INCREMENT_FIELD":
            if not _is_number(value) or not (current is None or _is_number(current)):
                raise WixRefusal("WDE0080", "Only a number can be incremented, by a number")
            return (current or 0) + value
        case "APPEND_TO_ARRAY":
            return [*_as_array(current), value]
        case _:
            unwanted = comparison_key(value)
            return [one for one in _as_array(current) if comparison_key(one) != unwanted]


def _parent_object(row: Row, path: str) -> Row:
    for parent in path.split(".")[:-1]:
        row = row.setdefault(parent, {})
        if not isinstance(row, dict):
            raise WixRefusal("WDE0080", f"{path} leads through a value that is no object")
    return row


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_array(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise WixRefusal("WDE0080", "The field is no array")
    return value


def _is_deeper(values: Iterable[Any], depth: int) -> bool:
    for value in values:
        if value and isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            if depth == 0 or _is_deeper(inner, depth - 1):
                return True
    return False


def dump_row(row: Row) -> bytes:
    """The JSON of a row. Raises WixRefusal for one that no encoder can walk through."""
    try:
        # A copy, as orjson hands out its whole buffer of 8 KB, which a stored row would keep.
        return bytes(memoryview(orjson.dumps(row)))
    except orjson.JSONEncodeError:
        raise WixRefusal("WDE0168", f"The item is nested deeper than {MAX_DEPTH}") from None
