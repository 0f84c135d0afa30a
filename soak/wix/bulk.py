"""The elements and the response of a bulk call. Pure."""

from collections.abc import Sequence
from typing import Any

import orjson

from soak.wix.refusals import WixRefusal
from soak.wix.store import Row

MAX_ITEMS = 1000
_ELEMENTS = {"patch": "patches", "remove": "dataItemIds"}


def read_elements(verb: str, arguments: Row) -> Sequence[Any]:
    """The elements of a call. Raises WixRefusal."""
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
    """The response of a bulk call; ``items`` are those to return, none if they are not wanted."""
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
    """The refusal of a call for an item that is not there."""
    return WixRefusal("WDE0073", f"Item {identifier} does not exist in collection {collection}")
