"""Replaces the process's clock by virtual time: ``time.time``, ``time.monotonic`` and
``time.sleep``.

Import this module before anything of the product: many constructors take ``time.time`` as a
default, which Python binds when the class is defined.
"""

import time
from collections.abc import Callable
from typing import SupportsIndex

from soak.kernel.tasks import Scheduler

real_time: Callable[[], float] = time.time
"""The process's real clock, in Unix seconds."""

_real_monotonic, _real_sleep = time.monotonic, time.sleep
_schedulers: list[Scheduler] = []


def use_scheduler(scheduler: Scheduler) -> None:
    """Let the functions of ``time`` return a scheduler's virtual time, until another one takes its
    place.
    """
    _schedulers[:] = [scheduler]


def stop_virtual_time() -> None:
    """Restore the process's real clock."""
    _schedulers.clear()


def _time() -> float:
    if not _schedulers:
        return real_time()
    scheduler = _schedulers[0]
    task = scheduler.current
    return scheduler.now if task is None else scheduler.now + task.skew


def _monotonic() -> float:
    return _schedulers[0].now if _schedulers else _real_monotonic()


def _sleep(seconds: float | SupportsIndex, /) -> None:
    if _schedulers:
        _schedulers[0].sleep(float(seconds))
    else:
        _real_sleep(seconds)


time.time, time.monotonic, time.sleep = _time, _monotonic, _sleep
