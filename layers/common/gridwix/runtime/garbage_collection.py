"""Tuning of Python's garbage collector for a function."""

import gc

YOUNG_OBJECTS = 50_000
"""New containers after which the collector looks for cycles: about as many as a batch of 1,000 rows makes."""


def tune_garbage_collection() -> None:
    """Freeze imported objects out of garbage collection (``gc.freeze``) and raise its thresholds. Call it once, after the imports.

    A batch makes very many objects, hardly any of them in cycles, and all are gone at its end. Scanning them again and again, and all of boto3 and pydantic
    each time, took a tenth of a large batch's time.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
