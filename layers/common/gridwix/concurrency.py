"""Runs one function over many inputs in a few threads, with results in order. Pure."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor


def map_in_order[T, R](
    function: Callable[[T], R], inputs: Iterable[T], *, workers: int
) -> Iterator[R]:
    """Yield ``function(input)`` for each input, in the order of the inputs.

    At most ``workers`` calls are running, or have a result that is not yielded yet, at any time.
    ``inputs`` are taken lazily, in the caller's thread, so an iterator of inputs may read and
    prepare while the calls run. A single input is processed in the caller's thread, without
    starting another one.

    The first error, in the order of the inputs, is raised in place of the call's result, and no
    further input is taken. The error is raised after the running calls have ended, and their
    results are lost. The same happens if ``inputs`` raises an error, or if the caller closes the
    iterator. If no result may be lost, let the function return its errors instead of raising
    them.

    >>> list(map_in_order(abs, [-1, 2, -3], workers=2))
    [1, 2, 3]
    """
    source = iter(inputs)
    first = deque(islice(source, 2))
    if len(first) < 2 or workers == 1:
        yield from map(function, chain(_emptied(first), source))
        return
    running: deque[Future[R]] = deque()
    # Leaving the pool waits for the calls that run.
    with _new_pool(workers) as pool:
        for each in chain(_emptied(first), source):
            running.append(pool.submit(function, each))
            # Not held while it waits: an input may be large.
            del each
            if len(running) == workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def call_within[R](function: Callable[[], R], seconds: float) -> R:
    """Call a function with a time-out: return its result, or raise TimeoutError after ``seconds``.

    Use it for functions that have no time-out of their own, such as ``socket.getaddrinfo``. Python
    cannot stop the call: after a time-out it continues in its thread, and its result is lost.

    >>> call_within(lambda: 1, 60)
    1
    """
    pool = _new_pool(1)
    try:
        return pool.submit(function).result(seconds)
    finally:
        pool.shutdown(wait=False)


def _new_pool(workers: int) -> "ThreadPoolExecutor":
    # Imported where a thread is needed: most invocations handle a single row.
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(workers)


def _emptied[T](items: deque[T]) -> Iterator[T]:
    while items:
        yield items.popleft()
