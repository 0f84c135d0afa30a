"""OpenText's own Lens transaction search: GraphQL on ``POST /visibility_transaction_search``. Reads only.

Source of the path, the arguments and the fields: github.com/opentext/BN-Trading-Grid, ``Lens/``. OpenText publishes no schema, and its queries hold their
arguments as literals, so these do, too. A GraphQL answer may carry warnings beside its data (one for each entry whose ``fastatus`` cannot be told): what is
there counts.
"""

import json
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import Any

import httpx
from pydantic import ValidationError

from gridwix.clients.http import field_name, members
from gridwix.clients.trading_grid.faults import unusable
from gridwix.clients.trading_grid.gateway import Gateway, Read
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import fields_of
from gridwix.models.listings import Listing
from gridwix.models.transactions import CONTENT_KEYS, LensEntry

PATH = "/visibility_transaction_search"

SCROLL = 1000
"""Entries of one scrolled answer: "submitting the same query multiple times will return the next 1000 entries"."""

MAX_PAGES = 100
PROCESSES_PER_CALL = 50

FIELDS = (
    "transactionid correlationid transactionlevel editype envelopetype status statusdate deliverystatus fastatus fastatusdate errorcode externalerrormessage "
    "senderaddress receiveraddress"
)

_OPERATION = "search of transactions"


class LensClient:
    """Implements the port ``TransactionSearch``. ``base_url`` is the gateway's; ``new_name`` makes a name for each search.

    An entry that cannot be read is a fault of its listing, ``transactions/<process>``, with the process as its owner; it is handed to ``note`` as well.
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

    def changed(self, since: datetime, until: datetime) -> Listing[LensEntry]:
        """Every entry whose processing status (``statusdate``) or acknowledgment (``fastatusdate``) changed between two times, both included; one that
        changed in both ways is in it twice. Raises UpstreamError, also if Lens says that there is more than it gives."""
        return self._scrolled("statusdate", since, until) + self._scrolled("fastatusdate", since, until)

    def of(self, processes: Collection[str]) -> Listing[LensEntry]:
        """Every entry of these processes: of a correlation id, or the one entry of a transaction id that has none. Raises UpstreamError.

        A fault whose process cannot be read off it is attributed by asking for the processes of its call one by one.
        """
        found: Listing[LensEntry] = Listing()
        for chunk in batched(dict.fromkeys(processes), PROCESSES_PER_CALL, strict=False):
            listing = self._of(chunk)
            if len(chunk) > 1 and any(not fault.owner for fault in listing.faults):
                listing = sum((self._of((process,)) for process in chunk), Listing[LensEntry]())
            found += listing
        return found

    def _of(self, processes: Sequence[str]) -> Listing[LensEntry]:
        clauses = " ".join(f"{{field: {field} query: {_literal(process)}}}" for process in processes for field in ("correlationid", "transactionid"))
        listing = self._paged(f"fields: {{should: [{clauses}]}}")
        alone = processes[0] if len(processes) == 1 else ""
        faults = [RecordFault(fault.record, fault.reason, owner=fault.owner or alone) for fault in listing.faults]
        # The search splits a text into words, so that it may find more than was asked for.
        return Listing([entry for entry in listing.records if entry.process in processes], [f for f in faults if not f.owner or f.owner in processes])

    def _scrolled(self, field: str, since: datetime, until: datetime) -> Listing[LensEntry]:
        """Where a scroll stands is remembered by Lens, under the query's text. The name makes this text new, so that no scroll that was broken off is gone on
        with."""
        ranges = f"ranges: {{field: {field} from: {_literal(_moment(since))} to: {_literal(_moment(until))}}}"
        query = _query(self._new_name(), f"scroll: true sortby: {{field: arrivaltime type: ASC}} {ranges}")
        entries: dict[str, LensEntry] = {}
        faults: list[RecordFault] = []
        came = 0
        for _ in range(MAX_PAGES):
            page, total, read = self._post(query)
            # Also an entry that comes twice has come: it is counted in the total.
            came += _size(page)
            entries.update((entry.transaction_id, entry) for entry in page.records)
            faults += page.faults
            if _size(page) < SCROLL:
                if came < total:
                    raise unusable(_OPERATION, f"{total} entries are said to be there, {came} came", read.request_id)
                return Listing(list(entries.values()), faults)
        raise unusable(_OPERATION, "the pages do not end")

    def _paged(self, condition: str) -> Listing[LensEntry]:
        found: Listing[LensEntry] = Listing()
        for _ in range(MAX_PAGES):
            page, total, _read = self._post(_query("ofProcesses", f"count: {SCROLL} offset: {_size(found)} {condition}"))
            found += page
            if not _size(page) or _size(found) >= total:
                return found
        raise unusable(_OPERATION, "the pages do not end")

    def _post(self, query: str) -> tuple[Listing[LensEntry], int, Read]:
        read = self._gateway.search(_OPERATION, PATH, {"query": query, "variables": ""})
        found = members(members(members(read.document).get("data")).get("getTransactions"))
        transactions, total = found.get("transactions"), found.get("total")
        if not isinstance(transactions, list) or not isinstance(total, int):
            raise unusable(_OPERATION, "the answer holds no transactions", read.request_id)
        read_items = [_entry(item) for item in transactions]
        faults = [found for found in read_items if isinstance(found, RecordFault)]
        for fault in faults:
            self._note(fault)
        return Listing([found for found in read_items if isinstance(found, LensEntry)], faults), total, read


def _query(name: str, arguments: str) -> str:
    keys = " ".join(_literal(key) for key in CONTENT_KEYS)
    # Without contentKeyFilters the content keys come back empty.
    return (
        f"query {name} {{getTransactions(query: {{{arguments} contentKeyFilters: []}}) "
        f"{{count total offset scrollid transactions {{{FIELDS} contentkeys(names: [{keys}]) {{key value}}}}}}}}"
    )


def _literal(text: str) -> str:
    """A GraphQL string: JSON's escapes are among its own (https://spec.graphql.org/October2021/#sec-String-Value)."""
    return json.dumps(text)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _size(listing: Listing[LensEntry]) -> int:
    return len(listing.records) + len(listing.faults)


def _entry(item: Any) -> LensEntry | RecordFault:
    # pydantic's error carries the values, so it must not become the context of another.
    try:
        return LensEntry.model_validate(item)
    except ValidationError as error:
        reason = fields_of(error)
    except Exception as error:
        reason = type(error).__name__
    process = next((field_name(value) for name in ("correlationid", "transactionid") if (value := members(item).get(name))), "?")
    return RecordFault(f"transactions/{process}", reason, owner="" if process == "?" else process)
