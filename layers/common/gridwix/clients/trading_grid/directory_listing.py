"""Streaming parser that finds the entries of the partner directory in a response. Pure.

A response is a list of entries, an object that contains such a list, or a single entry, which is
recognized by its id. A list item that is only a text counts as an entry with that ``name``.
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
    """Receives the entries of the partner directory one by one.

    Python's ``list`` is a collector, and so is the index of the directory
    (:class:`~gridwix.clients.trading_grid.directory_index.DirectoryIndex`).
    """

    def append(self, entry: RawEntry, /) -> None:
        """Receive the next directory entry."""


@dataclass(slots=True)
class DirectoryListing[Collector: EntryCollector]:
    """A list of directory entries in a response.

    ``entries`` is the collector that has received the entries, such as a Python ``list``. ``taken``
    is the number of these entries, ``odd`` the number of list items that were left out, because
    they are neither an object nor a text.
    """

    entries: Collector
    taken: int = 0
    odd: int = 0

    def add(self, item: Any) -> None:
        """Add an item of the list: to ``entries`` if it is an object or a name, else to ``odd``."""
        if isinstance(item, dict | str):
            self.entries.append({"name": item} if isinstance(item, str) else item)
            self.taken += 1
        else:
            self.odd += 1


def read_listing[Collector: EntryCollector](
    stream: JsonStream, new_collector: Callable[[], Collector]
) -> DirectoryListing[Collector] | None:
    """Read the directory entries of a response, and count them.

    Returns the collected entries with their number (``taken``) and the number of items that are no
    entries (``odd``); None if the shape of the response is not understood.

    Args:
        stream: The JSON document of the response.
        new_collector: Returns an empty collector. Called for each list in the response that may be
            the list of entries; only at the end of the response it is known which one it is.

    >>> read_listing(JsonStream(iter([b'{"data": [{"id": "GC1"}, "Harbor & Pine", 7]}'])), list)
    DirectoryListing(entries=[{'id': 'GC1'}, {'name': 'Harbor & Pine'}], taken=2, odd=1)
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
    if isinstance(found, DirectoryListing):
        return _understood(found)
    if found is not None or (members and not first_text(members, PARTNER_ID_NAMES)):
        return None
    single = DirectoryListing(new_collector())
    if members:
        # A list beside an empty member of higher precedence was not the directory.
        single.add(
            {name: one for name, one in members.items() if not isinstance(one, DirectoryListing)}
        )
    return single


def _read_list[Collector: EntryCollector](
    stream: JsonStream, new_collector: Callable[[], Collector]
) -> DirectoryListing[Collector]:
    listing = DirectoryListing(new_collector())
    for item in stream.items():
        listing.add(item)
    return listing


def _understood[Collector: EntryCollector](
    listing: DirectoryListing[Collector],
) -> DirectoryListing[Collector] | None:
    """Return the listing unchanged; None if it has items, but no directory entry among them."""
    return None if listing.odd and not listing.taken else listing
