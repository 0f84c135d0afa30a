"""Reads paged lists of the community gateway. A malformed record does not make its list fail."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, NotRequired, TypedDict

from pydantic import BaseModel, TypeAdapter, ValidationError

from gridwix.clients.json_values import json_object, parse_json, safe_field_name
from gridwix.clients.trading_grid.gateway import Gateway, JsonResponse
from gridwix.clients.vendor_errors import TRADING_GRID_ERRORS
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import fields_of
from gridwix.models.listings import Listing, ListPage
from gridwix.models.trading_grid.entities import Entity, Payload
from gridwix.models.trading_grid.partners import Partner

LIST_LIMIT = 200
"""Maximum number of records in one page, by the profile."""

MAX_PAGES = 50_000
"""Maximum number of pages of one list: ten million records. The pages of more do not end."""

DATE_MARGIN = timedelta(minutes=2)
"""Safety margin that is subtracted from the ``Date`` of a response to get the time up to which its
list is complete: ``Date`` has whole seconds, is of the time after reading, and may come from
another machine. Records that were updated in the last two minutes are read again next time.
"""

type Param = tuple[str, str]


class RecordPages:
    """Reads lists of the community gateway, page by page. Isolates malformed records.

    A record that cannot be read becomes a fault (:class:`RecordFault`) of its list.

    Args:
        gateway: Makes the calls.
        note: Receives each fault, for the log.
        max_pages: Maximum number of pages of one list.
    """

    def __init__(
        self, gateway: Gateway, *, note: Callable[[RecordFault], None], max_pages: int
    ) -> None:
        self._gateway = gateway
        self._note = note
        self._max_pages = max_pages

    def list_records[E: Payload](
        self, model: type[E], collection: str, path: str, params: Sequence[Param]
    ) -> Listing[E]:
        """Return all records of a list, in the list's order. A record may occur twice.

        Args:
            model: Model of the records.
            collection: Name of the records' collection, for faults and errors.
            path: Path of the list.
            params: Query parameters besides those of paging.

        Raises:
            UpstreamError: A call failed, or the pages do not end.
        """
        records: list[E] = []
        faults: list[RecordFault] = []
        for page in self.list_pages(model, collection, path, params):
            records += page.records
            faults += page.faults
        return Listing(records, faults)

    def list_pages[E: Payload](
        self, model: type[E], collection: str, path: str, params: Sequence[Param]
    ) -> Iterator[Listing[E]]:
        """Yield all records of a list, page by page, so that only one page is in memory.

        The arguments and errors are those of :meth:`list_records`.
        """
        operation = f"list of {collection}"
        cursor: str | None = None
        for _ in range(self._max_pages):
            response = self.get_page(operation, path, params, cursor, partial(parse_page, model))
            listing, next_cursor = self._read_listing(model, collection, operation, response)
            yield listing
            if next_cursor is None:
                return
            # A page that names itself as the next one would be read forever.
            if next_cursor == cursor:
                break
            cursor = next_cursor
        raise TRADING_GRID_ERRORS.malformed_response(operation, "the pages do not end")

    def list_page[E: Payload](
        self,
        model: type[E],
        collection: str,
        path: str,
        params: Sequence[Param],
        cursor: str | None,
    ) -> ListPage[E]:
        """Return one page of a list; the first page if ``cursor`` is None.

        Raises UpstreamError if the call fails, CursorExpired if the cursor is too old. The other
        arguments are those of :meth:`list_records`.
        """
        operation = f"list of {collection}"
        response = self.get_page(operation, path, params, cursor, partial(parse_page, model))
        listing, next_cursor = self._read_listing(model, collection, operation, response)
        # A page that names itself as the next one would be read forever.
        if next_cursor is not None and next_cursor == cursor:
            raise TRADING_GRID_ERRORS.malformed_response(operation, "the pages do not end")
        return ListPage(listing, next_cursor, list_time(operation, response))

    def _read_listing[E: Payload](
        self, model: type[E], collection: str, operation: str, response: JsonResponse
    ) -> tuple[Listing[E], str | None]:
        """Parse one page of a list; return its records and faults, and the next page's cursor.

        A record that cannot be read becomes a fault, which is also passed to ``note``. The cursor
        is None after the last page.
        """
        items, next_cursor = page_items(operation, response)
        found = [
            item if isinstance(item, model) else read_record(model, collection, item)
            for item in items
        ]
        faults = [one for one in found if isinstance(one, RecordFault)]
        for fault in faults:
            self._note(fault)
        records = [one for one in found if not isinstance(one, RecordFault)]
        return Listing(records, faults), next_cursor

    def get_page(
        self,
        operation: str,
        path: str,
        params: Sequence[Param],
        cursor: str | None,
        parse: Callable[[bytes], Any] = parse_json,
    ) -> JsonResponse:
        """Request one page of a list, the first page if ``cursor`` is None; return the response.

        The response's ``document`` is the result of ``parse`` for the body: plain JSON values by
        default, in which records are not parsed yet.
        """
        position = [] if cursor is None else [("cursor", cursor)]
        return self._gateway.get_json(
            operation, path, [*params, ("limit", str(LIST_LIMIT)), *position], parse=parse
        )


class _Page[M: Payload](TypedDict):
    """The JSON form of one page of a list, for parsing it directly to records.

    Parsing fails unless every record of the page is valid.
    """

    items: list[M]
    nextCursor: NotRequired[str | None]
    asOf: NotRequired[str | None]


@cache
def _page_adapter[M: Payload](model: type[M]) -> TypeAdapter[_Page[M]]:
    return TypeAdapter(_Page[model])  # type: ignore[valid-type]


def parse_page[M: Payload](model: type[M], body: bytes) -> Any:
    """Parse the body of a page: to records if all of them are valid, else to plain JSON values.

    Plain values can be parsed one by one by :func:`read_record`. Returns None if the body is not
    JSON. Parsing directly to records takes a third less time than through dictionaries.
    """
    # Only parse_json refuses them, as no JSON.
    if b"NaN" not in body and b"Infinity" not in body:
        # A validator of ours may fail in any way on a malformed record.
        with suppress(Exception):
            return _page_adapter(model).validate_json(body)
    return parse_json(body)


def page_items(operation: str, response: JsonResponse) -> tuple[list[Any], str | None]:
    """Return the items of a page, and the next page's cursor (None after the last page).

    Raises Unavailable if the response is not a page of a list.
    """
    document = json_object(response.document)
    items, next_cursor = document.get("items"), document.get("nextCursor")
    if not isinstance(items, list) or not (next_cursor is None or isinstance(next_cursor, str)):
        raise TRADING_GRID_ERRORS.malformed_response(
            operation, "the answer is no page of a list", request_id=response.request_id
        )
    return items, next_cursor or None


def list_time(operation: str, response: JsonResponse) -> datetime:
    """Return the time up to which a list is complete: ``asOf`` in the response (high-water mark).

    If the response has no ``asOf``, it is the ``Date`` of the response minus ``DATE_MARGIN``.
    Raises Unavailable if ``asOf`` is malformed or has no time zone, or if neither is stated.
    """
    value = json_object(response.document).get("asOf")
    if value is None and response.answered_at is not None:
        return response.answered_at - DATE_MARGIN
    moment = None
    if isinstance(value, str):
        with suppress(ValueError):
            moment = datetime.fromisoformat(value)
    if moment is None or moment.tzinfo is None:
        raise TRADING_GRID_ERRORS.malformed_response(
            operation, "asOf is no time", request_id=response.request_id
        )
    return moment


def updated_since(moment: datetime) -> Param:
    """Return the query parameter that restricts a list to records updated at or after a time.

    >>> updated_since(datetime.fromisoformat("2026-11-01T09:00+01:00"))
    ('updatedSince', '2026-11-01T08:00:00.000Z')
    """
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return "updatedSince", text


def read_record[M: Payload](model: type[M], collection: str, item: object) -> M | RecordFault:
    """Parse one item of a list to a record. Return a fault if the item is malformed.

    The fault contains the record's id and its partner, as far as they can be read.
    """
    # pydantic's error carries the values, so it must not become the context of another.
    try:
        return model.model_validate(item)
    except ValidationError as error:
        reason = fields_of(error)
    # A validator of ours may fail in any way on a malformed record: the others must go through.
    except Exception as error:
        reason = type(error).__name__
    owner = json_object(item).get("id" if collection == Partner.COLLECTION else "partnerId")
    return RecordFault(
        record_name(collection, item), reason, owner=owner if isinstance(owner, str) else ""
    )


def read_object[M: BaseModel](model: type[M], operation: str, response: JsonResponse) -> M:
    """Parse a response that is a single object. Raises Unavailable if the object is malformed."""
    try:
        return model.model_validate(response.document)
    except ValidationError as error:
        reason = fields_of(error)
    name = safe_field_name(json_object(response.document).get("id"))
    raise TRADING_GRID_ERRORS.malformed_response(
        operation, f"record {name} is malformed: {reason}", request_id=response.request_id
    )


def record_name(collection: str, item: object) -> str:
    """Return an item's name for faults: ``collection/id``, with ``?`` for an unreadable id."""
    return f"{collection}/{safe_field_name(json_object(item).get('id'))}"


def newest_versions[E: Entity](listing: Listing[E]) -> Listing[E]:
    """Deduplicate a listing: keep each record once, in its newest version.

    A record that changes while a list is being read moves to the end of the list, so it may be
    listed twice.
    """
    found: dict[str, E] = {}
    for entity in listing.records:
        known = found.get(entity.id)
        if known is None or known.version < entity.version:
            found[entity.id] = entity
    return Listing(list(found.values()), listing.faults)
