"""Makes the process repeatable: random numbers by seed, and no threads."""

import concurrent.futures
import os
import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from random import Random
from typing import Any, Self

from gridwix.document_sync import service as document_service
from gridwix.form_intake import delivery

_THREADS = (concurrent.futures, document_service, delivery)
"""Modules from which the product takes ``ThreadPoolExecutor``. A test checks that there are no
others.
"""

_source = Random(0)
_real_executor, _real_urandom = concurrent.futures.ThreadPoolExecutor, os.urandom


class SerialExecutor:
    """A thread pool without threads: it runs each job when it is submitted, in the caller's task.

    The product's threads wait for other systems. Tasks take turns only there, so the calls of one
    invocation follow each other, in one order. Other invocations go on meanwhile.
    """

    def __init__(self, max_workers: int | None = None) -> None:
        del max_workers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def shutdown(self, *, wait: bool = True) -> None:
        """Do nothing: every job is done when ``submit`` returns."""
        del wait

    def submit[R](self, job: Callable[..., R], /, *given: Any, **named: Any) -> "Future[R]":
        """Run a job and return its completed future. An exception that kills the task is not
        caught.
        """
        future: Future[R] = Future()
        try:
            future.set_result(job(*given, **named))
        except Exception as error:
            future.set_exception(error)
        return future

    def map[R](self, job: Callable[..., R], *inputs: Iterable[Any]) -> Iterator[R]:
        """Run a job for all inputs. Yields the results in order, or raises the first error."""
        futures = [self.submit(job, *one) for one in zip(*inputs, strict=False)]
        return (future.result() for future in futures)


def make_deterministic(seed: str) -> None:
    """Replace threads, and seed all random numbers: those of random, uuid and secrets."""
    for module in _THREADS:
        vars(module)["ThreadPoolExecutor"] = SerialExecutor
    random.seed(seed)
    _source.seed(f"{seed}/urandom")
    _replace_urandom(_source.randbytes)


def stop_determinism() -> None:
    """Restore the process's threads and random numbers."""
    for module in _THREADS:
        vars(module)["ThreadPoolExecutor"] = _real_executor
    random.seed()
    _replace_urandom(_real_urandom)


def _replace_urandom(function: Callable[[int], bytes]) -> None:
    # uuid.uuid4 calls that of os; secrets, by SystemRandom, the one that random has imported.
    os.urandom = function
    random._urandom = function  # type: ignore[attr-defined]
