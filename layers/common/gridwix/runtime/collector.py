"""Python's garbage collector in a function."""

import gc

YOUNG_OBJECTS = 50_000
"""New containers after which the collector looks for cycles: about as many as a batch of 1,000 rows makes."""


def spare_the_collector() -> None:
    """Let the collector leave alone what was imported so far, and run less often. To be called once, when the imports are done.

    A batch makes very many objects, hardly any of them in cycles, and all are gone at its end; looking through them again and again, and through all of
    boto3 and pydantic each time, took a tenth of a large batch's time.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
