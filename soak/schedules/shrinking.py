"""Shrinks a failing schedule to few steps: delta debugging. Pure.

Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input" (2002).
"""

from collections.abc import Callable, Sequence


def shrink_steps[Step](
    steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool], *, most: int
) -> list[Step]:
    """Return steps that still fail, none of which can be left out if ``most`` tries allow it.

    Args:
        steps: A schedule that fails.
        fails: True if some of the steps, in their order, still fail.
        most: Maximum number of calls of ``fails``.

    >>> shrink_steps("abcdefgh", lambda some: {"b", "g"} <= set(some), most=100)
    ['b', 'g']
    """
    kept = list(steps)
    tries = 0
    size = (len(kept) + 1) // 2
    while size:
        removed = False
        first = 0
        while first < len(kept) and tries < most:
            rest = kept[:first] + kept[first + size :]
            tries += 1
            if fails(rest):
                kept, removed = rest, True
            else:
                first += size
        if tries >= most:
            break
        # After a removal, what could not be left out before may be needless now.
        size = size if removed and size == 1 else size // 2
    return kept
