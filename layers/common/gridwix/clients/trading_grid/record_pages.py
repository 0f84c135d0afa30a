"""Paged lists of the community gateway profile. A malformed record never spoils its list."""

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
    """Reads lists of the community gateway profile, page by page. Isolates malformed records.

    Args:
        gateway: Makes the calls.
        note: Receives each fault of a list, for the log.
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
        """All records of a list, in its order; a record may be in it twice.

        Args:
            model: Model of the records.
            collection: Their collection's name in faults and errors.
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
        """As :meth:`list_records`, page by page: only one page is in memory."""
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
        """One page of records, the first one without a cursor.

        Raises UpstreamError, also CursorExpired.
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
        """The records of a page, and the next page's cursor.

        Passes the faults among them to ``note``.
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
        """Request one page of a list, the first one without a cursor.

        Does not parse its records.
        """
        position = [] if cursor is None else [("cursor", cursor)]
        return self._gateway.get_json(
            operation, path, [*params, ("limit", str(LIST_LIMIT)), *position], parse=parse
        )


class _Page[M: Payload](TypedDict):
    """One page of a list, for parsing straight to records. Only valid if every record of the page
    is readable.
    """

    items: list[M]
    nextCursor: NotRequired[str | None]
    asOf: NotRequired[str | None]


@cache
def _page_adapter[M: Payload](model: type[M]) -> TypeAdapter[_Page[M]]:
    return TypeAdapter(_Page[model])  # type: ignore[valid-type]


def parse_page[M: Payload](model: type[M], body: bytes) -> Any:
    """Parse the body of a page: to records if all of them are readable, else to plain JSON values.

    Parsing straight to records takes a third less time than through dictionaries. Plain values are
    for :func:`read_record`. None for a body that is not JSON, as from :func:`parse_json`.
    """
    # Only parse_json refuses them, as no JSON.
    if b"NaN" not in body and b"Infinity" not in body:
        # A validator of ours may fail in any way on a malformed record.
        with suppress(Exception):
            return _page_adapter(model).validate_json(body)
    return parse_json(body)


def page_items(operation: str, response: JsonResponse) -> tuple[list[Any], str | None]:
    """The items of a page, and the next page's cursor (None after the last page).

    Raises Unavailable if the response is no page.
    """
    document = json_object(response.document)
    items, next_cursor = document.get("items"), document.get("nextCursor")
    if not isinstance(items, list) or not (next_cursor is None or isinstance(next_cursor, str)):
        raise TRADING_GRID_ERRORS.malformed_response(
            operation, "the answer is no page of a list", request_id=response.request_id
        )
    return items, next_cursor or None


def list_time(operation: str, response: JsonResponse) -> datetime:
    """The time up to which a list is complete: the ``asOf`` of its response (high-water mark).

    Without ``asOf`` it is the ``Date`` of the response minus ``DATE_MARGIN``. Raises Unavailable
    for an ``asOf`` that is malformed or has no time zone.
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
    """The query parameter that restricts a list to records updated at or after a time.

    >>> updated_since(datetime.fromisoformat("2026-11-01T09:00+01:00"))
    ('updatedSince', '2026-11-01T08:00:00.000Z')
    """
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return "updatedSince", text


def read_record[M: Payload](model: type[M], collection: str, item: object) -> M | RecordFault:
    """Parse an item of a list to a record, or to a fault with the record's id and partner."""
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
    """Parse a response that is a single object. Raises Unavailable if it is malformed."""
    try:
        return model.model_validate(response.document)
    except ValidationError as error:
        reason = fields_of(error)
    name = safe_field_name(json_object(response.document).get("id"))
    raise TRADING_GRID_ERRORS.malformed_response(
        operation, f"record {name} is malformed: {reason}", request_id=response.request_id
    )


def record_name(collection: str, item: object) -> str:
    """The name (``collection/id``) of a list's item in faults; the id is ``?`` if unreadable."""
    return f"{collection}/{safe_field_name(json_object(item).get('id'))}"


def newest_versions[E: Entity](listing: Listing[E]) -> Listing[E]:
    """Deduplicate a listing: each record once, in its newest version.

    A record that changes while its list is being read moves to the end of it: it is listed twice.
    """
    found: dict[str, E] = {}
    for entity in listing.records:
        known = found.get(entity.id)
        if known is None or known.version < entity.version:
            found[entity.id] = entity
    return Listing(list(found.values()), listing.faults)
