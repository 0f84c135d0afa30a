"""A model of the Lens transaction search, for the queries that the product's client sends.

GraphQL is read by its parts: a range of one date with ``scroll``, or a list of ids. Any other query
is refused, so that a new query of the client is noticed at once.
"""

import json
import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Any

import orjson

from emulators.trading_grid.problems import Problem
from soak.trading_grid.records import TimeIndex, rfc3339
from soak.trading_grid.spoiling import SPOILS

type Entry = dict[str, Any]

SCROLL = 1000
DEFAULT_COUNT, MAX_COUNT = 25, 1000

DATES = ("arrivaltime", "statusdate", "fastatusdate")
_IDS = ("correlationid", "transactionid")

_TEXT = r'"(?:[^"\\]|\\.)*"'
_RANGE = re.compile(rf"ranges: \{{field: (\w+) from: ({_TEXT}) to: ({_TEXT})\}}")
_SHOULD = re.compile(rf"\{{field: (\w+) query: ({_TEXT})\}}")
_NUMBER = re.compile(r"\b(count|offset): (\d+)")
_SELECTION = re.compile(
    rf"transactions \{{([\w ]+) contentkeys\(names: \[((?:{_TEXT} ?)*)\]\) \{{key value\}}"
)
_PATTERN = re.compile(r"[*?\[]")


class Lens:
    """The transaction entries of Lens, and the search over them.

    Args:
        clock: Returns Unix seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.entries: dict[str, Entry] = {}
        self.spoilt: dict[str, str] = {}
        self._clock = clock
        self._shown_from: dict[str, float] = {}
        self._by_id: dict[str, dict[str, None]] = {}
        self._indexes = {date: TimeIndex() for date in DATES}
        self._scrolls: dict[str, tuple[int, list[Entry]]] = {}

    def put_entry(self, changes: Entry, *, shown_after: float = 0.0) -> Entry:
        """Add an entry, or change members of the entry with this ``transactionid``.

        Args:
            changes: The members to set. ``arrivaltime`` and the dates of statuses are added.
            shown_after: Seconds from now after which the search returns it.

        Returns:
            The entry.
        """
        identifier, moment = changes["transactionid"], rfc3339(self._clock())
        known = self.entries.get(identifier)
        added: Entry = {}
        if known is None or "status" in changes:
            added["statusdate"] = moment
        if "fastatus" in changes:
            added["fastatusdate"] = moment
        blank = {"arrivaltime": moment, "contentkeys": []} if known is None else known
        entry = self.entries[identifier] = {**blank, **added, **changes}
        for name in _IDS:
            if text := entry.get(name):
                self._by_id.setdefault(text.lower(), {})[identifier] = None
        for date, index in self._indexes.items():
            if entry.get(date) and (known is None or known.get(date) != entry[date]):
                index.add(entry[date], identifier)
        self._shown_from[identifier] = self._clock() + shown_after
        return entry

    def search(self, content: bytes) -> bytes:
        """Return the JSON of the response to a query.

        Args:
            content: The body of the request.

        Raises:
            Problem: The query is none of those that are understood.
        """
        try:
            query: str = orjson.loads(content)["query"]
        except (ValueError, KeyError, TypeError):
            raise Problem("malformed", "The body holds no query.") from None
        selection = _SELECTION.search(query)
        if selection is None:
            raise Problem("malformed", "The query selects what is unknown here.")
        keys = [json.loads(text) for text in re.findall(_TEXT, selection[2])]
        if "scroll: true" in query:
            page, total = self._scroll_page(query)
            offset = 0
        else:
            numbers = {name: int(text) for name, text in _NUMBER.findall(query)}
            offset = numbers.get("offset", 0)
            found = self._find_ids(query)
            total = len(found)
            count = min(numbers.get("count", DEFAULT_COUNT), MAX_COUNT)
            page = found[offset : offset + count]
        fields = selection[1].split()
        items = [self._show(entry, fields, keys) for entry in page]
        transactions = {
            "count": len(page),
            "total": total,
            "offset": offset,
            "scrollid": None,
            "transactions": items,
        }
        answer: dict[str, Any] = {"data": {"getTransactions": transactions}}
        # Lens can be asked for this status and cannot say it: null, and a warning beside the data.
        if "fastatus" in fields and any(entry.get("fastatus") == "C" for entry in page):
            answer["errors"] = [{"message": "Value 'C' of fastatus cannot be shown"}]
        return orjson.dumps(answer)

    def _scroll_page(self, query: str) -> tuple[list[Entry], int]:
        """Return the next 1000 entries of a result, as it was when the same query was first sent,
        and its total.
        """
        if query not in self._scrolls:
            found = self._find_range(query)
            self._scrolls[query] = len(found), found
        total, left = self._scrolls[query]
        page, self._scrolls[query] = left[:SCROLL], (total, left[SCROLL:])
        # A short page is the last one. The same text then starts a new scroll.
        if len(page) < SCROLL:
            del self._scrolls[query]
        return page, total

    def _find_range(self, query: str) -> list[Entry]:
        span = _RANGE.search(query)
        if span is None or span[1] not in DATES:
            raise Problem("malformed", "The query has no range that is understood.")
        date, first, last = span[1], json.loads(span[2]), json.loads(span[3])
        found: list[Entry] = []
        for moment, identifier in self._indexes[date].after(first, ""):
            if moment > last:
                break
            entry = self.entries[identifier]
            if entry.get(date) == moment:
                found.append(entry)
        return self._shown(found)

    def _find_ids(self, query: str) -> list[Entry]:
        conditions = _SHOULD.findall(query)
        if not conditions or any(field not in _IDS for field, _ in conditions):
            raise Problem("malformed", "The query has no condition that is understood.")
        found: dict[str, None] = {}
        for field, literal in conditions:
            text = json.loads(literal).lower()
            for identifier in self._matching(text):
                value = self.entries[identifier].get(field)
                if value is not None and fnmatchcase(value.lower(), text):
                    found[identifier] = None
        return self._shown([self.entries[identifier] for identifier in found])

    def _matching(self, text: str) -> Iterable[str]:
        return self.entries if _PATTERN.search(text) else self._by_id.get(text, ())

    def _shown(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries that the search finds by now, in the order of their arrival."""
        now, shown_from = self._clock(), self._shown_from
        found = [entry for entry in entries if shown_from[entry["transactionid"]] <= now]
        found.sort(key=lambda entry: (entry["arrivaltime"], entry["transactionid"]))
        return found

    def _show(self, entry: Entry, fields: list[str], keys: list[str]) -> Any:
        shown = {name: entry.get(name) for name in fields}
        if shown.get("fastatus") == "C":
            shown["fastatus"] = None
        shown["contentkeys"] = [one for one in entry["contentkeys"] if one["key"] in keys]
        how = self.spoilt.get(entry["transactionid"])
        return shown if how is None else orjson.Fragment(SPOILS[how](shown))
