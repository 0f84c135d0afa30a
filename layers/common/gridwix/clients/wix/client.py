"""Client of Wix Data over REST: reads and writes the data items of one site.

API: https://dev.wix.com/docs/rest/business-solutions/cms/introduction.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import httpx

from gridwix.clients.http_messages import path_segment
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.auth import BASE_URL
from gridwix.clients.wix.bulk import check_ids, refusals, save_chunks, wire_item
from gridwix.clients.wix.patch import FieldModification, remove_field, set_field
from gridwix.clients.wix.query import (
    MAX_CURSOR_PAGE,
    MAX_OFFSET_PAGE,
    Position,
    Query,
    Sort,
    next_offset,
    read_item,
    read_page,
)
from gridwix.clients.wix.schema import WixSchema
from gridwix.clients.wix.site import WixSite
from gridwix.errors import NotFound, RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import MISSING_ITEM, BulkOutcome, DataItem, Page, Refusal
from gridwix.ports import CallBudget
from gridwix.publication.ports import PortalCollections

ITEMS = "/wix-data/v2/items"
BULK_ITEMS = "/wix-data/v2/bulk/items"

MAX_PAGES = 10_000
"""Maximum number of pages of one query."""


class WixClient(WixSchema, PortalCollections):
    """Reads and writes the data items of one Wix site.

    Each method except ``bulk_save``, ``bulk_insert`` and the iterators sends one call, which takes
    one call from the site's call budget (each retry takes another). If the budget grants none, the
    method raises BudgetExhausted and the call is not sent. All methods raise UpstreamError if a
    call fails. After an Unavailable error that is ``ambiguous``, a write may have been carried out.
    A read sees every write that was confirmed before it, unless ``consistent`` is False: then it
    may lag by some seconds.

    In ``DataItem.data`` a date-time is a ``datetime``. An item that was read has its ``_id`` in
    ``id`` only; Wix's other system fields (``_createdDate``, ``_updatedDate``, ``_owner``) stay in
    ``data``. An item that cannot be read does not fail its page: the page's ``faults`` have a
    :class:`RecordFault` in its place.

    Also implements the ports ``SharedCollections`` and ``DatedCollections`` of several use cases,
    and ``gridwix.publication.reconciled.PortalRows``. The last one is not imported, which makes the
    cold start faster.

    Args:
        http: The httpx client that all vendors share.
        auth: Authentication with the site.
        budget: Call budget: the rate limit that all functions share for the site.
        base_url: Base URL of Wix's REST API.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
        note: Receives each fault of a page, for the log.
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
        super().__init__(WixSite(http, auth, budget, base_url=base_url, clock=clock, sleep=sleep))
        self._note = note

    def get_item(
        self, collection: CollectionId, item_id: WixItemId, *, consistent: bool = True
    ) -> DataItem | None:
        """Return one item; None if the collection has no item with this id."""
        operation = f"get item of {collection}"
        params = [("dataCollectionId", collection), ("consistentRead", _query_flag(consistent))]
        try:
            document = self._site.call(
                operation, "GET", _item_path(item_id), params=params, safe=True
            )
        except NotFound as error:
            # A missing collection is an error of the setup, and no missing item.
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
        """Send a query, and return one page of its items.

        Args:
            collection: The items' collection.
            filter: Wix's filter; date-times are ``datetime``.
            sort: Fields to sort by.
            fields: Fields to return; all fields if empty.
            limit: Maximum number of items in the page: up to 1000 with an offset, else up to 100.
            cursor: The cursor that the page before has returned. The filter and sort of the first
                page then apply.
            offset: Offset of the page. If it is None, paging is by cursor.
            consistent: False for a read that may lag by some seconds.
            total: Whether to count all items of the query; possible only with an offset.

        Raises:
            ValueError: The limit is out of range, or arguments exclude each other.
        """
        if cursor is not None and offset is not None:
            raise ValueError("a page begins at a cursor or at an offset, not at both")
        query = Query(collection, filter or {}, sort, fields, consistent)
        return self._read_page(
            query, self._send_query(query, offset if cursor is None else cursor, limit, total=total)
        )

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
        """Yield all pages of a query, read lazily: 100 items each by cursor, 1000 each by offset.

        If pages are read by offset, an item that is added or removed meanwhile can cause another
        item to be skipped or returned twice, unless ``sort`` puts changed items last. The other
        arguments are those of ``query_items``.
        """
        query = Query(collection, filter or {}, sort, fields, consistent)
        limit = MAX_CURSOR_PAGE if by == "cursor" else MAX_OFFSET_PAGE
        position: Position = None if by == "cursor" else 0
        for _ in range(MAX_PAGES):
            document = self._send_query(query, position, limit)
            page = self._read_page(query, document)
            yield page
            next_position = (
                next_offset(document, position, page.size, limit)
                if isinstance(position, int)
                else page.cursor
            )
            if next_position is None:
                return
            # A page that names itself as the next one would be read forever.
            if next_position == position:
                break
            position = next_position
        raise WIX_ERRORS.malformed_response(query.operation, "the pages do not end")

    def count_items(
        self,
        collection: CollectionId,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Wix's own word
        consistent: bool = True,
    ) -> int:
        """Return the number of items in a collection that match a filter."""
        operation = f"count items of {collection}"
        body = {
            "dataCollectionId": collection,
            "filter": filter or {},
            "consistentRead": consistent,
        }
        count = self._site.call(operation, "POST", f"{ITEMS}/count", body=body, safe=True).get(
            "totalCount"
        )
        if not isinstance(count, int) or isinstance(count, bool):
            raise WIX_ERRORS.malformed_response(operation, "the answer has no totalCount")
        return count

    def insert_item(self, collection: CollectionId, item: DataItem) -> DataItem:
        """Insert an item, and return it. Raises UpstreamConflict (WDE0074) if its id exists."""
        return self._write_item(
            f"insert item of {collection}",
            "POST",
            ITEMS,
            {"dataCollectionId": collection, "dataItem": wire_item(item)},
        )

    def save_item(self, collection: CollectionId, item: DataItem) -> DataItem:
        """Insert or replace an item, and return it. Idempotent.

        Stored fields that ``item`` lacks are removed.
        """
        return self._write_item(
            f"save item of {collection}",
            "POST",
            f"{ITEMS}/save",
            {"dataCollectionId": collection, "dataItem": wire_item(item)},
        )

    def patch_item(
        self,
        collection: CollectionId,
        item_id: WixItemId,
        modifications: Sequence[FieldModification],
    ) -> DataItem:
        """Change single fields of an item, and return the changed item.

        Raises NotFound (WDE0073) if there is no item with this id.
        """
        patch = {
            "dataItemId": item_id,
            "fieldModifications": [modification.wire_form() for modification in modifications],
        }
        return self._write_item(
            f"patch item of {collection}",
            "PATCH",
            _item_path(item_id),
            {"dataCollectionId": collection, "patch": patch},
        )

    def remove_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None:
        """Remove an item, and return it; None if there was no item with this id."""
        operation = f"remove item of {collection}"
        try:
            document = self._site.call(
                operation, "DELETE", _item_path(item_id), params=[("dataCollectionId", collection)]
            )
        except NotFound as error:
            if error.vendor_code != MISSING_ITEM:
                raise
            return None
        return read_item(operation, document.get("dataItem"))

    def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Insert or replace at most 1000 items. Return which were written, and which were refused.

        Takes one call, or several if one body would exceed 4 MB. If one of several calls fails, the
        earlier calls have been carried out. An item that is too large for Wix (``WDE0009``) or
        cannot be encoded as JSON (``not_json``) is refused without being sent.

        Raises:
            ValueError: There are more than 1000 items, or two items have the same id.
            Unavailable: Wix returns no result for an item. The error is ambiguous: items may have
                been written.
        """
        return self._write_items("save", collection, items)

    def _write_items(
        self, operation: str, collection: CollectionId, items: Sequence[DataItem]
    ) -> BulkOutcome:
        check_ids([item.id for item in items])
        refused: list[Refusal] = []
        for chunk in save_chunks(collection, items, refused):
            refused += self._send_bulk(
                operation, collection, chunk.ids, chunk.take_body(collection)
            )
        return BulkOutcome(
            frozenset(item.id for item in items) - {refusal.item_id for refusal in refused},
            tuple(refused),
        )

    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome:
        """Set fields of at most 1000 items in one call. Return which were changed or refused.

        Args:
            collection: The items' collection.
            changes: For each item, by its id, the new values of fields; None removes a field. An
                item that does not exist is refused (WDE0073).

        Raises the errors of ``bulk_save``.
        """
        ids = list(changes)
        check_ids(ids)
        patches = [
            {"dataItemId": identifier, "fieldModifications": _field_modifications(fields)}
            for identifier, fields in changes.items()
        ]
        refused = (
            self._send_bulk(
                "patch", collection, ids, {"dataCollectionId": collection, "patches": patches}
            )
            if ids
            else []
        )
        return BulkOutcome(
            frozenset(ids) - {refusal.item_id for refusal in refused}, tuple(refused)
        )

    def bulk_patch(
        self,
        collection: CollectionId,
        patches: Mapping[WixItemId, Sequence[FieldModification]],
    ) -> tuple[Sequence[DataItem], Sequence[Refusal]]:
        """Change single fields of at most 1000 items in one call.

        Args:
            collection: The items' collection.
            patches: Changes of fields for each item, by its id. An item that does not exist is
                refused (WDE0073).

        Returns:
            The changed items with their new content, and the refusals of the other items.

        Raises the errors of ``bulk_save``.
        """
        ids = list(patches)
        check_ids(ids)
        if not ids:
            return (), ()
        operation = f"bulk patch of {collection}"
        body = {
            "dataCollectionId": collection,
            "patches": [
                {
                    "dataItemId": identifier,
                    "fieldModifications": [one.wire_form() for one in modifications],
                }
                for identifier, modifications in patches.items()
            ],
            "returnEntity": True,
        }
        results, refused = self._read_bulk("patch", collection, ids, body)
        failed = {refusal.item_id for refusal in refused}
        items = [
            read_item(operation, result["dataItem"])
            for result in results
            if isinstance(result, Mapping) and "dataItem" in result
        ]
        changed = [item for item in items if item.id not in failed]
        if {item.id for item in changed} != frozenset(ids) - failed:
            raise WIX_ERRORS.malformed_response(operation, "a changed item was not returned")
        return changed, refused

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Insert at most 1000 items. Return which were written, and which were refused.

        An item is refused (WDE0074) if its id exists already; the stored item stays as it is. The
        number of calls, the other refusals and the errors are those of ``bulk_save``.
        """
        return self._write_items("insert", collection, items)

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        """Return the contents of at most 1000 items by id, in one call. Missing items are left out.

        An item that exists but cannot be read has a fault in place of its content, so that it is
        not taken for missing. If not even the id of such an item can be read, each id that was not
        found gets the fault.
        """
        check_ids(list(ids))
        page = (
            self.query_items(
                collection, filter={"_id": {"$in": list(ids)}}, limit=MAX_OFFSET_PAGE, offset=0
            )
            if ids
            else Page((), None)
        )
        found: dict[WixItemId, Mapping[str, Any] | RecordFault] = {
            item.id: item.data for item in page.items
        }
        for fault in page.faults:
            identifier = WixItemId(fault.record.partition("/")[2])
            doubtful = (
                [identifier]
                if identifier in ids
                else [wanted for wanted in ids if wanted not in found]
            )
            found.update(dict.fromkeys(doubtful, fault))
        return found

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        """Return at most 1000 items that have ``value`` in ``field``, read in one call."""
        return self.query_items(
            collection, filter={field: value}, limit=MAX_OFFSET_PAGE, offset=0
        ).items

    def items_before(
        self,
        collection: CollectionId,
        field: str,
        moment: datetime,
        *,
        fields: Sequence[str],
        skip: int = 0,
    ) -> Sequence[DataItem]:
        """Return at most 1000 items with a date-time ``field`` before a time, in one call.

        The oldest items come first, and the first ``skip`` items are left out. Only ``fields`` are
        read.
        """
        earlier = {field: {"$lt": moment}}
        return self.query_items(
            collection,
            filter=earlier,
            sort=[(field, "ASC"), ("_id", "ASC")],
            fields=["_id", *fields],
            limit=MAX_OFFSET_PAGE,
            offset=skip,
        ).items

    def bulk_remove(self, collection: CollectionId, ids: Sequence[WixItemId]) -> BulkOutcome:
        """Remove at most 1000 items in one call. Idempotent: a missing item counts as removed.

        The result's ``written`` has the ids of the removed items, missing ones included; its
        ``refused`` has the removals that Wix refused. Raises the errors of ``bulk_save``.
        """
        check_ids(ids)
        body = {"dataCollectionId": collection, "dataItemIds": list(ids)}
        # A missing item is the result that the caller wants: a removal is idempotent.
        refused = (
            [
                refusal
                for refusal in self._send_bulk("remove", collection, ids, body)
                if refusal.code != MISSING_ITEM
            ]
            if ids
            else []
        )
        return BulkOutcome(
            frozenset(ids) - {refusal.item_id for refusal in refused}, tuple(refused)
        )

    def _read_page(self, query: Query, document: Mapping[str, Any]) -> Page:
        page = read_page(query, document)
        for fault in page.faults:
            self._note(fault)
        return page

    def _send_query(
        self, query: Query, position: Position, limit: int, *, total: bool = False
    ) -> dict[str, Any]:
        body = query.page_request(position, limit, total=total)
        return self._site.call(query.operation, "POST", f"{ITEMS}/query", body=body, safe=True)

    def _write_item(
        self, operation: str, method: str, path: str, body: Mapping[str, Any]
    ) -> DataItem:
        return read_item(
            operation, self._site.call(operation, method, path, body=body).get("dataItem")
        )

    def _send_bulk(
        self, verb: str, collection: CollectionId, ids: Sequence[WixItemId], body: object
    ) -> list[Refusal]:
        """Send a bulk call, and return the refusals. Every other item was written."""
        return self._read_bulk(verb, collection, ids, body)[1]

    def _read_bulk(
        self, verb: str, collection: CollectionId, ids: Sequence[WixItemId], body: object
    ) -> tuple[Sequence[Any], list[Refusal]]:
        """Send a bulk call; return the results of all items, and the refusals among the results."""
        operation = f"bulk {verb} of {collection}"
        results = self._site.call(operation, "POST", f"{BULK_ITEMS}/{verb}", body=body).get(
            "results"
        )
        refused = refusals(operation, collection, ids, results)
        self._site.throttle_if_quota(operation, {refusal.code for refusal in refused})
        assert isinstance(results, list)
        return results, refused


def _field_modifications(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        (remove_field(name) if value is None else set_field(name, value)).wire_form()
        for name, value in fields.items()
    ]


def _query_flag(value: bool) -> str:
    return "true" if value else "false"


def _item_path(item_id: WixItemId) -> str:
    return f"{ITEMS}/{path_segment(item_id)}"
