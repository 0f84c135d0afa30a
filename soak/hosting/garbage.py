"""Tunes the garbage collector for a process that keeps millions of objects.

A collection of the oldest generation looks at all of them, and takes longer the larger a world is,
although hardly any old object ever becomes garbage.
"""

import gc

_usual: list[tuple[int, int, int]] = []

YOUNG, MIDDLE, NEVER = 50_000, 50, 1_000_000
"""Thresholds of the garbage collector's three generations. The last one is never reached."""


def keep_old_objects() -> None:
    """Collect the garbage of a former world, and from then on collect only among new objects."""
    gc.collect()
    _usual.append(gc.get_threshold())
    gc.set_threshold(YOUNG, MIDDLE, NEVER)


def stop_keeping() -> None:
    """Restore the process's own thresholds of the garbage collector."""
    if _usual:
        gc.set_threshold(*_usual.pop())
