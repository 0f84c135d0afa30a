"""Wix Data items v2, one item at a time, and queries. Both spellings are served: the documented methods, and the verb paths that Wix's SDK sends.

Source: https://dev.wix.com/docs/rest/business-solutions/cms/data-items/introduction and ``@wix/data``.
"""

from typing import Any

from emulators.wix.arguments import an_object, flag, strings, text
from emulators.wix.batch import check_id, checked
from emulators.wix.endpoint import Call, Kind, Operation, member_object, unsupported
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.paging import Ordered, PageRequest
from emulators.wix.query import at, comparable, projected
from emulators.wix.site import Site
from emulators.wix.table_search import found, key, ordered
from emulators.wix.tables import Table
from emulators.wix.wire import Data

ITEMS = "/wix-data/v2/items"


def answered(collection: str, data: Data) -> Data:
    """A data item as it stands in an answer."""
    return {"id": data["_id"], "dataCollectionId": collection, "data": data}


def insert(site: Site, call: Call) -> Data:
    batch = site.batch(call.collection, call.by)
    stored = batch.insert(checked(call.arguments.get("dataItem")))
    batch.commit()
    return {"dataItem": answered(call.collection, stored)}


def update(site: Site, call: Call) -> Data:
    batch = site.batch(call.collection, call.by)
    element = checked(call.arguments.get("dataItem"))
    stored = batch.update({**element, "id": _one_id(call, element["id"])})
    batch.commit()
    return {"dataItem": answered(call.collection, stored)}


def save(site: Site, call: Call) -> Data:
    batch = site.batch(call.collection, call.by)
    action, stored = batch.save(checked(call.arguments.get("dataItem")))
    batch.commit()
    return {"action": "INSERTED" if action == "INSERT" else "UPDATED", "dataItem": answered(call.collection, stored)}


def patch(site: Site, call: Call) -> Data:
    batch = site.batch(call.collection, call.by)
    element = member_object(call.arguments, "patch")
    stored = batch.patch({"id": _required_id(call, element.get("dataItemId")), "fieldModifications": element.get("fieldModifications")})
    batch.commit()
    return {"dataItem": answered(call.collection, stored)}


def remove(site: Site, call: Call) -> Data:
    batch = site.batch(call.collection, call.by)
    removed = batch.remove(_required_id(call, call.arguments.get("dataItemId")))
    batch.commit()
    return {"dataItem": answered(call.collection, removed)}


def get(site: Site, call: Call) -> Data:
    row = _table(site, call).rows.get(call.path["item_id"])
    if row is None:
        raise WixError("WDE0073", f"Item {call.path['item_id'][:128]} does not exist in collection {call.collection}")
    return {"dataItem": answered(call.collection, projected(row.data, strings(call.arguments, "fields")))}


def query(site: Site, call: Call) -> Data:
    collection, table, arguments = call.collection, _table(site, call), call.arguments
    asked = an_object(arguments, "query")
    if arguments.get("includeReferences") or arguments.get("includeReferencedItems") or arguments.get("sortMode") == "RANDOM":
        raise WixError("WDE0119", "References and random order are not supported")
    kept = {"filter": an_object(asked, "filter"), "sort": asked.get("sort") or [], "fields": strings(asked, "fields")}
    paging = PageRequest.read({**asked, "returnTotalCount": arguments.get("returnTotalCount")}, kept, collection)
    page, metadata = paging.cut(ordered(table, paging.query["filter"], paging.query["sort"]), collection)
    fields = paging.query["fields"]
    return {"dataItems": [answered(collection, projected(row.data, fields)) for row in page], "pagingMetadata": metadata}


def count(site: Site, call: Call) -> Data:
    return {"totalCount": len(found(_table(site, call), an_object(call.arguments, "filter")))}


def distinct(site: Site, call: Call) -> Data:
    """Each value of a field once, in order; a list counts as its members, null as no value."""
    collection, table, arguments = call.collection, _table(site, call), call.arguments
    query = {"field": arguments.get("fieldName"), "filter": an_object(arguments, "filter"), "order": arguments.get("order") or "ASC"}
    paging = PageRequest.read(arguments, query, collection)
    field, descending = text(paging.query, "field"), paging.query["order"] == "DESC"
    values: dict[Any, Any] = {}
    for row in found(table, paging.query["filter"]):
        value = at(row.data, field)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                values.setdefault(comparable(one), one)
    in_order = [values[value] for value in sorted(values, reverse=descending)]
    page, metadata = paging.cut(Ordered(in_order, lambda value: [value], lambda position: key(position, [descending])), collection)
    return {"distinctValues": page, "pagingMetadata": metadata}


def truncate(site: Site, call: Call) -> Data:
    batch = site.batch(call.collection, call.by)
    batch.truncate()
    batch.commit()
    return {}


def _table(site: Site, call: Call) -> Table:
    site.collections.get(call.collection)
    return site.tables.read(call.collection, consistent=flag(call.arguments, "consistentRead"))


def _one_id(call: Call, named: Any) -> Any:
    """The id of the path, and of the body, which must not disagree; None if there is none."""
    in_path = call.path.get("item_id")
    if in_path is not None and named not in (None, in_path):
        raise InvalidRequest("dataItem.id", "is not the one of the path")
    return in_path or named


def _required_id(call: Call, named: Any) -> str:
    identifier = _one_id(call, named)
    check_id(identifier)
    return str(identifier)


OPERATIONS = [
    Operation("POST", ITEMS, insert, Kind.WRITE),
    Operation("POST", f"{ITEMS}/update", update, Kind.WRITE),
    Operation("POST", f"{ITEMS}/save", save, Kind.WRITE),
    Operation("POST", f"{ITEMS}/patch", patch, Kind.WRITE),
    Operation("POST", f"{ITEMS}/remove", remove, Kind.WRITE),
    Operation("POST", f"{ITEMS}/truncate", truncate, Kind.WRITE),
    Operation("GET", f"{ITEMS}/query", query),
    Operation("POST", f"{ITEMS}/query", query),
    Operation("POST", f"{ITEMS}/count", count),
    Operation("POST", f"{ITEMS}/query-distinct-values", distinct),
    *(
        Operation("POST", f"{ITEMS}/{verb}", unsupported)
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
    Operation("GET", f"{ITEMS}/{{item_id}}", get),
    Operation("PUT", f"{ITEMS}/{{item_id}}", update, Kind.WRITE),
    Operation("PATCH", f"{ITEMS}/{{item_id}}", patch, Kind.WRITE),
    Operation("DELETE", f"{ITEMS}/{{item_id}}", remove, Kind.WRITE),
]
"""The operations under ``/wix-data/v2/items``."""
