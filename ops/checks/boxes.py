"""Decides whether a rule never applies, because the rules before it match everything. Pure.

A rule has a set of matching values for each property of a submission or transaction fault. All of
these sets together are its box. The rule applies to the part of its box that the boxes of earlier
rules leave. A property that can have any value has ``OTHER`` among its values, which stands for all
values that no rule names.
"""

from collections.abc import Iterable, Mapping, Sequence

type Box = Mapping[str, frozenset[str]]

OTHER = "\0other"
MAX_PIECES = 2_000
"""Maximum number of pieces that the box of a rule is split into. With more, ``is_covered`` gives up
and counts the rule as not shadowed.
"""


def is_covered(box: Box, others: Sequence[Box]) -> bool:
    """Return True if the boxes ``others`` together contain every value combination of ``box``.

    All boxes have the same properties.

    >>> one = {"color": frozenset({"red", "blue"})}
    >>> is_covered(one, [{"color": frozenset({"red"})}])
    False
    >>> is_covered(one, [{"color": frozenset({"red"})}, {"color": frozenset({"blue", "green"})}])
    True
    """
    left = [box]
    for other in others:
        left = [piece for one in left for piece in _box_difference(one, other)]
        if not left:
            return True
        if len(left) > MAX_PIECES:
            return False
    return not any(all(values for values in piece.values()) for piece in left)


def _box_difference(box: Box, other: Box) -> Iterable[Box]:
    """Yield the parts of ``box`` that are outside ``other``, as boxes that do not overlap.

    No yielded box is empty.
    """
    common: dict[str, frozenset[str]] = {}
    for name, values in box.items():
        if outside := values - other[name]:
            yield {**box, **common, name: outside}
        inside = values & other[name]
        if not inside:
            return
        common[name] = inside
