"""Wix Data items v2 in bulk: at most 1000 items a call.

The response has a result for each item in the order of the request, and status 200 even if items
fail. A malformed item makes Wix refuse the whole call. An item fails alone if it is too large,
exists already, does not exist, or violates an index. Source:
https://dev.wix.com/docs/rest/business-solutions/cms/data-items/bulk-save-data-items.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from emulators.wix.arguments import read_flag
from emulators.wix.batch import Batch, check_id, read_data_item
from emulators.wix.endpoint import Call, Kind, Operation, refuse_unsupported
from emulators.wix.errors import WixError
from emulators.wix.items_api import item_json
from emulators.wix.site import Site
from emulators.wix.wire import Data

BULK = "/wix-data/v2/bulk/items"
MAX_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class Verb:
    """One bulk operation, such as ``insert``.

    ``elements`` is the member of the request that holds the list of elements. ``check`` validates
    one element. ``apply`` adds the element to the batch of writes, and returns the action (such as
    ``INSERT``) and the item.
    """

    name: str
    elements: str
    check: Callable[[Any], Data]
    apply: Callable[[Batch, Data], tuple[str, Data]]
    action: str = ""
    """The attempted write, such as INSERT; empty if it depends on whether the item exists."""


def run_bulk_operation(verb: Verb, site: Site, call: Call) -> Data:
    """Run a bulk operation on a request's items; return the response with a result for each."""
    collection, wanted = call.collection, read_flag(call.arguments, "returnEntity")
    batch = site.new_batch(collection, call.by)
    results = []
    for index, element in enumerate(_read_elements(call, verb)):
        result, item = _apply_element(batch, call, index, element, verb)
        if wanted and item is not None:
            result["dataItem"] = item_json(collection, item)
        results.append(result)
    batch.commit()
    successes = sum(result["itemMetadata"]["success"] for result in results)
    counts = {
        "totalSuccesses": successes,
        "totalFailures": len(results) - successes,
        "undetailedFailures": 0,
    }
    return {"results": results, "bulkActionMetadata": counts}


def _read_elements(call: Call, verb: Verb) -> list[Data]:
    elements = call.arguments.get(verb.elements)
    if elements is None:
        raise WixError("WDE0080", f"{verb.elements} is missing")
    if not isinstance(elements, list):
        raise WixError("WDE0005", f"{verb.elements} is not an array")
    if len(elements) > MAX_ITEMS:
        raise WixError(
            "WDE0069" if verb.name == "remove" else "WDE0006",
            f"A call has at most {MAX_ITEMS} items",
        )
    return [verb.check(element) for element in elements]


def _apply_element(
    batch: Batch, call: Call, index: int, element: Data, verb: Verb
) -> tuple[Data, Data | None]:
    """Apply one element of a bulk call. Return its result, and the item or None if it failed.

    The result of an item that could not be created has no id.
    """
    identifier = element["id"]
    try:
        call.check_item(index, identifier)
        action, item = verb.apply(batch, element)
    except WixError as error:
        attempted = verb.action or (
            "UPDATE" if identifier is not None and batch.find(identifier) is not None else "INSERT"
        )
        metadata: Data = {"originalIndex": index, "success": False, "error": error.item_error()}
        return {
            "action": attempted,
            "itemMetadata": metadata if attempted == "INSERT" else {"id": identifier, **metadata},
        }, None
    return {
        "action": action,
        "itemMetadata": {"id": item["_id"], "originalIndex": index, "success": True},
    }, item


def _insert_item(batch: Batch, element: Data) -> tuple[str, Data]:
    return "INSERT", batch.insert(element)


def _update_item(batch: Batch, element: Data) -> tuple[str, Data]:
    return "UPDATE", batch.update(element)


def _patch_item(batch: Batch, element: Data) -> tuple[str, Data]:
    return "PATCH", batch.patch(element)


def _remove_item(batch: Batch, element: Data) -> tuple[str, Data]:
    return "DELETE", batch.remove(element["id"])


def _read_update(element: Any) -> Data:
    item = read_data_item(element)
    if item["id"] is None:
        raise WixError("WDE0007", "An item has no id")
    return item


def _read_patch(element: Any) -> Data:
    if not isinstance(element, dict) or not isinstance(element.get("fieldModifications"), list):
        raise WixError("WDE0080", "A patch has a dataItemId and fieldModifications")
    check_id(element.get("dataItemId"))
    return {"id": element["dataItemId"], "fieldModifications": element["fieldModifications"]}


def _read_removal(element: Any) -> Data:
    check_id(element)
    return {"id": element}


VERBS = [
    Verb("insert", "dataItems", read_data_item, _insert_item, "INSERT"),
    Verb("update", "dataItems", _read_update, _update_item, "UPDATE"),
    Verb("save", "dataItems", read_data_item, Batch.save),
    Verb("patch", "patches", _read_patch, _patch_item, "PATCH"),
    Verb("remove", "dataItemIds", _read_removal, _remove_item, "DELETE"),
]

OPERATIONS = [
    *(
        Operation(
            "POST",
            f"{BULK}/{verb.name}",
            partial(run_bulk_operation, verb),
            Kind.BULK,
            verb.elements,
        )
        for verb in VERBS
    ),
    *(
        Operation("POST", f"{BULK}/{verb}", refuse_unsupported)
        for verb in (
            "insert-references",
            "remove-references",
            "async-patch-by-filter",
            "async-remove-by-filter",
        )
    ),
]
"""The operations under ``/wix-data/v2/bulk/items``."""
