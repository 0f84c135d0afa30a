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
    """Implements the port ``TransactionSearch``. ``base_url`` is the gateway's; ``new_name`` makes a name for each search."""

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        *,
        base_url: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        new_name: Callable[[], str] = lambda: f"changed_{secrets.token_hex(8)}",
    ) -> None:
        self._gateway = Gateway(http, auth, base_url=base_url, clock=clock, sleep=sleep)
        self._new_name = new_name

    def changed(self, since: datetime, until: datetime) -> Sequence[LensEntry]:
        """Every entry whose processing status (``statusdate``) or acknowledgment (``fastatusdate``) changed between two times, both included; one that
        changed in both ways is in it twice. Raises UpstreamError, also if Lens says that there is more than it gives."""
        return [entry for field in ("statusdate", "fastatusdate") for entry in self._scrolled(field, since, until)]

    def of(self, processes: Collection[str]) -> Sequence[LensEntry]:
        """Every entry of these processes: of a correlation id, or the one entry of a transaction id that has none. Raises UpstreamError."""
        found: list[LensEntry] = []
        for chunk in batched(dict.fromkeys(processes), PROCESSES_PER_CALL, strict=False):
            clauses = " ".join(f"{{field: {field} query: {_literal(process)}}}" for process in chunk for field in ("correlationid", "transactionid"))
            # The search splits a text into words, so that it may find more than was asked for.
            found += [entry for entry in self._paged(f"fields: {{should: [{clauses}]}}") if entry.process in chunk]
        return found

    def _scrolled(self, field: str, since: datetime, until: datetime) -> list[LensEntry]:
        """Where a scroll stands is remembered by Lens, under the query's text. The name makes this text new, so that no scroll that was broken off is gone on
        with."""
        ranges = f"ranges: {{field: {field} from: {_literal(_moment(since))} to: {_literal(_moment(until))}}}"
        query = _query(self._new_name(), f"scroll: true sortby: {{field: arrivaltime type: ASC}} {ranges}")
        entries: dict[str, LensEntry] = {}
        for _ in range(MAX_PAGES):
            page, total, read = self._post(query)
            entries.update((entry.transaction_id, entry) for entry in page)
            if len(page) < SCROLL:
                if len(entries) < total:
                    raise unusable(_OPERATION, f"{total} entries are said to be there, {len(entries)} came", read.request_id)
                return list(entries.values())
        raise unusable(_OPERATION, "the pages do not end")

    def _paged(self, condition: str) -> list[LensEntry]:
        entries: list[LensEntry] = []
        for _ in range(MAX_PAGES):
            page, total, _read = self._post(_query("ofProcesses", f"count: {SCROLL} offset: {len(entries)} {condition}"))
            entries += page
            if not page or len(entries) >= total:
                return entries
        raise unusable(_OPERATION, "the pages do not end")

    def _post(self, query: str) -> tuple[list[LensEntry], int, Read]:
        read = self._gateway.search(_OPERATION, PATH, {"query": query, "variables": ""})
        found = members(members(members(read.document).get("data")).get("getTransactions"))
        transactions, total = found.get("transactions"), found.get("total")
        if not isinstance(transactions, list) or not isinstance(total, int):
            raise unusable(_OPERATION, "the answer holds no transactions", read.request_id)
        return [_entry(item, read) for item in transactions], total, read


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


def _entry(item: Any, read: Read) -> LensEntry:
    # pydantic's error carries the values, so it must not become the context of another.
    try:
        return LensEntry.model_validate(item)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False, include_url=False)
    fields = ", ".join(f"{field_name('.'.join(map(str, fault['loc'])))} {fault['type']}" for fault in faults[:5])
    raise unusable(_OPERATION, f"an entry is malformed: {fields}", read.request_id)
