"""Checks rows of Wix Data, and changes single fields of them. Pure."""

import re
from collections.abc import Iterable
from typing import Any

import orjson

from emulators.wix import patch
from emulators.wix.errors import WixError
from soak.wix.refusals import WixRefusal
from soak.wix.store import Row

MAX_ITEM_BYTES = 500_000
MAX_DEPTH = 50
MAX_ID = 128
MAX_INDEXED_BYTES = 982
"""Maximum length in bytes of an indexed text with the collection's id."""

_FIELD_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_good_keys: set[str] = set()


def read_data_item(element: Any) -> tuple[str | None, Row]:
    """Return the id and the contents of a request's data item. Raises WixRefusal."""
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
    """Raise WixRefusal for an invalid field key. A valid key is accepted even if the collection
    lacks the field.
    """
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


def apply_modifications(row: Row, modifications: Any) -> Row:
    """Return the row with changed fields; the given row may be changed as well. Raises
    WixRefusal.
    """
    try:
        return patch.apply_modifications(row, modifications)
    except WixError as error:
        raise WixRefusal(error.code, error.description) from None


def _is_deeper(values: Iterable[Any], depth: int) -> bool:
    for value in values:
        if value and isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            if depth == 0 or _is_deeper(inner, depth - 1):
                return True
    return False


def dump_row(row: Row) -> bytes:
    """Return the JSON of a row. Raises WixRefusal for a row that cannot be encoded."""
    try:
        # A copy, as orjson hands out its whole buffer of 8 KB, which a stored row would keep.
        return bytes(memoryview(orjson.dumps(row)))
    except orjson.JSONEncodeError:
        raise WixRefusal("WDE0168", f"The item is nested deeper than {MAX_DEPTH}") from None
