"""Query and Scan of DynamoDB, page by page."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

from soak.cloud.attribute_values import Attribute, Item, Packed, invalid, item_size, unpack
from soak.cloud.closures import Values
from soak.cloud.expressions import KeyCondition, ReadStatement
from soak.cloud.indexes import Entry, Index, Key, key_value
from soak.cloud.tables import Table, scan_hash

PAGE_BYTES = 1024 * 1024
"""Maximum size in bytes of the items that are examined for one page."""


def query(
    table: Table,
    index: Index,
    request: Mapping[str, Any],
    statement: ReadStatement,
    values: Values,
    *,
    stale: bool,
) -> dict[str, Any]:
    """Return the response to a Query. Raises Refusal.

    Args:
        table: The table.
        index: One of its indexes, or the table itself as one.
        request: The request.
        statement: Its expressions.
        values: Its values.
        stale: What a replica that lags would respond.
    """
    condition = statement.key
    if condition is None:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be set")
    if condition.partition != index.partition or (condition.sort and condition.sort != index.sort):
        raise invalid("Query condition missed key schema element")
    given = {condition.partition: values[condition.partition_value]}
    partition = key_value(given, condition.partition, table.schema.types, "partition")
    replaced = table.replaced() if stale else {}
    entries = index.entries(partition)
    if replaced:
        entries = _entries_before(index, partition, entries, replaced)
    first, last = _bounds(entries, condition, values, table.schema.types)
    forward = request.get("ScanIndexForward", True)
    if (start := request.get("ExclusiveStartKey")) is not None:
        position = _position(table, index, start, partition)
        if forward:
            first = max(first, bisect_right(entries, position))
        else:
            last = min(last, bisect_left(entries, position))
    chosen = entries[first:last] if forward else entries[first:last][::-1]
    keys = (key for _, key in chosen)
    return _page(table, index, keys, replaced, request, statement, values)


def scan(
    table: Table,
    request: Mapping[str, Any],
    statement: ReadStatement,
    values: Values,
    *,
    stale: bool,
) -> dict[str, Any]:
    """Return the response to a Scan of a table; arguments are those of :func:`query`. Raises
    Refusal.
    """
    replaced = table.replaced() if stale else {}
    order = table.scan_order()
    if replaced:
        known = {key for key, packed in replaced.items() if packed is not None}
        order = sorted((scan_hash(table.partition_of(key)), key) for key in {*table.items, *known})
    first = 0
    if (start := request.get("ExclusiveStartKey")) is not None:
        key = table.exact_key(start)
        first = bisect_right(order, (scan_hash(table.partition_of(key)), key))
    keys = (order[place][1] for place in range(first, len(order)))
    return _page(table, table.own_index(), keys, replaced, request, statement, values)


def _entries_before(
    index: Index, partition: Any, entries: list[Entry], replaced: Mapping[Key, Packed | None]
) -> list[Entry]:
    """Return the entries of a partition as a lagging replica has them, before some items were
    replaced.
    """
    before = [entry for entry in entries if entry[1] not in replaced]
    for key, packed in replaced.items():
        place = None if packed is None else index.place(key, unpack(packed))
        if place is not None and place.partition == partition:
            before.append(place.entry)
    return sorted(before)


def _bounds(
    entries: list[Entry], condition: KeyCondition, values: Values, types: Mapping[str, str]
) -> tuple[int, int]:
    """Return the range of the entries that fulfill the condition on the sort key."""
    if not condition.comparison:
        return 0, len(entries)
    bounds = [
        key_value({condition.sort: values[name]}, condition.sort, types, "sort")
        for name in condition.bounds
    ]
    match condition.comparison:
        case "=":
            return _first_at(entries, bounds[0]), _first_after(entries, bounds[0])
        case "<":
            return 0, _first_at(entries, bounds[0])
        case "<=":
            return 0, _first_after(entries, bounds[0])
        case ">":
            return _first_after(entries, bounds[0]), len(entries)
        case ">=":
            return _first_at(entries, bounds[0]), len(entries)
        case "BETWEEN":
            if bounds[0] > bounds[1]:
                raise invalid("The BETWEEN operator requires upper bound to be at least the lower")
            return _first_at(entries, bounds[0]), _first_after(entries, bounds[1])
        case _:
            width = len(bounds[0])
            end = bisect_right(entries, bounds[0], key=lambda entry: entry[0][:width])
            return _first_at(entries, bounds[0]), end


def _first_at(entries: list[Entry], sort: Any) -> int:
    return bisect_left(entries, sort, key=lambda entry: entry[0])


def _first_after(entries: list[Entry], sort: Any) -> int:
    return bisect_right(entries, sort, key=lambda entry: entry[0])


def _position(table: Table, index: Index, start: Mapping[str, Attribute], partition: Any) -> Entry:
    """Return the entry after which a page begins. Its item may be deleted meanwhile."""
    names = {*table.keys, index.partition, *([index.sort] if index.sort else [])}
    if start.keys() != names:
        raise invalid("The provided starting key is invalid")
    place = index.place(table.key_of(start), start)
    if place is None or place.partition != partition:
        raise invalid("The provided starting key is outside query boundaries")
    return place.entry


def _page(
    table: Table,
    index: Index,
    keys: Iterable[Key],
    replaced: Mapping[Key, Packed | None],
    request: Mapping[str, Any],
    statement: ReadStatement,
    values: Values,
) -> dict[str, Any]:
    """Return a page: the first of some items, as many as fit into it."""
    limit = request.get("Limit")
    if limit is not None and limit < 1:
        raise invalid("Value at 'limit' failed to satisfy constraint: at least 1")
    items: list[Item] = []
    looked_at, room = 0, PAGE_BYTES
    last: Item | None = None
    for key in keys:
        packed = replaced.get(key, table.items.get(key))
        if packed is None:
            continue
        item = unpack(packed)
        room -= item_size(item)
        if room < 0 and last is not None:
            return _response(table, index, items, looked_at, last)
        last, looked_at = item, looked_at + 1
        if statement.condition is None or statement.condition(item, values):
            items.append(_projected(item, index, statement.projection))
        if looked_at == limit:
            return _response(table, index, items, looked_at, last)
    return _response(table, index, items, looked_at, None)


def _projected(item: Item, index: Index, projection: tuple[str, ...] | None) -> Item:
    wanted = projection
    if index.attributes is not None:
        if projection is not None and not set(projection) <= set(index.attributes):
            raise invalid("One or more attributes are not in the index")
        wanted = projection or index.attributes
    if wanted is None:
        return item
    return {name: item[name] for name in wanted if name in item}


def _response(
    table: Table, index: Index, items: list[Item], looked_at: int, last: Item | None
) -> dict[str, Any]:
    response: dict[str, Any] = {
        "Items": items,
        "Count": len(items),
        "ScannedCount": looked_at,
    }
    if last is not None:
        names = [index.partition, *([index.sort] if index.sort else []), *table.keys]
        response["LastEvaluatedKey"] = {name: last[name] for name in dict.fromkeys(names)}
    return response
