"""Pagination by offset and by cursor.

A cursor holds the query and the sort values of the last row of its page, not the position of the
row. So rows that are added or removed meanwhile cause neither duplicates nor gaps. Source:
https://dev.wix.com/docs/rest/articles/getting-started/sorting-and-paging.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from emulators.wix.arguments import read_flag, read_int, read_object, read_text
from emulators.wix.errors import InvalidRequest
from emulators.wix.wire import Data, decode_base64url, decode_object, encode_base64url

DEFAULT_PAGE = 50
MAX_OFFSET_PAGE = 1000
MAX_CURSOR_PAGE = 100
MAX_OFFSET = 10_000_000


@dataclass(frozen=True, slots=True)
class Ordered[T]:
    """All results of a query, in order, of which each page is a slice.

    ``position`` returns the JSON values by which an element is sorted. ``key`` turns these values
    into a key that can be compared.
    """

    elements: list[T]
    position: Callable[[T], list[Any]]
    key: Callable[[list[Any]], tuple[Any, ...]]

    def count_before(self, position: list[Any], *, after: bool) -> int:
        """Return the number of elements before a position.

        If ``after`` is true, an element exactly at the position counts, too.
        """
        bisect = bisect_right if after else bisect_left
        return bisect(
            self.elements, self.key(position), key=lambda element: self.key(self.position(element))
        )


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The page that a query asks for: by ``offset``, or by cursor if ``offset`` is None.

    By cursor, the page starts after ``position`` (None is the beginning), or with ``backwards``
    ends before that position. ``query`` has the filter, the sort order and so on. The cursors of
    the page contain it, so that the next request continues the same query.
    """

    limit: int
    offset: int | None
    position: list[Any] | None
    backwards: bool
    query: Data
    total: bool

    @classmethod
    def from_request(
        cls, arguments: Data, query: Data, collection: str, *, most: int = MAX_OFFSET_PAGE
    ) -> "PageRequest":
        """Read the page that a request asks for, in ``paging`` or in ``cursorPaging``.

        ``paging`` is by offset, with at most ``most`` elements a page; ``cursorPaging`` is by
        cursor. Raises InvalidRequest for both at once, a limit out of range, or a cursor of another
        query.
        """
        if arguments.get("cursorPaging") is None:
            paging = read_object(arguments, "paging")
            limit = read_int(paging, "limit", DEFAULT_PAGE, least=1, most=most)
            return cls(
                limit,
                read_int(paging, "offset", 0, most=MAX_OFFSET),
                None,
                False,
                query,
                read_flag(arguments, "returnTotalCount"),
            )
        if arguments.get("paging") is not None:
            raise InvalidRequest("paging", "excludes cursorPaging")
        paging = read_object(arguments, "cursorPaging")
        limit = read_int(paging, "limit", DEFAULT_PAGE, least=1, most=MAX_CURSOR_PAGE)
        if not paging.get("cursor"):
            return cls(limit, None, None, False, query, False)
        opened = _read_cursor(read_text(paging, "cursor"), collection)
        if opened["q"].keys() != query.keys():
            raise InvalidRequest("cursorPaging.cursor", "is not a cursor of this query")
        return cls(limit, None, opened["p"], opened["b"], opened["q"], False)

    def slice_page[T](self, found: Ordered[T], collection: str) -> tuple[list[T], Data]:
        """Return the elements of this page of ``found``, and the page's ``pagingMetadata``."""
        size = len(found.elements)
        if self.offset is not None:
            start, end = min(self.offset, size), min(self.offset + self.limit, size)
        elif self.position is None:
            start, end = 0, min(self.limit, size)
        elif self.backwards:
            end = found.count_before(self.position, after=False)
            start = max(0, end - self.limit)
        else:
            start = found.count_before(self.position, after=True)
            end = min(start + self.limit, size)
        page = found.elements[start:end]
        metadata: Data = {"count": len(page), "tooManyToCount": False, "hasNext": end < size}
        if self.offset is not None:
            metadata["offset"] = self.offset
            if self.total:
                metadata["total"] = size
        else:
            metadata["cursors"] = {
                **(
                    {"next": self._cursor(collection, found.position(page[-1]), backwards=False)}
                    if page and end < size
                    else {}
                ),
                **(
                    {"prev": self._cursor(collection, found.position(page[0]), backwards=True)}
                    if page and start > 0
                    else {}
                ),
            }
        return page, metadata

    def _cursor(self, collection: str, position: list[Any], *, backwards: bool) -> str:
        return encode_base64url(
            orjson.dumps({"c": collection, "q": self.query, "p": position, "b": backwards})
        )


def _read_cursor(cursor: str, collection: str) -> Data:
    try:
        opened = decode_object(decode_base64url(cursor))
        if (
            opened["c"] == collection
            and isinstance(opened["p"], list)
            and isinstance(opened["b"], bool)
            and isinstance(opened["q"], dict)
        ):
            return opened
    except (ValueError, TypeError, KeyError):
        pass
    raise InvalidRequest("cursorPaging.cursor", "is not a cursor of this query")
