"""Stores entities of Wix's APIs other than data items (contacts, members, files), by id.

Entities have the query language of data items; their dates are ISO strings. Source:
https://dev.wix.com/docs/rest/articles/getting-started/api-query-language.
"""

from datetime import UTC, datetime
from typing import Any

import orjson

from emulators.common.clock import Clock, rfc3339
from emulators.wix.arguments import read_object
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.paging import MAX_OFFSET_PAGE, PageRequest
from emulators.wix.query import Reader, value_at
from emulators.wix.table_search import sorted_rows
from emulators.wix.tables import Tables, Write
from emulators.wix.wire import Data

type Page = tuple[list[Data], Data]
"""Entities, and the metadata of their page."""


class Entities:
    """All entities of one kind, such as contacts.

    ``missing`` is the error code for an entity that does not exist. ``identifier`` is the name of
    the member with an entity's id.
    """

    def __init__(
        self,
        tables: Tables,
        name: str,
        clock: Clock,
        *,
        missing: str = "NOT_FOUND",
        identifier: str = "id",
    ) -> None:
        self._tables = tables
        self._name = name
        self._clock = clock
        self._missing = missing
        self._identifier = identifier

    def now(self) -> str:
        return rfc3339(self._clock.now())

    def get(self, identifier: str) -> Data:
        """Return an entity by id. Raises WixError if it does not exist."""
        entity = self.find(identifier)
        if entity is None:
            raise WixError(self._missing, f"There is no {identifier[:128]}")
        return entity

    def find(self, identifier: str) -> Data | None:
        row = self._tables.table(self._name).rows.get(identifier)
        return row.data if row else None

    def all(self) -> list[Data]:
        """Return all entities of this kind, oldest first."""
        return [row.data for row in self._tables.table(self._name).rows.values()]

    def add(self, entity: Data) -> Data:
        """Store a new entity with its creation dates, and return it."""
        now = self.now()
        return self._store("INSERT", {**entity, "createdDate": now, "updatedDate": now})

    def replace(self, entity: Data) -> Data:
        """Store a changed entity with the date of the change, and return it."""
        return self._store("UPDATE", {**entity, "updatedDate": self.now()})

    def remove(self, identifier: str) -> Data:
        """Delete an entity and return it. Raises WixError if it does not exist."""
        entity = self.get(identifier)
        self._tables.write(self._name, [Write("REMOVE", identifier, None, None)])
        return entity

    def query_by_offset(
        self,
        asked: Data,
        *,
        read: Reader = value_at,
        most: int = MAX_OFFSET_PAGE,
        consistent: bool = True,
    ) -> Page:
        """Return a page of the entities that match a query, paginated by offset, and its metadata.

        The metadata is ``{count, offset, total, tooManyToCount}``.

        Args:
            asked: The query with ``filter``, ``sort`` and ``paging``.
            read: Reads a filter's path from an entity.
            most: Maximum page size.
            consistent: False reads the lagging replica.
        """
        page, metadata = self._query_page({**asked, "cursorPaging": None}, read, most, consistent)
        return page, {
            name: metadata[name] for name in ("count", "offset", "total", "tooManyToCount")
        }

    def query_by_cursor(self, asked: Data, *, read: Reader = value_at) -> Page:
        """Return a page of the entities that match a query, paginated by cursor, and its metadata.

        The metadata is ``{count, cursors, hasNext}``.
        """
        page, metadata = self._query_page(
            {**asked, "paging": None, "cursorPaging": read_object(asked, "cursorPaging")},
            read,
            MAX_OFFSET_PAGE,
            consistent=True,
        )
        return page, {name: metadata[name] for name in ("count", "cursors", "hasNext")}

    def _query_page(self, asked: Data, read: Reader, most: int, consistent: bool) -> Page:
        query = {
            "filter": normalize_dates(read_object(asked, "filter")),
            "sort": asked.get("sort") or [],
        }
        paging = PageRequest.from_request(
            {**asked, "returnTotalCount": True}, query, self._name, most=most
        )
        table = self._tables.table(self._name, consistent=consistent)
        try:
            found = sorted_rows(
                table,
                paging.query["filter"],
                paging.query["sort"],
                identifier=self._identifier,
                read=read,
            )
        except WixError as error:
            raise WixError("UNSUPPORTED_FILTER_OPERATOR", error.description) from None
        rows, metadata = paging.slice_page(found, self._name)
        return [row.data for row in rows], metadata

    def _store(self, action: str, entity: Data) -> Data:
        self._tables.write(
            self._name, [Write(action, entity[self._identifier], entity, orjson.dumps(entity))]
        )
        return entity


def normalize_dates(filter_: Any) -> Any:
    """Return a filter with its dates in the format in which entities store them.

    Raises InvalidRequest for an invalid date.

    >>> normalize_dates({"createdDate": {"$gt": "2026-03-12T10:00:00+01:00"}})
    {'createdDate': {'$gt': '2026-03-12T09:00:00.000Z'}}
    """
    if isinstance(filter_, list):
        return [normalize_dates(part) for part in filter_]
    if not isinstance(filter_, dict):
        return filter_
    return {
        name: _normalize_instants(name, condition)
        if name.endswith("Date")
        else normalize_dates(condition)
        for name, condition in filter_.items()
    }


def _normalize_instants(name: str, condition: Any) -> Any:
    match condition:
        case {"$date": str() as text} | (str() as text):
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                raise InvalidRequest(f"filter.{name}", "must be a date-time") from None
            return rfc3339(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        case dict():
            return {
                operator: _normalize_instants(name, operand)
                for operator, operand in condition.items()
            }
        case list():
            return [_normalize_instants(name, operand) for operand in condition]
        case _:
            return condition


def next_revision(current: Data, given: Any, field: str) -> str:
    """Return the revision of an entity after a change (optimistic locking).

    Raises InvalidRequest if the caller gives no revision, WixError (ABORTED) for a stale revision.
    """
    if not isinstance(given, str | int) or isinstance(given, bool) or given == "":
        raise InvalidRequest(field, "is missing")
    if str(given) != current["revision"]:
        raise WixError("ABORTED", f"The revision is {current['revision']}, not {str(given)[:32]}")
    return str(int(current["revision"]) + 1)


def read_string_list(arguments: Data, name: str) -> list[str]:
    """Read a list of strings from a request's arguments. Empty if the list is missing.

    A single string, as a query string has it, is read as a list with one string.
    """
    value = arguments.get(name)
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in values):
        raise InvalidRequest(name, "must be a list of strings")
    return values
