"""Finds which inputs change which fields of an output (delta debugging). Pure.

Inputs are changed in groups, and only a group that changes a field is divided further. So there are
few trials if only few of the inputs change anything.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

type Experiment[C] = Callable[[Sequence[C]], AbstractSet[str]]
"""Returns the fields that differ from the row as it is if these inputs are changed together."""


def find_causes[C](
    candidates: Sequence[C], experiment: Experiment[C]
) -> Mapping[str, tuple[C, ...]]:
    """Return for each changed field the inputs that cause the change.

    An input that changes a field by itself is a cause. If only several inputs together change a
    field (two regions that name the same country), the causes are the smallest such group that was
    found. A group that changes nothing is not tried further, so few causes among many candidates
    cost few experiments. Causes are in the order of ``candidates``.

    >>> causes = find_causes("abcd", lambda group: {f"field {one}" for one in group if one in "bd"})
    >>> dict(causes)
    {'field b': ('b',), 'field d': ('d',)}

    Args:
        candidates: The inputs, without duplicates.
        experiment: Changes a group of inputs, and returns the fields that differ.
    """
    found: dict[str, set[int]] = {}

    def changed(group: Collection[int]) -> AbstractSet[str]:
        return experiment([candidates[number] for number in group])

    def search(group: Sequence[int], fields: AbstractSet[str]) -> None:
        if not fields:
            return
        if len(group) == 1:
            for field in fields:
                found.setdefault(field, set()).add(group[0])
            return
        middle = len(group) // 2
        halves = [(half, changed(half)) for half in (group[:middle], group[middle:])]
        for half, of_half in halves:
            search(half, of_half)
        for field in fields - halves[0][1] - halves[1][1]:
            found.setdefault(field, set()).update(_narrow(group, field, changed))

    if candidates:
        everything = range(len(candidates))
        search(everything, changed(everything))
    return {
        field: tuple(candidates[number] for number in sorted(numbers))
        for field, numbers in sorted(found.items())
    }


def _narrow(
    group: Sequence[int], field: str, changed: Callable[[Collection[int]], AbstractSet[str]]
) -> Sequence[int]:
    """Reduce a group of inputs to those that are needed to change a field (delta debugging)."""
    left, size = list(group), len(group) // 2
    while size:
        start = 0
        while start < len(left):
            fewer = left[:start] + left[start + size :]
            if fewer and field in changed(fewer):
                left = fewer
            else:
                start += size
        size //= 2
    return left
