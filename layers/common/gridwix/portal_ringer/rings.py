"""Merges and splits rings, the messages that make open portal pages reload changed sections. Pure.

A ring has change numbers, by partner or for all partners: how often the rows of each section of the
portal have changed.
"""

from collections.abc import Iterable, Iterator, Mapping

from gridwix.mapping.wix_items import item_id
from gridwix.models.portal.sections import Section

MAX_RINGS = 200
"""Maximum number of partners in one request to the site."""

MAX_BYTES = 48_000
"""Approximate maximum size of one request, in bytes; the site accepts 64 KB."""

type Rings = Mapping[str, Mapping[Section, int]]
"""Numbers of sections, by partner or for all partners."""


def is_ringable(reader: str) -> bool:
    """True if a partner's changes can be counted in Wix: the id is valid as a data item's id.

    ``reader`` is the id of a partner with members who read the portal, or ``everybody``.

    >>> is_ringable("GC00700011NR"), is_ringable("a key/with a slash")
    (True, False)
    """
    return item_id(reader) == reader


def merge_changes(
    changes: Iterable[Mapping[str, Iterable[Section]]],
) -> Mapping[str, frozenset[Section]]:
    """Merge the reports of several messages: return all changed sections, by partner.

    The key is a partner's id, or ``everybody`` for all partners. Partners with an id that is not
    valid as the id of a Wix data item are left out.

    >>> merge_changes([{"GC1": ["issues"]}, {"GC1": ["status"]}]) == {"GC1": {"issues", "status"}}
    True
    """
    merged: dict[str, frozenset[Section]] = {}
    for one in changes:
        for reader, sections in one.items():
            if is_ringable(reader):
                merged[reader] = merged.get(reader, frozenset()) | frozenset(sections)
    return merged


def merge_rings(rings: Iterable[Rings]) -> Rings:
    """Merge several mappings of change numbers, by partner and section; the greatest number wins.

    Change numbers only grow, so the greatest one is the newest.

    >>> merge_rings([{"GC1": {"issues": 3}}, {"GC1": {"issues": 2, "status": 1}}])
    {'GC1': {'issues': 3, 'status': 1}}
    """
    merged: dict[str, dict[Section, int]] = {}
    for one in rings:
        for reader, numbers in one.items():
            known = merged.setdefault(reader, {})
            for section, number in numbers.items():
                known[section] = max(known.get(section, 0), number)
    return merged


def split_rings(rings: Rings) -> Iterator[Rings]:
    """Split change numbers, by partner, into parts that fit into one request to the site each.

    Each part also fits into one SQS message.

    >>> [len(part) for part in split_rings({f"GC{number}": {"issues": 1} for number in range(201)})]
    [200, 1]
    """
    part: dict[str, Mapping[Section, int]] = {}
    size = 0
    for reader, numbers in rings.items():
        # The members' names, quotes and braces, and a number of at most 16 digits.
        added = len(reader) + 50 + sum(len(section) + 20 for section in numbers)
        if part and (len(part) == MAX_RINGS or size + added > MAX_BYTES):
            yield part
            part, size = {}, 0
        part[reader] = numbers
        size += added
    if part:
        yield part


def without(rings: Rings, readers: Iterable[str]) -> Rings:
    """Return change numbers of portal sections, without those of some partners (``readers``).

    A change number says how often the rows of a section have changed. ``rings`` has them by
    partner.

    >>> without({"GC1": {"issues": 1}, "GC2": {"issues": 4}}, ["GC1"])
    {'GC2': {'issues': 4}}
    """
    left_out = frozenset(readers)
    return {reader: numbers for reader, numbers in rings.items() if reader not in left_out}
