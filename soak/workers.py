"""Pool of processes that play worlds, each one at a time."""

import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context


def new_pool(jobs: int) -> ProcessPoolExecutor:
    """Return a pool of processes, which start when jobs are submitted.

    Args:
        jobs: The number of processes.
    """
    # A world takes the process's clock and random numbers: one at a time in each process.
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))


@contextmanager
def ignored_interrupts() -> Iterator[None]:
    """Make processes that start within the block ignore Ctrl-C, which a terminal sends to all: the
    parent ends them (:mod:`soak.command`).
    """
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
