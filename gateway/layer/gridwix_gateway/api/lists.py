"""Pages of records and other items of the table, and the cursors that lead from page to page."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime

from gridwix_gateway.api.messages import Request
from gridwix_gateway.api.services import Services
from gridwix_gateway.documents import Document, timestamp
from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.store.dynamodb import COUNTER
from gridwix_gateway.store.items import dump_json, item_document, sort_key
from gridwix_gateway.store.records import Filters
from gridwix_gateway.store.table import Item, Table

MAX_LIMIT = 200
DEFAULT_LIMIT = 100
MAX_DIGITS = 9
MAX_PARTNER_IDS = 50
MAX_PARTNER_ID = 100
MAX_CURSOR = 1_000

MAX_PAGE_BYTES = 2_500_000
"""Maximum bytes of a page. Lambda limits a response to 6 MB, in which each quote is escaped."""

RECORD_POSITION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#.{1,200}", re.DOTALL)
"""Form of a position in a list of records: ``updatedAt#id``."""

ITEM_POSITION = re.compile(r".{1,250}", re.DOTALL)
"""Form of a position in a partition of the table: any sort key."""


def list_records(request: Request, services: Services, collection: str) -> Document:
    """Return a page of a collection's records and tombstones, ordered by ``(updatedAt, id)``.

    Args:
        request: The request, with ``limit``, ``cursor`` and filters in its query.
        services: Reads the table.
        collection: The collection, such as ``cases``.

    Returns:
        The page: ``items``, ``nextCursor`` and ``asOf``.

    Raises:
        Problem: ``validation`` or ``cursor-invalid``.
    """
    filters, limit = _read_filters(request), read_limit(request)
    digest = _filter_digest(collection, filters)
    position = _read_position(request, digest, RECORD_POSITION)
    as_of = read_time(services)
    page = services.records.list_page(collection, filters, position, limit)
    count = fitting_count(page.documents)
    records, following = page.documents[:count], page.position
    if count < len(page.documents):
        following = sort_key(records[-1]["updatedAt"], records[-1]["id"])
    cursor = None if following is None else _encode_cursor(following, digest)
    return {"items": list(records), "nextCursor": cursor, "asOf": as_of}


def list_items(request: Request, table: Table, partition: str) -> tuple[list[Document], str | None]:
    """Return a page of the documents in a partition of the table, in the order of sort keys.

    Args:
        request: The request, with the query parameters ``limit`` and ``cursor``.
        table: The table.
        partition: The partition, such as that of a case's comments.

    Returns:
        The documents, and the cursor of the next page, which is None on the last page.

    Raises:
        Problem: ``validation`` or ``cursor-invalid``.
    """
    limit, digest = read_limit(request), hashlib.sha256(partition.encode()).hexdigest()[:16]
    position = _read_position(request, digest, ITEM_POSITION)
    items: list[Item] = []
    # One more than the page, to know whether others follow. A query can end before its limit.
    while len(items) <= limit and (
        found := table.query(partition, after=position, limit=limit + 1 - len(items))
    ):
        items += found
        position = str(found[-1]["sk"])
    documents = [item_document(item) for item in items[:limit]]
    count = fitting_count(documents)
    cursor = _encode_cursor(str(items[count - 1]["sk"]), digest) if count < len(items) else None
    return documents[:count], cursor


def fitting_count(documents: Sequence[Document]) -> int:
    """Return how many of the documents, from the first on, fit into one response; at least one."""
    size = 0
    for count, document in enumerate(documents):
        size += json_size(document)
        if size > MAX_PAGE_BYTES and count:
            return count
    return len(documents)


def read_time(services: Services) -> str:
    """Return the current time of the table's server, for the member ``asOf`` of a list.

    Call it before the list is read, never after. A later time, or the time of a wrong clock, would
    let the client's next incremental list miss changes.
    """
    return timestamp(services.table.get_with_time(COUNTER)[1])


def read_limit(request: Request) -> int:
    """Return the query parameter ``limit``, or the default without it.

    Raises Problem ``validation`` for an invalid value.
    """
    text = request.query_value("limit")
    if text is None:
        return DEFAULT_LIMIT
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    if not is_number or not 1 <= int(text) <= MAX_LIMIT:
        raise query_problem("limit", "range", f"1 to {MAX_LIMIT}")
    return int(text)


def query_problem(parameter: str, code: str, detail: str) -> Problem:
    """Return the ``validation`` problem of an invalid query parameter.

    Args:
        parameter: Name of the parameter.
        code: Stable code of the error, such as ``range``.
        detail: The values that are allowed, in words.
    """
    return Problem(
        "validation",
        f"The query parameter {parameter} is not valid.",
        [FieldError(parameter, code, detail)],
    )


def read_words(request: Request, parameter: str) -> frozenset[str]:
    """Return the set of words in a comma-separated query parameter; empty without the parameter.

    Args:
        request: The request.
        parameter: Name of the parameter.
    """
    return frozenset(filter(None, (request.query_value(parameter) or "").split(",")))


def _read_filters(request: Request) -> Filters:
    partner_ids = frozenset(request.query_values("partnerId"))
    if len(request.query_values("partnerId")) > MAX_PARTNER_IDS:
        raise query_problem("partnerId", "maxItems", f"at most {MAX_PARTNER_IDS}")
    if any(len(partner_id) > MAX_PARTNER_ID for partner_id in partner_ids):
        raise query_problem("partnerId", "maxLength", f"at most {MAX_PARTNER_ID} characters")
    return Filters(partner_ids, read_words(request, "status"), _read_updated_since(request))


def _read_updated_since(request: Request) -> str:
    text = request.query_value("updatedSince")
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("a time without its offset from UTC")
        return timestamp(moment)
    except (ValueError, OverflowError):
        raise query_problem("updatedSince", "format", "a time of RFC 3339") from None


def _filter_digest(collection: str, filters: Filters) -> str:
    members = [
        collection,
        sorted(filters.partner_ids),
        sorted(filters.statuses),
        filters.updated_since,
    ]
    return hashlib.sha256(json.dumps(members).encode()).hexdigest()[:16]


def _encode_cursor(position: str, digest: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([position, digest]).encode()).decode()


def _read_position(request: Request, digest: str, form: re.Pattern[str]) -> str:
    """Return the position in the query parameter ``cursor``; "" without a cursor.

    Raises Problem ``cursor-invalid`` if the cursor is malformed or belongs to other filters.
    """
    cursor = request.query_value("cursor")
    if cursor is None:
        return ""
    try:
        if len(cursor) > MAX_CURSOR:
            raise ValueError("too long")
        position, belongs_to = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(position, str) or form.fullmatch(position) is None:
            raise ValueError("no position")
        # JSON can escape a lone surrogate, which no key can hold.
        position.encode()
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise Problem("cursor-invalid", "The cursor is not valid.") from None
    if belongs_to != digest:
        raise Problem("cursor-invalid", "The cursor belongs to other filters.")
    return position


def json_size(document: Document) -> int:
    """Return the number of bytes that a document takes in a page."""
    return len(dump_json(document).encode())
