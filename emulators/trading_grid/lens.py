"""Emulates the Lens transaction search on OpenText's published path.

GraphQL, with the arguments, fields and quirks of OpenText's own queries. Source:
github.com/opentext/BN-Trading-Grid, ``Lens/``. OpenText publishes no schema; **the names of types
and the exact matching of texts are invented**.
"""

import fnmatch
import json
from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, build_schema, graphql_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.common.clock import Clock, rfc3339
from emulators.trading_grid.auth import Auth
from emulators.trading_grid.problems import legacy_error
from emulators.trading_grid.store import Document, Store

PATH = "/visibility_transaction_search"
SCROLL = 1000
DEFAULT_COUNT = 25
MAX_COUNT = 1000

# fmt: off
FIELDS = (
    "arrivaltime", "category", "correlationid", "deliveryfilename", "deliverystatus", "editype",
    "envelopetype", "errorcode", "errortype", "externalerrormessage", "fastatus", "fastatusdate",
    "labels", "receivefilename", "receiveraddress", "receivermailbox", "receivername",
    "senderaddress", "sendermailbox", "sendername", "senderreference", "sendertransactionid",
    "solutionid", "standardversion", "status", "statusdate", "transactionid", "transactionlevel",
    "type",
)
# fmt: on
STATUS_NAMES = {
    "F": "Failed",
    "V": "Validation error",
    "S": "Delivered",
    "C": "Completed",
    "D": "Delivery in progress",
    "H": "On hold",
    "P": "Processing",
}

SCHEMA = build_schema(
    f"""
    enum TransactionField {{ {" ".join(FIELDS)} }}
    enum SortOrder {{ ASC DESC }}
    input SortBy {{ field: TransactionField! type: SortOrder }}
    input ContentKeyFilter {{ key: String! value: String! }}
    input Range {{ field: TransactionField! from: String to: String }}
    input FieldQuery {{ field: TransactionField! query: String! }}
    input FieldConditions {{ must: [FieldQuery!] should: [FieldQuery!] }}
    input FilterValue {{ not: Boolean value: String! }}
    input Filter {{ field: TransactionField! values: [FilterValue!]! }}
    input TransactionQuery {{
      count: Int offset: Int scroll: Boolean sortby: SortBy query: String
      contentKeyFilters: [ContentKeyFilter!] ranges: [Range!] fields: FieldConditions
      filters: [Filter!]
    }}
    type ContentKey {{ key: String value: String }}
    type Transaction {{
      {" ".join(f"{name}: String" for name in FIELDS)}
      contentkeys(names: [String!]): [ContentKey!]
    }}
    type Transactions {{
      count: Int total: Int offset: Int scrollid: String transactions: [Transaction!]
    }}
    type Query {{ getTransactions(query: TransactionQuery): Transactions }}
    """
)

type Conditions = Mapping[str, Any]


class Lens:
    """Emulated Lens: the stored transaction entries and the search over them."""

    def __init__(self, store: Store, clock: Clock, auth: Auth) -> None:
        self._store = store
        self._clock = clock
        self._auth = auth
        self._scrolls: dict[str, tuple[int, list[Document]]] = {}

    def put_entry(self, changes: Document, *, shown_after: float = 0.0) -> Document:
        """Add a transaction entry, or change the entry with the same ``transactionid``.

        Returns the entry. The search finds the new or changed entry only after ``shown_after``
        seconds.
        """
        now = self._clock.now()
        row = self._store.connection.execute(
            "SELECT document FROM transaction_entry WHERE id = ?", (changes["transactionid"],)
        ).fetchone()
        blank = dict.fromkeys(FIELDS) | {"arrivaltime": rfc3339(now), "contentkeys": []}
        document: Document = {
            **(blank if row is None else json.loads(row["document"])),
            "statusdate": rfc3339(now),
            **changes,
        }
        if "fastatus" in changes and "fastatusdate" not in changes:
            document["fastatusdate"] = rfc3339(now)
        if row is not None and "status" not in changes and "statusdate" not in changes:
            document["statusdate"] = json.loads(row["document"])["statusdate"]
        self._store.connection.execute(
            "INSERT OR REPLACE INTO transaction_entry VALUES (?, ?, ?, ?, ?, ?)",
            (
                document["transactionid"],
                document["arrivaltime"],
                document["statusdate"],
                document["fastatusdate"],
                now.timestamp() + shown_after,
                json.dumps(document, ensure_ascii=False),
            ),
        )
        return document

    def newest_entries(self, limit: int) -> list[Document]:
        rows = self._store.connection.execute(
            "SELECT document FROM transaction_entry ORDER BY arrived DESC, id DESC LIMIT ?",
            (limit,),
        )
        return [json.loads(row["document"]) for row in rows]

    def routes(self) -> list[Route]:
        """Return the routes: the transaction search, and a control route that writes an entry."""

        async def handle_put(request: Request) -> Response:
            wish: dict[str, Any] = await request.json()
            return JSONResponse(self.put_entry(wish, shown_after=float(wish.pop("shownAfter", 0))))

        return [
            Route(PATH, self._search_transactions, methods=["POST"]),
            Route("/__emulator/transactions", handle_put, methods=["POST"]),
        ]

    async def _search_transactions(self, request: Request) -> Response:
        if not self._auth.is_valid(request):
            return legacy_error(401, "The access token is missing or expired", "unauthorized")
        try:
            query = json.loads(await request.body())["query"]
        except (ValueError, KeyError, TypeError):
            return legacy_error(400, "The body holds no query", "bad_request")
        result = graphql_sync(
            SCHEMA,
            query,
            root_value={"getTransactions": self._transaction_resolver(query)},
            field_resolver=_resolve_field,
        )
        return JSONResponse(result.formatted, 400 if result.data is None else 200)

    def _transaction_resolver(self, text: str) -> Any:
        def get_transactions(
            _: GraphQLResolveInfo[Any], query: Conditions | None = None
        ) -> Document:
            conditions = query or {}
            if conditions.get("scroll"):
                return self._scroll_page(text, conditions)
            offset, count = (
                conditions.get("offset") or 0,
                min(conditions.get("count") or DEFAULT_COUNT, MAX_COUNT),
            )
            found = self._find_entries(conditions)
            page = found[offset : offset + count]
            return {
                "count": len(page),
                "total": len(found),
                "offset": offset,
                "scrollid": None,
                "transactions": _strip_content_keys(page, conditions),
            }

        return get_transactions

    def _scroll_page(self, text: str, conditions: Conditions) -> Document:
        """Return the next 1000 entries of a search.

        The first call with a query text starts the search, and further calls with the same text
        continue it.
        """
        if text not in self._scrolls:
            begun = self._find_entries(conditions)
            self._scrolls[text] = len(begun), begun
        total, left = self._scrolls[text]
        page, self._scrolls[text] = left[:SCROLL], (total, left[SCROLL:])
        # A short page is the last one. The same text then starts a new scroll.
        if len(page) < SCROLL:
            del self._scrolls[text]
        return {
            "count": len(page),
            "total": total,
            "offset": 0,
            "scrollid": str(hash(text)),
            "transactions": _strip_content_keys(page, conditions),
        }

    def _find_entries(self, conditions: Conditions) -> list[Document]:
        columns = {
            "arrivaltime": "arrived",
            "statusdate": "status_date",
            "fastatusdate": "fa_status_date",
        }
        clauses = ["shown_from <= ?"]
        parameters: list[str | float] = [self._clock.now().timestamp()]
        for span in conditions.get("ranges") or ():
            column = columns.get(span["field"])
            if column is None:
                raise GraphQLError(f"no range over {span['field']}")
            clauses.append(f"{column} BETWEEN ? AND ?")
            parameters += [span.get("from") or "", span.get("to") or "9"]
        rows = self._store.connection.execute(
            "SELECT document FROM transaction_entry"
            f" WHERE {' AND '.join(clauses)} ORDER BY arrived, id",
            parameters,
        )
        found = [
            document
            for row in rows
            if _matches(document := json.loads(row["document"]), conditions)
        ]
        order = conditions.get("sortby")
        if order is not None:
            found.sort(
                key=lambda document: (str(document[order["field"]]), document["transactionid"]),
                reverse=order.get("type") == "DESC",
            )
        return found


def _matches(document: Document, conditions: Conditions) -> bool:
    fields = conditions.get("fields") or {}
    should = fields.get("should") or ()
    return (
        all(_field_matches(document, one) for one in fields.get("must") or ())
        and (not should or any(_field_matches(document, one) for one in should))
        and all(_passes_filter(document, one) for one in conditions.get("filters") or ())
        and all(_has_key(document, one) for one in conditions.get("contentKeyFilters") or ())
        and all(
            _contains_word(document, word)
            for word in (conditions.get("query") or "*").split(" AND ")
        )
    )


def _field_matches(document: Document, condition: Mapping[str, str]) -> bool:
    value, wanted = document[condition["field"]], condition["query"]
    if value is None:
        return False
    names = [str(value)] + ([STATUS_NAMES.get(value, "")] if condition["field"] == "status" else [])
    return any(fnmatch.fnmatchcase(name.lower(), wanted.lower()) for name in names)


def _passes_filter(document: Document, condition: Mapping[str, Any]) -> bool:
    value = document[condition["field"]]
    wanted = {one["value"] for one in condition["values"] if not one.get("not")}
    unwanted = {one["value"] for one in condition["values"] if one.get("not")}
    return (not wanted or value in wanted) and value not in unwanted


def _has_key(document: Document, condition: Mapping[str, str]) -> bool:
    return any(
        key["key"] == condition["key"] and fnmatch.fnmatchcase(key["value"], condition["value"])
        for key in document["contentkeys"]
    )


def _contains_word(document: Document, word: str) -> bool:
    values = [
        *(value for value in document.values() if isinstance(value, str)),
        *(key["value"] for key in document["contentkeys"]),
    ]
    return any(fnmatch.fnmatchcase(value.lower(), word.strip().lower()) for value in values)


def _strip_content_keys(documents: Iterable[Document], conditions: Conditions) -> list[Document]:
    """Return found transaction entries, with content keys only if the search filters by them.

    Content keys are values from a transaction's document, such as the invoice number. As in Lens,
    a search without ``contentKeyFilters`` in its ``conditions`` gets none.
    """
    with_keys = conditions.get("contentKeyFilters") is not None
    return [document if with_keys else {**document, "contentkeys": []} for document in documents]


def _resolve_field(source: Document, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    value = source.get(info.field_name)
    if callable(value):
        return value(info, **arguments)
    if info.field_name == "fastatus" and value == "C":
        # Lens can be asked for this status and cannot say it: null, and a warning beside the data.
        raise GraphQLError("Value 'C' of fastatus cannot be shown")
    if info.field_name == "contentkeys":
        names = arguments.get("names")
        return [key for key in value or () if names is None or key["key"] in names]
    return value
