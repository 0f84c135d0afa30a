"""Sets the garbage collector for a process that keeps millions of objects.

A collection of the oldest generation looks at all of them, and takes longer the larger a world is,
although hardly anything that has become old is ever garbage there.
"""

import gc

_usual: list[tuple[int, int, int]] = []

YOUNG, MIDDLE, NEVER = 50_000, 50, 1_000_000
"""New objects before a collection of the young ones, how many of these before one of the middle
ones, and how many of those before one of the old ones."""


def keep_old_objects() -> None:
    """Look for garbage among new objects only, once that of a former world is gone."""
    gc.collect()
    _usual.append(gc.get_threshold())
    gc.set_threshold(YOUNG, MIDDLE, NEVER)


def stop_keeping() -> None:
    """Give the process its own thresholds back."""
    if _usual:
        gc.set_threshold(*_usual.pop())
