"""Queries of data items: what a request for a page says, and what its answer holds. Source: Query Data Items of Wix Data Items v2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gridwix.clients.http import field_name, members
from gridwix.clients.wix.faults import unusable
from gridwix.errors import RecordFault, Unavailable
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import DataItem, Page

MAX_CURSOR_PAGE = 100
MAX_OFFSET_PAGE = 1000

type Sort = tuple[str, Literal["ASC", "DESC"]]
type Position = str | int | None
"""Where a page begins: at a cursor, at an offset, or, paging by cursor, at the beginning."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which items, in which order, with which fields (all if none is named). Date-times in the filter are ``datetime``."""

    collection: CollectionId
    filter: Mapping[str, Any] = field(default_factory=dict)
    sort: Sequence[Sort] = ()
    fields: Sequence[str] = ()
    consistent: bool = True

    @property
    def operation(self) -> str:
        return f"query items of {self.collection}"

    def body(self, position: Position, limit: int, *, total: bool = False) -> dict[str, Any]:
        """The request for one page. After a cursor nothing but the cursor is sent: it stands for the rest. Raises ValueError for what Wix does not offer."""
        longest = MAX_OFFSET_PAGE if isinstance(position, int) else MAX_CURSOR_PAGE
        if not 1 <= limit <= longest:
            raise ValueError(f"limit must be from 1 to {longest}, got {limit}")
        if total and not isinstance(position, int):
            raise ValueError("a total is only counted with an offset")
        query: dict[str, Any]
        if isinstance(position, str):
            query = {"cursorPaging": {"limit": limit, "cursor": position}}
        else:
            paging = {"cursorPaging": {"limit": limit}} if position is None else {"paging": {"limit": limit, "offset": position}}
            sort = [{"fieldName": name, "order": order} for name, order in self.sort]
            query = {"filter": self.filter, "sort": sort, "fields": list(self.fields), **paging}
        return {"dataCollectionId": self.collection, "query": query, "consistentRead": self.consistent, "returnTotalCount": total}


def read_item(operation: str, element: object) -> DataItem:
    """The data item of an answer, without ``_id`` in its data. Raises an ambiguous Unavailable if it is none."""
    data = members(element).get("data")
    identifier = members(element).get("id") or members(data).get("_id")
    if not isinstance(data, dict) or not isinstance(identifier, str) or not identifier:
        raise unusable(operation, "the answer has no data item")
    data.pop("_id", None)
    return DataItem(WixItemId(identifier), data)


def read_page(query: Query, document: Mapping[str, Any]) -> Page:
    """The page of an answer. An element that is no data item is a fault of the page, named by its collection and, as far as it can be read, its id."""
    found, paging = document.get("dataItems"), members(document.get("pagingMetadata"))
    if not isinstance(found, list):
        raise unusable(query.operation, "the answer has no dataItems")
    following = members(paging.get("cursors")).get("next")
    has_next = paging.get("hasNext") is not False and isinstance(following, str) and following != ""
    total = paging.get("total")
    readings = [_read_element(query.collection, element) for element in found]
    return Page(
        tuple(reading for reading in readings if isinstance(reading, DataItem)),
        faults=tuple(reading for reading in readings if isinstance(reading, RecordFault)),
        cursor=following if has_next else None,
        total=total if isinstance(total, int) and not isinstance(total, bool) else None,
    )


def _read_element(collection: CollectionId, element: object) -> DataItem | RecordFault:
    try:
        return read_item("", element)
    except Unavailable:
        identifier = members(element).get("id") or members(members(element).get("data")).get("_id")
        return RecordFault(f"{collection}/{field_name(identifier)}", "it is no data item")


def next_offset(document: Mapping[str, Any], offset: int, found: int, limit: int) -> int | None:
    """Where the next page begins; None after the last one. Wix may say whether there is more; else a page that is not full is the last."""
    says = members(document.get("pagingMetadata")).get("hasNext")
    more = says if isinstance(says, bool) else found >= limit
    return offset + found if more and found else None
