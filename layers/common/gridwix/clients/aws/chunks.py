"""Requests that hold several entries."""

from collections.abc import Iterable, Iterator


def chunked[T](entries: Iterable[tuple[T, int]], *, count: int, size: int) -> Iterator[list[T]]:
    """The entries in order, in lists of at most ``count`` whose sizes add up to at most ``size``. Each entry comes with its own size; a greater one stands
    alone."""
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
