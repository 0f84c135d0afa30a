"""Filters and sorts the rows of a table, for queries.

A table caches the results of its last queries until the table changes, so that the further pages of
a query are not computed again.
"""

from typing import Any

import orjson

from emulators.wix.paging import Ordered
from emulators.wix.query import (
    Descending,
    Reader,
    comparison_key,
    compile_filter,
    sort_rules,
    value_at,
)
from emulators.wix.tables import Row, Table
from emulators.wix.wire import Data

MAX_REMEMBERED = 16


def find_rows(
    table: Table, filter_: Data, *, identifier: str = "_id", read: Reader = value_at
) -> list[Row]:
    """Return the rows of a table that match the filter, oldest first.

    ``identifier`` is the member with a row's id. A filter for one id is a lookup, not a search.
    """
    matches = compile_filter(filter_, read=read)
    wanted = filter_.get(identifier)
    if isinstance(wanted, str):
        row = table.rows.get(wanted)
        return [row] if row and matches(row.data) else []
    return (
        [row for row in table.rows.values() if matches(row.data)]
        if filter_
        else list(table.rows.values())
    )


def sorted_rows(
    table: Table, filter_: Data, sort: Any, *, identifier: str = "_id", read: Reader = value_at
) -> Ordered[Row]:
    """Return the rows of a table that match the filter, sorted; equal rows are oldest first."""
    question = orjson.dumps([filter_, sort])
    remembered: Ordered[Row] | None = table.remembered.get(question)
    if remembered is not None:
        return remembered
    rules = sort_rules(sort)
    orders = [*(descending for _, descending in rules), False]
    rows = Ordered(
        find_rows(table, filter_, identifier=identifier, read=read),
        lambda row: [*(read(row.data, name) for name, _ in rules), row.number],
        lambda position: sort_key(position, orders),
    )
    if rules:
        rows.elements.sort(key=lambda row: rows.key(rows.position(row)))
    if len(table.remembered) >= MAX_REMEMBERED:
        table.remembered.clear()
    table.remembered[question] = rows
    return rows


def sort_key(position: list[Any], orders: list[bool]) -> tuple[Any, ...]:
    """Return the sort values of a row as one comparable key.

    ``orders`` has True for each value that is sorted in descending order.
    """
    return tuple(
        Descending(comparison_key(value)) if descending else comparison_key(value)
        for value, descending in zip(position, orders, strict=False)
    )
