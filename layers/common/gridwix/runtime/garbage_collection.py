"""Tunes Python's garbage collector for batch work."""

import gc

YOUNG_OBJECTS = 50_000
"""Threshold of the youngest generation, in containers: about as many as a batch of 1,000 rows
creates.
"""


def tune_garbage_collection() -> None:
    """Exclude imported objects from garbage collection (``gc.freeze``), and raise its thresholds.

    Call it once, after the imports.

    A batch creates many objects, hardly any in cycles, and drops all of them at its end. Scanning
    them, and all of botocore and pydantic, again and again took a tenth of a large batch's time.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
