"""Finds the entries of the partner directory in a response, one by one as they arrive. Pure.

A response is a list, an object with a list in it, or a single entry, which is recognized by its id.
A bare name counts as an entry with a ``name``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from gridwix.clients.json_stream import JsonStream
from gridwix.clients.trading_grid.directory_entries import (
    ENVELOPE_NAMES,
    PARTNER_ID_NAMES,
    RawEntry,
    first_text,
)


class EntryCollector(Protocol):
    """Takes the entries of a list: a ``list`` of them, or an index."""

    def append(self, entry: RawEntry, /) -> None:
        """Take the next entry."""


@dataclass(slots=True)
class Listing[Collector: EntryCollector]:
    """A list of a response: its entries, and the number of its items that are no entries."""

    entries: Collector
    taken: int = 0
    odd: int = 0

    def add(self, item: Any) -> None:
        """Take an item of the list."""
        if isinstance(item, dict | str):
            self.entries.append({"name": item} if isinstance(item, str) else item)
            self.taken += 1
        else:
            self.odd += 1


def read_listing[Collector: EntryCollector](
    stream: JsonStream, new_collector: Callable[[], Collector]
) -> Listing[Collector] | None:
    """Read the entries of a response; None if its shape is not understood.

    Args:
        stream: The JSON document.
        new_collector: Returns what is to take the entries of a list. Called for each list that may
            be the directory: which one is, is known at the end.

    >>> read_listing(JsonStream(iter([b'{"data": [{"id": "GC1"}, "Harbor & Pine", 7]}'])), list)
    Listing(entries=[{'id': 'GC1'}, {'name': 'Harbor & Pine'}], taken=2, odd=1)
    """
    if stream.peek() == "[":
        return _understood(_read_list(stream, new_collector))
    if stream.peek() != "{":
        stream.value()
        return None
    members: dict[str, Any] = {}
    for name in stream.members():
        is_list = name in ENVELOPE_NAMES and stream.peek() == "["
        members[name] = _read_list(stream, new_collector) if is_list else stream.value()
    found = next((members[name] for name in ENVELOPE_NAMES if name in members), None)
    if isinstance(found, Listing):
        return _understood(found)
    if found is not None or (members and not first_text(members, PARTNER_ID_NAMES)):
        return None
    single = Listing(new_collector())
    if members:
        # A list beside an empty member of higher precedence was not the directory.
        single.add({name: one for name, one in members.items() if not isinstance(one, Listing)})
    return single


def _read_list[Collector: EntryCollector](
    stream: JsonStream, new_collector: Callable[[], Collector]
) -> Listing[Collector]:
    listing = Listing(new_collector())
    for item in stream.items():
        listing.add(item)
    return listing


def _understood[Collector: EntryCollector](
    listing: Listing[Collector],
) -> Listing[Collector] | None:
    """The listing; None if it holds items and none of them is an entry."""
    return None if listing.odd and not listing.taken else listing
