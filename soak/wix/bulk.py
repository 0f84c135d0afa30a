"""Reads the elements of Wix Data calls, and builds the response of a bulk call. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from soak.wix.changes import check_depth, check_id, read_data_item
from soak.wix.refusals import WixRefusal
from soak.wix.store import Row

MAX_ITEMS = 1000
_ELEMENTS = {"patch": "patches", "remove": "dataItemIds"}


class Element(NamedTuple):
    """One element of a call: its item's id, the row or patch, and the row's JSON if it is known."""

    id: str | None
    data: Row
    text: bytes = b""


def read_element(verb: str, given: Any) -> Element:
    """Read an element of a call. Raises WixRefusal."""
    if verb == "remove":
        return Element(check_id(given), {})
    if verb == "patch":
        if not isinstance(given, dict) or not isinstance(given.get("fieldModifications"), list):
            raise WixRefusal("WDE0080", "A patch has a dataItemId and fieldModifications")
        return Element(check_id(given.get("dataItemId")), given)
    identifier, data = read_data_item(given)
    try:
        text = orjson.dumps(data)
    except orjson.JSONEncodeError:
        raise WixRefusal("WDE0168", "The item is nested too deep") from None
    check_depth(text, data)
    return Element(identifier, data, text)


def read_elements(verb: str, arguments: Row) -> Sequence[Any]:
    """Return the elements of a bulk call. Raises WixRefusal."""
    name = _ELEMENTS.get(verb, "dataItems")
    elements = arguments.get(name)
    if elements is None:
        raise WixRefusal("WDE0080", f"{name} is missing")
    if not isinstance(elements, list):
        raise WixRefusal("WDE0005", f"{name} is not an array")
    if len(elements) > MAX_ITEMS:
        code = "WDE0069" if verb == "remove" else "WDE0006"
        raise WixRefusal(code, f"A call has at most {MAX_ITEMS} items")
    return elements


def bulk_response(results: Sequence[Row], items: Sequence[bytes | None]) -> bytes:
    """Return the response of a bulk call; ``items`` are those to return, empty if the call asks for
    none.
    """
    for result, item in zip(results, items, strict=False):
        if item is not None:
            result["dataItem"] = orjson.Fragment(item)
    successes = sum(result["itemMetadata"]["success"] for result in results)
    counts = {
        "totalSuccesses": successes,
        "totalFailures": len(results) - successes,
        "undetailedFailures": 0,
    }
    return orjson.dumps({"results": results, "bulkActionMetadata": counts})


def missing_item(collection: str, identifier: str) -> WixRefusal:
    """Return the refusal of a call for an item that does not exist."""
    return WixRefusal("WDE0073", f"Item {identifier} does not exist in collection {collection}")
