"""Sorts the listed keys of a collection by row id, in bounded memory: an external merge sort.

The source lists keys in its own order, and the comparison needs the keys of a range of row ids. So
the stored parts of the list are merged into sorted sublists (sorted runs), ``FAN_IN`` at a time,
until one sorted list is left. A merge holds one part of each of its sublists in memory.
"""

import heapq
from collections.abc import Callable, Iterator
from itertools import batched

from gridwix.models.ids import WixItemId
from gridwix.models.reconciliation import FullPage, SortedKeys
from gridwix.publication.reconciled import Continuation
from gridwix.reconciler.checkpoints import Checkpoints

FAN_IN = 8
"""Number of sorted runs that are merged at a time. With parts of 4,000 keys, 32,000 keys are in
memory."""

KEYS_PER_PART = 4_000
"""Number of keys in a part of a sorted run. A page of the comparison reads one or two parts."""

type SortedKey = tuple[WixItemId, str]

type RowIds = Callable[[str], WixItemId]
"""Returns the row id of a key."""


class KeySort:
    """Sorts the listed record keys of a collection by row id (external merge sort).

    The keys are stored in parts. Idempotent: a message that is repeated writes the same parts
    again.
    """

    def __init__(self, checkpoints: Checkpoints, continuation: Continuation) -> None:
        self._checkpoints = checkpoints
        self._continuation = continuation

    def sort(self, page: FullPage, item_id: RowIds) -> FullPage | None:
        """Merge sorted sublists of a collection's record keys; return the page if one list is left.

        ``page`` is the message that asks for the merge, and names the run and the collection. It is
        returned with the number of parts and keys of the sorted list. Returns None if there are too
        many sublists for one merge: some were merged, and a message was sent to go on. ``item_id``
        returns the row id of a key. Raises UpstreamError.
        """
        runs = -(-page.parts // FAN_IN**page.level)
        if runs <= FAN_IN:
            merged = self._merge(page, range(runs), (page.level + 1, 0), item_id)
            return page.model_copy(
                update={
                    "level": page.level + 1,
                    "sorted_parts": merged.parts,
                    "listed": merged.keys,
                }
            )
        group = range(page.group * FAN_IN, min((page.group + 1) * FAN_IN, runs))
        self._merge(page, group, (page.level + 1, page.group), item_id)
        following = (
            {"group": page.group + 1}
            if group.stop < runs
            else {"level": page.level + 1, "group": 0}
        )
        self._continuation.send(page.model_copy(update=following))
        return None

    def keys_after(
        self, page: FullPage, part: int, item_id: RowIds
    ) -> Iterator[tuple[int, SortedKey]]:
        """Yield a collection's record keys in the order of row ids, from a part of the list on.

        The sorted list is stored in parts, and ``part`` is the number of the first part to read.
        ``page`` names the run and the collection. Each result is the number of a key's part, and
        the pair of row id and key. ``item_id`` returns the row id of a key.
        """
        for number in range(part, page.sorted_parts or 0):
            for key in self._checkpoints.sorted_part(page, (page.level, 0), number):
                yield number, (item_id(key), key)

    def _merge(
        self, page: FullPage, runs: range, target: tuple[int, int], item_id: RowIds
    ) -> SortedKeys:
        streams = [self._run(page, run, item_id) for run in runs]
        merged = _newest(heapq.merge(*streams, key=lambda found: found[0]))
        parts = keys = 0
        for some in batched(merged, KEYS_PER_PART, strict=False):
            self._checkpoints.keep_sorted_part(page, target, parts, [key for _, key in some])
            parts, keys = parts + 1, keys + len(some)
        found = SortedKeys(parts=parts, keys=keys)
        self._checkpoints.keep_sorted_keys(page, target, found)
        return found

    def _run(self, page: FullPage, run: int, item_id: RowIds) -> Iterator[SortedKey]:
        if page.level == 0:
            # Sorting is stable: of a key that is listed twice, the last one stays the last one.
            yield from sorted(
                ((item_id(key), key) for key in self._checkpoints.key_part(page, run)),
                key=lambda found: found[0],
            )
            return
        for part in range(self._checkpoints.sorted_keys(page, (page.level, run)).parts):
            for key in self._checkpoints.sorted_part(page, (page.level, run), part):
                yield item_id(key), key


def _newest(keys: Iterator[SortedKey]) -> Iterator[SortedKey]:
    """Yield one key for each row: of several keys of the same row, the one that was listed last."""
    held: SortedKey | None = None
    for key in keys:
        if held is not None and held[0] != key[0]:
            yield held
        held = key
    if held is not None:
        yield held
