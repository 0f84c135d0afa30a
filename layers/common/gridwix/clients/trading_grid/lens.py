"""Client of Lens, OpenText's transaction search. It only reads.

Lens is a GraphQL API at ``POST /visibility_transaction_search``. Source of the path, the arguments
and the fields: github.com/opentext/BN-Trading-Grid, ``Lens/``. OpenText publishes no GraphQL
schema. As in OpenText's own queries, arguments are written into the query as literals. A GraphQL
response may contain errors besides its data (one for each entry with an undetermined ``fastatus``).
These errors are ignored, and the data is used.
"""

import json
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import Any

import httpx
from pydantic import ValidationError

from gridwix.clients.json_values import json_object, safe_field_name
from gridwix.clients.trading_grid.gateway import Gateway, JsonResponse
from gridwix.clients.vendor_errors import TRADING_GRID_ERRORS
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import fields_of
from gridwix.models.listings import Listing
from gridwix.models.transactions import CONTENT_KEYS, LensEntry
from gridwix.ports import TransactionSearch

PATH = "/visibility_transaction_search"

SCROLL = 1000
"""Number of entries in one response of a scroll: "submitting the same query multiple times will
return the next 1000 entries"."""

MAX_PAGES = 100
"""Maximum number of pages of one search."""

MAX_ARRIVAL_PAGES = 250
"""Maximum number of pages of one search by arrival. Higher, as its caller keeps no entries in
memory.
"""

PROCESSES_PER_CALL = 50

FIELDS = (
    "transactionid correlationid transactionlevel editype envelopetype status statusdate"
    " deliverystatus fastatus fastatusdate errorcode externalerrormessage"
    " senderaddress receiveraddress"
)

ARRIVAL_FIELDS = f"{FIELDS} arrivaltime"
"""Fields to query in a search by arrival."""

_OPERATION = "search of transactions"


class LensClient(TransactionSearch):
    """Searches entries of transactions in Lens. All methods raise UpstreamError if a call fails.

    A process is all entries with the same correlation id. An entry that cannot be read does not
    fail the search: the returned :class:`Listing` has a :class:`RecordFault` in its place, with
    ``transactions/<process>`` as ``record`` and the process as ``owner``.

    Args:
        http: The httpx client that all vendors share.
        auth: Authentication with OpenText's API gateway.
        base_url: The API gateway's base URL.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
        new_name: Returns a unique query name for each scroll (a search that is read in pages).
        note: Receives each fault, for the log.
    """

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        *,
        base_url: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        new_name: Callable[[], str] = lambda: f"changed_{secrets.token_hex(8)}",
        note: Callable[[RecordFault], None] = lambda _: None,
    ) -> None:
        self._note = note
        self._gateway = Gateway(http, auth, base_url=base_url, clock=clock, sleep=sleep)
        self._new_name = new_name

    def changed_entries(self, since: datetime, until: datetime) -> Listing[LensEntry]:
        """Return each entry with a change of processing or acknowledgment status between two times.

        Both bounds are inclusive. They apply to ``statusdate`` and to ``fastatusdate``; an entry
        with both dates in the range is in the listing twice. Raises UpstreamError if a call fails,
        or if Lens returns fewer entries than it states.
        """
        return self._scroll_entries("statusdate", since, until) + self._scroll_entries(
            "fastatusdate", since, until
        )

    def arrived_entries(self, since: datetime, until: datetime) -> Iterator[Listing[LensEntry]]:
        """Yield every entry that arrived between two times, page by page, with ``arrived_at``.

        Both bounds are inclusive. An entry may be on two pages. Raises UpstreamError if a call
        fails, and after the last page if Lens has returned fewer entries than it states.
        """
        return self._scroll_pages(
            "arrivaltime", since, until, fields=ARRIVAL_FIELDS, max_pages=MAX_ARRIVAL_PAGES
        )

    def entries_of(self, processes: Collection[str]) -> Listing[LensEntry]:
        """Return every Lens entry of some processes (groups of entries with one correlation id).

        A process is named by a correlation id, or by the transaction id of an entry that has no
        correlation id. One request to Lens searches several processes. If its response has an
        unreadable entry that does not name its process, these processes are searched again one by
        one, which shows the process of the unreadable entry.
        """
        found: Listing[LensEntry] = Listing()
        for chunk in batched(dict.fromkeys(processes), PROCESSES_PER_CALL, strict=False):
            listing = self._search_processes(chunk)
            if len(chunk) > 1 and any(not fault.owner for fault in listing.faults):
                listing = sum(
                    (self._search_processes((process,)) for process in chunk), Listing[LensEntry]()
                )
            found += listing
        return found

    def _search_processes(self, processes: Sequence[str]) -> Listing[LensEntry]:
        clauses = " ".join(
            f"{{field: {field} query: {_graphql_string(process)}}}"
            for process in processes
            for field in ("correlationid", "transactionid")
        )
        listing = self._page_entries(f"fields: {{should: [{clauses}]}}")
        # In the search of one process each fault is that process's.
        alone = processes[0] if len(processes) == 1 else ""
        faults = [
            RecordFault(fault.record, fault.reason, owner=fault.owner or alone)
            for fault in listing.faults
        ]
        # The search splits a text into words, so it may find more than the processes.
        return Listing(
            [entry for entry in listing.records if entry.process in processes],
            [f for f in faults if not f.owner or f.owner in processes],
        )

    def _scroll_entries(self, field: str, since: datetime, until: datetime) -> Listing[LensEntry]:
        """Return the entries with a date ``field`` between two times, each entry once."""
        entries: dict[str, LensEntry] = {}
        faults: list[RecordFault] = []
        for page in self._scroll_pages(field, since, until, fields=FIELDS, max_pages=MAX_PAGES):
            entries.update((entry.transaction_id, entry) for entry in page.records)
            faults += page.faults
        return Listing(list(entries.values()), faults)

    def _scroll_pages(
        self, field: str, since: datetime, until: datetime, *, fields: str, max_pages: int
    ) -> Iterator[Listing[LensEntry]]:
        """Yield the pages of all entries with a date ``field`` between two times.

        The pages are read by a scroll: each time that the same query is sent, Lens returns the next
        entries. Lens stores the position of a scroll under the query's text. A unique query name
        makes the text new, so that an interrupted scroll is never continued.
        """
        first, last = _graphql_string(_utc_text(since)), _graphql_string(_utc_text(until))
        ranges = f"ranges: {{field: {field} from: {first} to: {last}}}"
        query = _search_query(
            self._new_name(),
            f"scroll: true sortby: {{field: arrivaltime type: ASC}} {ranges}",
            fields,
        )
        received = 0
        for _ in range(max_pages):
            page, total, response = self._post_query(query)
            # The total counts a duplicate entry as well.
            received += _listing_size(page)
            yield page
            if _listing_size(page) < SCROLL:
                if received < total:
                    reason = f"{total} entries are said to be there, {received} came"
                    raise TRADING_GRID_ERRORS.malformed_response(
                        _OPERATION, reason, request_id=response.request_id
                    )
                return
        raise TRADING_GRID_ERRORS.malformed_response(_OPERATION, "the pages do not end")

    def _page_entries(self, condition: str) -> Listing[LensEntry]:
        found: Listing[LensEntry] = Listing()
        for _ in range(MAX_PAGES):
            page, total, _ = self._post_query(
                _search_query(
                    "ofProcesses", f"count: {SCROLL} offset: {_listing_size(found)} {condition}"
                )
            )
            found += page
            if not _listing_size(page) or _listing_size(found) >= total:
                return found
        raise TRADING_GRID_ERRORS.malformed_response(_OPERATION, "the pages do not end")

    def _post_query(self, query: str) -> tuple[Listing[LensEntry], int, JsonResponse]:
        """Send one query; return its entries, the total that Lens states, and the response."""
        response = self._gateway.search_json(_OPERATION, PATH, {"query": query, "variables": ""})
        found = json_object(
            json_object(json_object(response.document).get("data")).get("getTransactions")
        )
        transactions, total = found.get("transactions"), found.get("total")
        if not isinstance(transactions, list) or not isinstance(total, int):
            raise TRADING_GRID_ERRORS.malformed_response(
                _OPERATION, "the answer holds no transactions", request_id=response.request_id
            )
        results = [_read_entry(item) for item in transactions]
        faults = [found for found in results if isinstance(found, RecordFault)]
        for fault in faults:
            self._note(fault)
        return (
            Listing([found for found in results if isinstance(found, LensEntry)], faults),
            total,
            response,
        )


def _search_query(name: str, arguments: str, fields: str = FIELDS) -> str:
    keys = " ".join(_graphql_string(key) for key in CONTENT_KEYS)
    # Without contentKeyFilters Lens returns empty content keys.
    return (
        f"query {name} {{getTransactions(query: {{{arguments} contentKeyFilters: []}})"
        " {count total offset scrollid transactions"
        f" {{{fields} contentkeys(names: [{keys}]) {{key value}}}}}}}}"
    )


def _graphql_string(text: str) -> str:
    """Quote a text as a GraphQL string literal.

    JSON's escapes are a subset of GraphQL's:
    https://spec.graphql.org/October2021/#sec-String-Value.
    """
    return json.dumps(text)


def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _listing_size(listing: Listing[LensEntry]) -> int:
    return len(listing.records) + len(listing.faults)


def _read_entry(item: Any) -> LensEntry | RecordFault:
    # pydantic's error carries the values, so it must not become the context of another.
    try:
        return LensEntry.model_validate(item)
    except ValidationError as error:
        reason = fields_of(error)
    # A validator of ours may fail in any way on a malformed entry: the others must go through.
    except Exception as error:
        reason = type(error).__name__
    process = next(
        (
            safe_field_name(value)
            for name in ("correlationid", "transactionid")
            if (value := json_object(item).get(name))
        ),
        "?",
    )
    return RecordFault(f"transactions/{process}", reason, owner="" if process == "?" else process)
