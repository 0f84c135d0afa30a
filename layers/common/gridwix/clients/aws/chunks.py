"""Splits entries into requests that stay within a limit on count and size."""

from collections.abc import Iterable, Iterator


def size_limited_chunks[T](
    entries: Iterable[tuple[T, int]], *, count: int, size: int
) -> Iterator[list[T]]:
    """Yield the entries in order, as lists (chunks) with a limit on their number and total size.

    Args:
        entries: The entries, each with its size. An entry that exceeds ``size`` gets a chunk of its
            own.
        count: Maximum number of entries in a chunk.
        size: Maximum total size of a chunk, in the unit of the entries' sizes.

    >>> list(size_limited_chunks([("a", 1), ("b", 1), ("c", 9), ("d", 1)], count=2, size=5))
    [['a', 'b'], ['c'], ['d']]
    """
    chunk: list[T] = []
    room = size
    for entry, weight in entries:
        if chunk and (len(chunk) == count or weight > room):
            yield chunk
            chunk, room = [], size
        chunk.append(entry)
        room -= weight
    if chunk:
        yield chunk
