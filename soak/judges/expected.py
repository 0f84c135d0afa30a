"""The expected content of a portal row, and its comparison with the row that the portal has."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from soak.judges.tokens import Tokens, parts_of, plain, tokens_in
from soak.judges.verdict import Findings, Kind

type Row = Mapping[str, Any]

LARGE = 250_000
"""Size of a list, in bytes, above which entries may be left out although the row has room for
more.
"""


class Entry(NamedTuple):
    """An expected entry of a list in a row.

    ``fields`` are plain values by name, ``texts`` the tokens that a text must have, and no others.
    """

    key: str
    fields: Mapping[str, Any] = {}
    texts: Mapping[str, Tokens] = {}


class Listed(NamedTuple):
    """An expected list in a row.

    Args:
        entries: The entries that it must have, in any order.
        key: Returns the key of an entry of the row.
        most: Greatest number of entries in the row.
        more: Name of the field with the number of entries that did not fit; "" for none.
        total: Number of all entries, if ``entries`` are the newest only; None if they are all.
    """

    entries: Sequence[Entry]
    key: Callable[[Row], str]
    most: int
    more: str = ""
    total: int | None = None


class Expected(NamedTuple):
    """The expected content of a row. ``fields`` and ``texts`` as those of an entry."""

    fields: Mapping[str, Any]
    texts: Mapping[str, Tokens] = {}
    lists: Mapping[str, Listed] = {}


def key_by(name: str) -> Callable[[Row], str]:
    """Return a function that identifies an entry of a list by one of its fields."""
    return lambda entry: str(entry.get(name, ""))


def key_by_tokens(name: str) -> Callable[[Row], str]:
    """Return a function that identifies an entry of a list by the tokens of one of its texts."""
    return lambda entry: " ".join(tokens_in(entry.get(name)))


class Comparison:
    """Compares rows of the portal with their expected content.

    Args:
        findings: Gets what differs.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def compare(self, name: str, row: Row, expected: Expected) -> None:
        """Compare a row with its expected content; ``name`` is the row's name in findings."""
        self._compare_entry(name, row, expected.fields, expected.texts)
        for field, listed in expected.lists.items():
            self._compare_list(f"{name} {field}", row, field, listed)

    def _compare_entry(
        self, name: str, entry: Row, fields: Mapping[str, Any], texts: Mapping[str, Tokens]
    ) -> None:
        for field, value in fields.items():
            shown = plain(entry.get(field))
            if shown != plain(value):
                self._findings.add(
                    Kind.STALE, f"{name} shows {field} {_brief(shown)}, not {_brief(plain(value))}"
                )
        for field, tokens in texts.items():
            self._compare_text(f"{name} {field}", tokens_in(entry.get(field)), tokens)

    def _compare_text(self, name: str, shown: Tokens, wanted: Tokens) -> None:
        if set(shown) == set(wanted):
            return
        marks = {parts_of(token).mark for token in shown}
        for token in wanted:
            if token not in shown:
                kind = Kind.STALE if parts_of(token).mark in marks else Kind.LOST
                self._findings.add(kind, f"{name} lacks {token}, has {_brief(shown)}")
        lacking = {parts_of(token).mark for token in wanted if token not in shown}
        for token in shown:
            if token not in wanted and parts_of(token).mark not in lacking:
                self._findings.add(Kind.STALE, f"{name} still shows {token}")

    def _compare_list(self, name: str, row: Row, field: str, listed: Listed) -> None:
        entries = {entry.key: entry for entry in listed.entries}
        wanted = Counter(entry.key for entry in listed.entries)
        total = len(listed.entries) if listed.total is None else listed.total
        shown: Counter[str] = Counter()
        for entry in row.get(field) or ():
            key = listed.key(entry)
            shown[key] += 1
            if key not in entries:
                self._findings.add(Kind.STALE, f"{name} still has {key or 'an entry'}")
            elif shown[key] > wanted[key]:
                self._findings.add(Kind.DOUBLED, f"{name} has {key} {shown[key]} times")
            else:
                expected = entries[key]
                self._compare_entry(f"{name} {key}", entry, expected.fields, expected.texts)
        count = shown.total()
        more = int(row.get(listed.more) or 0) if listed.more else 0
        if count < min(listed.most, total) and not (more and _is_large(row[field])):
            for key in wanted - shown:
                self._findings.add(Kind.LOST, f"{name} lacks {key or 'an entry'}")
        if listed.more and more != total - count and not shown - wanted:
            self._findings.add(
                Kind.STALE, f"{name} says {more} more than it shows, not {total - count}"
            )


def _is_large(entries: Any) -> bool:
    """Return True if a list may leave out entries because of its size.

    The limit, 300,000 bytes of comments in a row, is the code's; the documents have none.
    """
    return len(orjson.dumps(entries, default=str)) > LARGE


def _brief(value: Any) -> str:
    text = "nothing" if value in (None, ()) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
