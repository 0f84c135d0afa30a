"""HTTP API of data items v2: single items and queries.

Each operation has two routes: the documented one, and the path with a verb that Wix's SDK calls.
Source: https://dev.wix.com/docs/rest/business-solutions/cms/data-items/introduction and
``@wix/data``.
"""

from typing import Any

from emulators.wix.arguments import read_flag, read_object, read_strings, read_text
from emulators.wix.batch import check_id, read_data_item
from emulators.wix.endpoint import Call, Kind, Operation, refuse_unsupported, require_object
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.paging import Ordered, PageRequest
from emulators.wix.query import comparison_key, project_fields, value_at
from emulators.wix.site import Site
from emulators.wix.table_search import find_rows, sort_key, sorted_rows
from emulators.wix.tables import Table
from emulators.wix.wire import Data

ITEMS = "/wix-data/v2/items"


def item_json(collection: str, data: Data) -> Data:
    """Return a data item as it appears in a response."""
    return {"id": data["_id"], "dataCollectionId": collection, "data": data}


def insert_item(site: Site, call: Call) -> Data:
    batch = site.new_batch(call.collection, call.by)
    stored = batch.insert(read_data_item(call.arguments.get("dataItem")))
    batch.commit()
    return {"dataItem": item_json(call.collection, stored)}


def update_item(site: Site, call: Call) -> Data:
    batch = site.new_batch(call.collection, call.by)
    element = read_data_item(call.arguments.get("dataItem"))
    stored = batch.update({**element, "id": _path_or_body_id(call, element["id"])})
    batch.commit()
    return {"dataItem": item_json(call.collection, stored)}


def save_item(site: Site, call: Call) -> Data:
    batch = site.new_batch(call.collection, call.by)
    action, stored = batch.save(read_data_item(call.arguments.get("dataItem")))
    batch.commit()
    return {
        "action": "INSERTED" if action == "INSERT" else "UPDATED",
        "dataItem": item_json(call.collection, stored),
    }


def patch_item(site: Site, call: Call) -> Data:
    batch = site.new_batch(call.collection, call.by)
    element = require_object(call.arguments, "patch")
    stored = batch.patch(
        {
            "id": _require_id(call, element.get("dataItemId")),
            "fieldModifications": element.get("fieldModifications"),
        }
    )
    batch.commit()
    return {"dataItem": item_json(call.collection, stored)}


def remove_item(site: Site, call: Call) -> Data:
    batch = site.new_batch(call.collection, call.by)
    removed = batch.remove(_require_id(call, call.arguments.get("dataItemId")))
    batch.commit()
    return {"dataItem": item_json(call.collection, removed)}


def get_item(site: Site, call: Call) -> Data:
    row = _read_table(site, call).rows.get(call.path["item_id"])
    if row is None:
        raise WixError(
            "WDE0073",
            f"Item {call.path['item_id'][:128]} does not exist in collection {call.collection}",
        )
    return {
        "dataItem": item_json(
            call.collection, project_fields(row.data, read_strings(call.arguments, "fields"))
        )
    }


def query_items(site: Site, call: Call) -> Data:
    collection, table, arguments = call.collection, _read_table(site, call), call.arguments
    asked = read_object(arguments, "query")
    if (
        arguments.get("includeReferences")
        or arguments.get("includeReferencedItems")
        or arguments.get("sortMode") == "RANDOM"
    ):
        raise WixError("WDE0119", "References and random order are not supported")
    kept = {
        "filter": read_object(asked, "filter"),
        "sort": asked.get("sort") or [],
        "fields": read_strings(asked, "fields"),
    }
    paging = PageRequest.from_request(
        {**asked, "returnTotalCount": arguments.get("returnTotalCount")}, kept, collection
    )
    page, metadata = paging.slice_page(
        sorted_rows(table, paging.query["filter"], paging.query["sort"]), collection
    )
    fields = paging.query["fields"]
    return {
        "dataItems": [item_json(collection, project_fields(row.data, fields)) for row in page],
        "pagingMetadata": metadata,
    }


def count_items(site: Site, call: Call) -> Data:
    return {
        "totalCount": len(find_rows(_read_table(site, call), read_object(call.arguments, "filter")))
    }


def query_distinct_values(site: Site, call: Call) -> Data:
    """Return each distinct value of a field once, in ascending or descending order.

    For a field with a list, each member of the list counts as a value. Null does not count.
    """
    collection, table, arguments = call.collection, _read_table(site, call), call.arguments
    query = {
        "field": arguments.get("fieldName"),
        "filter": read_object(arguments, "filter"),
        "order": arguments.get("order") or "ASC",
    }
    paging = PageRequest.from_request(arguments, query, collection)
    field, descending = read_text(paging.query, "field"), paging.query["order"] == "DESC"
    values: dict[Any, Any] = {}
    for row in find_rows(table, paging.query["filter"]):
        value = value_at(row.data, field)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                values.setdefault(comparison_key(one), one)
    in_order = [values[value] for value in sorted(values, reverse=descending)]
    page, metadata = paging.slice_page(
        Ordered(in_order, lambda value: [value], lambda position: sort_key(position, [descending])),
        collection,
    )
    return {"distinctValues": page, "pagingMetadata": metadata}


def truncate_items(site: Site, call: Call) -> Data:
    batch = site.new_batch(call.collection, call.by)
    batch.truncate()
    batch.commit()
    return {}


def _read_table(site: Site, call: Call) -> Table:
    site.collections.get(call.collection)
    return site.tables.table(
        call.collection, consistent=read_flag(call.arguments, "consistentRead")
    )


def _path_or_body_id(call: Call, named: Any) -> Any:
    """Return the item id in the path or in the body of a request; None if it has no id.

    Raises InvalidRequest if path and body have different ids.
    """
    in_path = call.path.get("item_id")
    if in_path is not None and named not in (None, in_path):
        raise InvalidRequest("dataItem.id", "is not the one of the path")
    return in_path or named


def _require_id(call: Call, named: Any) -> str:
    identifier = _path_or_body_id(call, named)
    check_id(identifier)
    return str(identifier)


OPERATIONS = [
    Operation("POST", ITEMS, insert_item, Kind.WRITE),
    Operation("POST", f"{ITEMS}/update", update_item, Kind.WRITE),
    Operation("POST", f"{ITEMS}/save", save_item, Kind.WRITE),
    Operation("POST", f"{ITEMS}/patch", patch_item, Kind.WRITE),
    Operation("POST", f"{ITEMS}/remove", remove_item, Kind.WRITE),
    Operation("POST", f"{ITEMS}/truncate", truncate_items, Kind.WRITE),
    Operation("GET", f"{ITEMS}/query", query_items),
    Operation("POST", f"{ITEMS}/query", query_items),
    Operation("POST", f"{ITEMS}/count", count_items),
    Operation("POST", f"{ITEMS}/query-distinct-values", query_distinct_values),
    *(
        Operation("POST", f"{ITEMS}/{verb}", refuse_unsupported)
        for verb in (
            "aggregate",
            "aggregate-pipeline",
            "search",
            "create-draft",
            "publish-draft",
            "unpublish",
            "replace-references",
            "query-referenced",
            "is-referenced",
        )
    ),
    Operation("GET", f"{ITEMS}/{{item_id}}", get_item),
    Operation("PUT", f"{ITEMS}/{{item_id}}", update_item, Kind.WRITE),
    Operation("PATCH", f"{ITEMS}/{{item_id}}", patch_item, Kind.WRITE),
    Operation("DELETE", f"{ITEMS}/{{item_id}}", remove_item, Kind.WRITE),
]
"""The operations under ``/wix-data/v2/items``."""
