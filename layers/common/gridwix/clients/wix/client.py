"""Wix Data over REST: items and collections of one site. https://dev.wix.com/docs/rest/business-solutions/cms/introduction"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

import httpx

from gridwix.clients.http import path_segment
from gridwix.clients.wix.auth import BASE_URL
from gridwix.clients.wix.bulk import check_ids, on_wire, refusals, save_chunks
from gridwix.clients.wix.faults import MISSING_COLLECTION, MISSING_ITEM, unusable
from gridwix.clients.wix.patch import FieldModification, remove_field, set_field
from gridwix.clients.wix.query import MAX_CURSOR_PAGE, MAX_OFFSET_PAGE, Position, Query, Sort, next_offset, read_item, read_page
from gridwix.clients.wix.site import CallBudget, WixSite
from gridwix.errors import NotFound, RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem, Page, Refusal

ITEMS = "/wix-data/v2/items"
BULK_ITEMS = "/wix-data/v2/bulk/items"
COLLECTIONS = "/wix-data/v2/collections"
INDEXES = "/wix-data/v2/indexes"

MAX_PAGES = 10_000


class WixClient:
    """One site's data. Implements the ports ``PortalCollections``, ``SharedCollections`` and ``DatedCollections``.

    Each method but ``bulk_save`` and the iterators is one call of the site's budget. All raise BudgetExhausted before anything is sent and UpstreamError
    otherwise; after an Unavailable that is ``ambiguous`` a write may have been carried out. A read sees every write that was answered before it, unless
    ``consistent`` is False: then it may lag by some seconds.

    In ``DataItem.data`` a date-time is a ``datetime``. Of an item that is read, ``_id`` stands in ``id`` only; Wix's other own fields (``_createdDate``,
    ``_updatedDate``, ``_owner``) stay in ``data``. An item of a page that cannot be read is a fault of the page, and is handed to ``note``.
    """

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        budget: CallBudget,
        *,
        base_url: str = BASE_URL,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        note: Callable[[RecordFault], None] = lambda _: None,
    ) -> None:
        self._note = note
        self._site = WixSite(http, auth, budget, base_url=base_url, clock=clock, sleep=sleep)

    def get_item(self, collection: CollectionId, item_id: WixItemId, *, consistent: bool = True) -> DataItem | None:
        """The item; None if the collection has none of that id."""
        operation = f"get item of {collection}"
        params = [("dataCollectionId", collection), ("consistentRead", _flag(consistent))]
        try:
            document = self._site.call(operation, "GET", _item_path(item_id), params=params, safe=True)
        except NotFound as error:
            if error.vendor_code != MISSING_ITEM:
                raise
            return None
        return read_item(operation, document.get("dataItem"))

    def query_items(
        self,
        collection: CollectionId,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Wix's own word
        sort: Sequence[Sort] = (),
        fields: Sequence[str] = (),
        limit: int = MAX_CURSOR_PAGE,
        cursor: str | None = None,
        offset: int | None = None,
        consistent: bool = True,
        total: bool = False,
    ) -> Page:
        """One page. Paging is by cursor, at most 100 items a page, unless ``offset`` is given: then at most 1000, and ``total`` may be asked for.

        With a ``cursor``, filter and sort are those of the query that it comes from. Raises ValueError for a limit out of range and for options that exclude
        each other.
        """
        if cursor is not None and offset is not None:
            raise ValueError("a page begins at a cursor or at an offset, not at both")
        query = Query(collection, filter or {}, sort, fields, consistent)
        return self._page(query, self._query(query, offset if cursor is None else cursor, limit, total=total))

    def query_pages(
        self,
        collection: CollectionId,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Wix's own word
        sort: Sequence[Sort] = (),
        fields: Sequence[str] = (),
        by: Literal["cursor", "offset"] = "cursor",
        consistent: bool = True,
    ) -> Iterator[Page]:
        """All pages of a query, each read when it is asked for: by cursor 100 items each, by offset 1000.

        By offset, an item that is added or removed meanwhile can make another one be missed or come twice, unless ``sort`` puts it last.
        """
        query = Query(collection, filter or {}, sort, fields, consistent)
        limit = MAX_CURSOR_PAGE if by == "cursor" else MAX_OFFSET_PAGE
        position: Position = None if by == "cursor" else 0
        for _ in range(MAX_PAGES):
            document = self._query(query, position, limit)
            page = self._page(query, document)
            yield page
            following = next_offset(document, position, page.size, limit) if isinstance(position, int) else page.cursor
            if following is None:
                return
            if following == position:
                break
            position = following
        raise unusable(query.operation, "the pages do not end")

    def count_items(self, collection: CollectionId, *, filter: Mapping[str, Any] | None = None, consistent: bool = True) -> int:  # noqa: A002 - Wix's own word
        operation = f"count items of {collection}"
        body = {"dataCollectionId": collection, "filter": filter or {}, "consistentRead": consistent}
        count = self._site.call(operation, "POST", f"{ITEMS}/count", body=body, safe=True).get("totalCount")
        if not isinstance(count, int) or isinstance(count, bool):
            raise unusable(operation, "the answer has no totalCount")
        return count

    def insert_item(self, collection: CollectionId, item: DataItem) -> DataItem:
        """Add an item; raises Conflict (WDE0074) if there is one of its id."""
        return self._write(f"insert item of {collection}", "POST", ITEMS, {"dataCollectionId": collection, "dataItem": on_wire(item)})

    def save_item(self, collection: CollectionId, item: DataItem) -> DataItem:
        """Insert or replace an item. Fields that ``item`` does not have vanish."""
        return self._write(f"save item of {collection}", "POST", f"{ITEMS}/save", {"dataCollectionId": collection, "dataItem": on_wire(item)})

    def patch_item(self, collection: CollectionId, item_id: WixItemId, modifications: Sequence[FieldModification]) -> DataItem:
        """Change single fields of an item (see :mod:`gridwix.clients.wix.patch`); raises NotFound (WDE0073) if there is none of that id."""
        patch = {"dataItemId": item_id, "fieldModifications": [modification.on_wire() for modification in modifications]}
        return self._write(f"patch item of {collection}", "PATCH", _item_path(item_id), {"dataCollectionId": collection, "patch": patch})

    def remove_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None:
        """Remove an item and return it; None if there was none of that id."""
        operation = f"remove item of {collection}"
        try:
            document = self._site.call(operation, "DELETE", _item_path(item_id), params=[("dataCollectionId", collection)])
        except NotFound as error:
            if error.vendor_code != MISSING_ITEM:
                raise
            return None
        return read_item(operation, document.get("dataItem"))

    def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Insert or replace at most 1000 items. ``written`` and ``refused`` name every item exactly once.

        One call, or as few as keep each body within 4 MB. An item that is larger than Wix stores is refused here (WDE0009), one that is no JSON as
        ``not_json``. Raises ValueError for more than 1000 items and for an id that comes twice; an ambiguous Unavailable if an item is left without a verdict.
        If a later one of several calls fails, the earlier ones have been carried out.
        """
        check_ids([item.id for item in items])
        refused: list[Refusal] = []
        for chunk in save_chunks(collection, items, refused):
            refused += self._bulk("save", collection, chunk.ids, chunk.body(collection))
        return BulkOutcome(frozenset(item.id for item in items) - {refusal.item_id for refusal in refused}, tuple(refused))

    def bulk_set(self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]) -> BulkOutcome:
        """Set fields of at most 1000 items in one call; None takes a field away. An item that does not exist is refused (WDE0073).

        Raises as ``bulk_save`` does.
        """
        ids = list(changes)
        check_ids(ids)
        patches = [{"dataItemId": identifier, "fieldModifications": _modifications(fields)} for identifier, fields in changes.items()]
        refused = self._bulk("patch", collection, ids, {"dataCollectionId": collection, "patches": patches}) if ids else []
        return BulkOutcome(frozenset(ids) - {refusal.item_id for refusal in refused}, tuple(refused))

    def items(self, collection: CollectionId, ids: Collection[WixItemId]) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        """The contents of at most 1000 items in one call; one that does not exist is left out.

        An item that is there and cannot be read is a fault, so that nobody takes it for absent. Where even its id cannot be read, it may be any of those that
        were not found.
        """
        check_ids(list(ids))
        page = self.query_items(collection, filter={"_id": {"$in": list(ids)}}, limit=MAX_OFFSET_PAGE, offset=0) if ids else Page((), None)
        found: dict[WixItemId, Mapping[str, Any] | RecordFault] = {item.id: item.data for item in page.items}
        for fault in page.faults:
            identifier = WixItemId(fault.record.partition("/")[2])
            doubtful = [identifier] if identifier in ids else [wanted for wanted in ids if wanted not in found]
            found.update(dict.fromkeys(doubtful, fault))
        return found

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        """At most 1000 items whose field has this value."""
        return self.query_items(collection, filter={field: value}, limit=MAX_OFFSET_PAGE, offset=0).items

    def ids_before(self, collection: CollectionId, field: str, moment: datetime, *, skip: int = 0) -> Sequence[WixItemId]:
        """The ids of at most 1000 items whose date-time in a field is before a moment, the oldest first and without the first ``skip``, in one call."""
        earlier = {field: {"$lt": moment}}
        page = self.query_items(collection, filter=earlier, sort=[(field, "ASC"), ("_id", "ASC")], fields=["_id"], limit=MAX_OFFSET_PAGE, offset=skip)
        return [item.id for item in page.items]

    def bulk_remove(self, collection: CollectionId, ids: Sequence[WixItemId]) -> BulkOutcome:
        """Remove at most 1000 items in one call. An item that does not exist counts as written. Raises as ``bulk_save`` does."""
        check_ids(ids)
        body = {"dataCollectionId": collection, "dataItemIds": list(ids)}
        refused = [refusal for refusal in self._bulk("remove", collection, ids, body) if refusal.code != MISSING_ITEM] if ids else []
        return BulkOutcome(frozenset(ids) - {refusal.item_id for refusal in refused}, tuple(refused))

    def get_collection(self, collection: CollectionId) -> dict[str, Any] | None:
        """The definition of a collection, as Wix writes it; None if there is none of that id."""
        operation = f"get collection {collection}"
        try:
            document = self._site.call(operation, "GET", f"{COLLECTIONS}/{path_segment(collection)}", params=[("consistentRead", "true")], safe=True)
        except NotFound as error:
            if error.vendor_code != MISSING_COLLECTION:
                raise
            return None
        return _definition(operation, document)

    def list_collections(self) -> Iterator[dict[str, Any]]:
        """The definitions of all collections, Wix's own ones included."""
        operation = "list collections"
        offset = 0
        for _ in range(MAX_PAGES):
            params = [("paging.limit", str(MAX_CURSOR_PAGE)), ("paging.offset", str(offset))]
            document = self._site.call(operation, "GET", COLLECTIONS, params=params, safe=True)
            found = document.get("collections")
            if not isinstance(found, list) or not all(isinstance(definition, dict) for definition in found):
                raise unusable(operation, "the answer has no collections")
            yield from found
            following = next_offset(document, offset, len(found), MAX_CURSOR_PAGE)
            if following is None:
                return
            offset = following
        raise unusable(operation, "the pages do not end")

    def create_collection(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Create a collection; raises Conflict (WDE0104) if there is one of that id."""
        operation = f"create collection {definition['id']}"
        return _definition(operation, self._site.call(operation, "POST", COLLECTIONS, body={"collection": definition}))

    def update_collection(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Replace the definition of a collection. It must carry the ``revision`` that was read (ValueError); raises Conflict (WDE0178) if that is stale."""
        if not definition.get("revision"):
            raise ValueError("an update needs the collection's revision")
        operation = f"update collection {definition['id']}"
        return _definition(operation, self._site.call(operation, "PUT", COLLECTIONS, body={"collection": definition}))

    def list_indexes(self, collection: CollectionId) -> list[dict[str, Any]]:
        """The indexes of a collection as Wix writes them, those that it made itself included; raises NotFound (WDE0025) if there is no such collection."""
        operation = f"list indexes of {collection}"
        found = self._site.call(operation, "GET", INDEXES, params=[("dataCollectionId", collection)], safe=True).get("indexes")
        if not isinstance(found, list) or not all(isinstance(index, dict) for index in found):
            raise unusable(operation, "the answer has no indexes")
        return found

    def create_index(self, collection: CollectionId, index: Mapping[str, Any]) -> None:
        """Have an index built. Wix does so after it has answered: :meth:`list_indexes` tells what became of it."""
        self._site.call(f"create index of {collection}", "POST", INDEXES, body={"dataCollectionId": collection, "index": index})

    def drop_index(self, collection: CollectionId, name: str) -> None:
        """Have an index removed, which may take a while as well; one that there is not is no error."""
        with suppress(NotFound):
            self._site.call(f"drop index of {collection}", "DELETE", INDEXES, params=[("dataCollectionId", collection), ("indexName", name)])

    def _page(self, query: Query, document: Mapping[str, Any]) -> Page:
        page = read_page(query, document)
        for fault in page.faults:
            self._note(fault)
        return page

    def _query(self, query: Query, position: Position, limit: int, *, total: bool = False) -> dict[str, Any]:
        body = query.body(position, limit, total=total)
        return self._site.call(query.operation, "POST", f"{ITEMS}/query", body=body, safe=True)

    def _write(self, operation: str, method: str, path: str, body: Mapping[str, Any]) -> DataItem:
        return read_item(operation, self._site.call(operation, method, path, body=body).get("dataItem"))

    def _bulk(self, verb: str, collection: CollectionId, ids: Sequence[WixItemId], body: object) -> list[Refusal]:
        """Those of the items that were refused; every other one was carried out."""
        operation = f"bulk {verb} of {collection}"
        results = self._site.call(operation, "POST", f"{BULK_ITEMS}/{verb}", body=body).get("results")
        refused = refusals(operation, collection, ids, results)
        self._site.throttle_if_quota(operation, {refusal.code for refusal in refused})
        return refused


def _modifications(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [(remove_field(name) if value is None else set_field(name, value)).on_wire() for name, value in fields.items()]


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _item_path(item_id: WixItemId) -> str:
    return f"{ITEMS}/{path_segment(item_id)}"


def _definition(operation: str, document: Mapping[str, Any]) -> dict[str, Any]:
    definition = document.get("collection")
    if not isinstance(definition, dict):
        raise unusable(operation, "the answer has no collection")
    return definition
