"""Queries of Wix data items: builds request bodies, parses pages (Query Data Items v2). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gridwix.clients.json_values import json_object, safe_field_name
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.errors import RecordFault, Unavailable
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import DataItem, Page

MAX_CURSOR_PAGE = 100
MAX_OFFSET_PAGE = 1000

type Sort = tuple[str, Literal["ASC", "DESC"]]
type Position = str | int | None
"""Start of a page: a cursor, an offset, or None for the first page of paging by cursor."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query for the items of a Wix collection.

    ``fields`` are the fields to return; all fields if it is empty. Date-times in ``filter`` are
    ``datetime``. A ``consistent`` query sees every write that was confirmed before it; another may
    lag by some seconds.
    """

    collection: CollectionId
    filter: Mapping[str, Any] = field(default_factory=dict)
    sort: Sequence[Sort] = ()
    fields: Sequence[str] = ()
    consistent: bool = True

    @property
    def operation(self) -> str:
        """Name of the query in error messages."""
        return f"query items of {self.collection}"

    def page_request(
        self, position: Position, limit: int, *, total: bool = False
    ) -> dict[str, Any]:
        """Return the request body for one page of the query.

        If ``position`` is a cursor, filter and sort are not sent, because Wix knows them by the
        cursor.

        Args:
            position: Start of the page: a cursor, an offset, or None for the first page by cursor.
            limit: Maximum number of items in the page: 1 to 1000 with an offset, else 1 to 100.
            total: Whether to count all items of the query, which needs an offset.

        Raises:
            ValueError: The limit is out of range, or ``total`` is set without an offset.
        """
        longest = MAX_OFFSET_PAGE if isinstance(position, int) else MAX_CURSOR_PAGE
        if not 1 <= limit <= longest:
            raise ValueError(f"limit must be from 1 to {longest}, got {limit}")
        if total and not isinstance(position, int):
            raise ValueError("a total is only counted with an offset")
        query: dict[str, Any]
        if isinstance(position, str):
            query = {"cursorPaging": {"limit": limit, "cursor": position}}
        else:
            paging = (
                {"cursorPaging": {"limit": limit}}
                if position is None
                else {"paging": {"limit": limit, "offset": position}}
            )
            sort = [{"fieldName": name, "order": order} for name, order in self.sort]
            query = {"filter": self.filter, "sort": sort, "fields": list(self.fields), **paging}
        return {
            "dataCollectionId": self.collection,
            "query": query,
            "consistentRead": self.consistent,
            "returnTotalCount": total,
        }


def read_item(operation: str, element: object) -> DataItem:
    """Parse a data item in a response of Wix. The item's ``_id`` is removed from its data.

    Raises Unavailable if the item is malformed. The error is ambiguous: if the call was a write, it
    may have been carried out all the same.
    """
    data = json_object(element).get("data")
    identifier = json_object(element).get("id") or json_object(data).get("_id")
    if not isinstance(data, dict) or not isinstance(identifier, str) or not identifier:
        raise WIX_ERRORS.malformed_response(operation, "the answer has no data item")
    data.pop("_id", None)
    return DataItem(WixItemId(identifier), data)


def read_page(query: Query, document: Mapping[str, Any]) -> Page:
    """Parse one page of items from Wix's response to a query.

    An element that is no valid data item becomes a fault of the page. The fault is named by the
    collection and the item's id, or ``?`` if the id cannot be read. Raises Unavailable if the
    response has no list of items.
    """
    found, paging = document.get("dataItems"), json_object(document.get("pagingMetadata"))
    if not isinstance(found, list):
        raise WIX_ERRORS.malformed_response(query.operation, "the answer has no dataItems")
    next_cursor = json_object(paging.get("cursors")).get("next")
    has_next = (
        paging.get("hasNext") is not False and isinstance(next_cursor, str) and next_cursor != ""
    )
    total = paging.get("total")
    readings = [_read_element(query.collection, element) for element in found]
    return Page(
        tuple(reading for reading in readings if isinstance(reading, DataItem)),
        faults=tuple(reading for reading in readings if isinstance(reading, RecordFault)),
        cursor=next_cursor if has_next else None,
        total=total if isinstance(total, int) and not isinstance(total, bool) else None,
    )


def _read_element(collection: CollectionId, element: object) -> DataItem | RecordFault:
    try:
        return read_item("", element)
    except Unavailable:
        identifier = json_object(element).get("id") or json_object(
            json_object(element).get("data")
        ).get("_id")
        return RecordFault(f"{collection}/{safe_field_name(identifier)}", "it is no data item")


def next_offset(document: Mapping[str, Any], offset: int, found: int, limit: int) -> int | None:
    """Return the offset of a query's next page; None after the last page.

    If Wix does not state whether there is a next page, a page that is not full is the last.

    Args:
        document: The response with the current page.
        offset: Offset of the current page.
        found: Number of items in the current page.
        limit: Maximum number of items in a page.

    >>> next_offset({}, offset=100, found=100, limit=100)
    200
    >>> next_offset({}, offset=200, found=7, limit=100) is None
    True
    """
    stated = json_object(document.get("pagingMetadata")).get("hasNext")
    more = stated if isinstance(stated, bool) else found >= limit
    return offset + found if more and found else None
