"""Tunes Python's garbage collector for batch work."""

import gc


def tune_garbage_collection() -> None:
    """Freeze imported objects out of garbage collection (``gc.freeze``).

    Call it once, after the imports.

    A batch creates many objects, hardly any in cycles, and drops all of them at its end. Scanning
    them, and all of botocore and pydantic, again and again took a tenth of a large batch's time.
    The thresholds are set in ``gridwix``.
    """
    gc.freeze()
