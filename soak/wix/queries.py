"""Answers queries of a collection's rows: filter, order, page, fields, and the lag of a replica."""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from soak.wix.filters import (
    RANGES,
    Predicate,
    comparison_key,
    compile_filter,
    conditions,
    fields_of,
    value_at,
)
from soak.wix.refusals import InvalidRequest
from soak.wix.store import Row, RowStore

DEFAULT_PAGE = 50
MAX_OFFSET_PAGE = 1000
MAX_CURSOR_PAGE = 100

type Hidden = Mapping[str, bytes | None]
"""Rows that a replica has in an older version; None for those that it lacks."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query of rows. ``after`` is the cursor: the position of the last row of the page before."""

    filter: Mapping[str, Any]
    sort: Sequence[tuple[str, bool]]
    """Fields to sort by, each with True if it is descending."""
    fields: Sequence[str]
    limit: int
    offset: int | None
    after: Sequence[Any] | None = None

    @classmethod
    def read(cls, asked: Mapping[str, Any]) -> "Query":
        """Return the query of a request, from its member ``query``. Raises InvalidRequest."""
        paging, by_cursor = asked.get("paging"), asked.get("cursorPaging")
        if by_cursor is None:
            paging = paging or {}
            return cls(
                *_read_question(asked),
                _read_number(paging, "limit", DEFAULT_PAGE, 1, MAX_OFFSET_PAGE),
                _read_number(paging, "offset", 0, 0, 10_000_000),
            )
        if paging is not None:
            raise InvalidRequest("paging", "excludes cursorPaging")
        limit = _read_number(by_cursor, "limit", DEFAULT_PAGE, 1, MAX_CURSOR_PAGE)
        if not by_cursor.get("cursor"):
            return cls(*_read_question(asked), limit, None)
        try:
            filter_, sort, fields, after = orjson.loads(base64.b64decode(by_cursor["cursor"]))
        except (ValueError, TypeError, binascii.Error):
            raise InvalidRequest("cursorPaging.cursor", "is not a cursor of this query") from None
        return cls(filter_, [(name, down) for name, down in sort], fields, limit, None, after)

    def cursor_after(self, position: Sequence[Any]) -> str:
        """Return the cursor of the page after a row."""
        content = [self.filter, list(self.sort), self.fields, position]
        return base64.b64encode(orjson.dumps(content)).decode()


def answer_query(
    store: RowStore, collection: str, query: Query, hidden: Hidden, *, total: bool
) -> bytes:
    """Return the response to a query.

    Args:
        store: The rows.
        collection: Their collection.
        query: The query.
        hidden: What a replica does not see yet; empty for a consistent read.
        total: State how many rows match.
    """
    ids = _in_order(store, query, _matching_ids(store, query.filter, hidden), hidden)
    start = query.offset if query.offset is not None else _place_after(store, query, ids, hidden)
    page = ids[start : start + query.limit]
    more = start + len(page) < len(ids)
    metadata: Row = {"count": len(page), "tooManyToCount": False, "hasNext": more}
    if query.offset is None:
        cursors = {}
        if page and more:
            cursors["next"] = query.cursor_after(_position(store, query, page[-1], hidden))
        metadata["cursors"] = cursors
    else:
        metadata["offset"] = query.offset
        if total:
            metadata["total"] = len(ids)
    items = b",".join(_item(store, collection, one, query.fields, hidden) for one in page)
    return b'{"dataItems":[%b],"pagingMetadata":%b}' % (items, orjson.dumps(metadata))


def count_matching(store: RowStore, filter_: Mapping[str, Any], hidden: Hidden) -> int:
    """Return the number of rows that match a filter."""
    return len(_matching_ids(store, filter_, hidden))


def data_item(collection: str, identifier: str, text: bytes) -> bytes:
    """Return a row as a data item of a response, from its JSON."""
    return b'{"id":%b,"dataCollectionId":"%b","data":%b}' % (
        orjson.dumps(identifier),
        collection.encode(),
        text,
    )


def _read_question(
    asked: Mapping[str, Any],
) -> tuple[Mapping[str, Any], Sequence[tuple[str, bool]], Sequence[str]]:
    sort = []
    for rule in asked.get("sort") or []:
        name = rule.get("fieldName") if isinstance(rule, dict) else None
        if not isinstance(name, str) or not name or rule.get("order", "ASC") not in ("ASC", "DESC"):
            raise InvalidRequest("sort", "needs a fieldName, and ASC or DESC as its order")
        sort.append((name, rule.get("order") == "DESC"))
    filter_ = {} if asked.get("filter") is None else asked["filter"]
    if not isinstance(filter_, dict):
        raise InvalidRequest("filter", "must be an object")
    return filter_, sort, asked.get("fields") or []


def _read_number(paging: Mapping[str, Any], name: str, default: int, least: int, most: int) -> int:
    value = paging.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidRequest(name, f"must be an integer from {least} to {most}")
    return value


def _matching_ids(store: RowStore, filter_: Mapping[str, Any], hidden: Hidden) -> Sequence[str]:
    """Return the ids of the matching rows. The result must not be changed."""
    matches = compile_filter(filter_)
    if not filter_:
        found: Iterable[str] = store.texts
        if not hidden:
            return list(found)
    else:
        found = _matching_in_primary(store, filter_, matches)
    if not hidden:
        return list(found)
    older = (one for one, text in hidden.items() if text is not None and matches(_parse(text)))
    return [*(one for one in found if one not in hidden), *older]


def _matching_in_primary(
    store: RowStore, filter_: Mapping[str, Any], matches: Predicate
) -> list[str]:
    """Return the ids of the matching rows without replica lag. Reads only indexed values, and no
    row.
    """
    values = {
        field: store.index(field).values for field in sorted(fields_of(filter_)) if field != "_id"
    }
    return [
        identifier
        for identifier in _candidates(store, filter_)
        if matches(
            {"_id": identifier, **{field: found.get(identifier) for field, found in values.items()}}
        )
    ]


def _candidates(store: RowStore, filter_: Mapping[str, Any]) -> Iterable[str]:
    """Return ids among which are all that match a filter: few, if a condition names ids or
    texts.
    """
    ranges: dict[str, Any] = {}
    for field, condition in conditions(filter_):
        texts = _wanted_texts(condition)
        if texts is not None and field == "_id":
            return [one for one in dict.fromkeys(texts) if one in store.texts]
        if texts is not None and "." not in field:
            holders = store.index(field).ids
            return dict.fromkeys(one for text in texts for one in holders.get(text, ()))
        if field == "_id" and isinstance(condition, dict):
            ranges |= {
                operator: limit
                for operator, limit in condition.items()
                if operator in RANGES and isinstance(limit, str)
            }
    return store.ids_between(ranges) if ranges else store.texts


def _wanted_texts(condition: Any) -> Sequence[str] | None:
    """Return the texts of which a condition requires one; None for another kind of condition."""
    if isinstance(condition, str):
        return [condition]
    if isinstance(condition, dict):
        operand = condition.get("$in", condition.get("$hasSome"))
        if isinstance(operand, list) and all(isinstance(one, str) for one in operand):
            return operand
        if isinstance(condition.get("$eq"), str):
            return [condition["$eq"]]
    return None


def _in_order(store: RowStore, query: Query, ids: Sequence[str], hidden: Hidden) -> Sequence[str]:
    """Return the ids in the query's order. The id is the last criterion, so that a cursor is
    unambiguous.
    """
    if not query.sort and query.offset is not None:
        return ids
    if [name for name, _ in query.sort] in ([], ["_id"]):
        if not query.filter and not hidden and not any(down for _, down in query.sort):
            return store.sorted_ids()
        return sorted(ids, reverse=any(down for _, down in query.sort))
    ordered = sorted(ids) if query.offset is None else list(ids)
    for name, down in reversed(query.sort):
        # A stable sort by one criterion after the other, the most important one last.
        ordered.sort(
            key=lambda one, name=name: comparison_key(_value(store, one, name, hidden)),  # type: ignore[misc]
            reverse=down,
        )
    return ordered


def _place_after(store: RowStore, query: Query, ids: Sequence[str], hidden: Hidden) -> int:
    """Return the place of the first row after the cursor's row."""
    if query.after is None:
        return 0
    *values, last = query.after
    after = [comparison_key(value) for value in values]
    for place, identifier in enumerate(ids):
        position = _position(store, query, identifier, hidden)
        for (_, down), value, limit in zip(query.sort, position[:-1], after, strict=True):
            key = comparison_key(value)
            if key != limit:
                beyond = key < limit if down else key > limit
                break
        else:
            beyond = identifier > last
        if beyond:
            return place
    return len(ids)


def _position(store: RowStore, query: Query, identifier: str, hidden: Hidden) -> list[Any]:
    return [*(_value(store, identifier, name, hidden) for name, _ in query.sort), identifier]


def _value(store: RowStore, identifier: str, path: str, hidden: Hidden) -> Any:
    if path == "_id":
        return identifier
    if identifier in hidden:
        return value_at(_parse(hidden[identifier] or b"{}"), path)
    field, _, rest = path.partition(".")
    value = store.index(field).values.get(identifier)
    if not rest:
        return value
    return value_at(value, rest) if isinstance(value, dict) else None


def _item(
    store: RowStore, collection: str, identifier: str, fields: Sequence[str], hidden: Hidden
) -> bytes:
    text = hidden[identifier] if identifier in hidden else store.texts[identifier]
    assert text is not None
    if fields:
        text = orjson.dumps(_project(_parse(text), fields))
    return data_item(collection, identifier, text)


def _project(row: Row, fields: Sequence[str]) -> Row:
    """Return a row with only its id and these fields."""
    result: Row = {"_id": row["_id"]}
    for path in fields:
        value = value_at(row, path)
        if value is None:
            continue
        *parents, leaf = path.split(".")
        target = result
        for parent in parents:
            target = target.setdefault(parent, {})
        target[leaf] = value
    return result


def _parse(text: bytes) -> Row:
    row: Row = orjson.loads(text)
    return row
