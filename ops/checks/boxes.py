"""Whether a rule can ever be the first that fits. Pure.

A rule takes everything whose every property is in a set: a box. What is left of a rule's box when the boxes of the rules before it are taken away is what it
decides. A property that can be anything has ``OTHER`` among its values, which stands for all that no rule names.
"""

from collections.abc import Iterable, Mapping, Sequence

type Box = Mapping[str, frozenset[str]]

OTHER = "\0other"
MAX_PIECES = 2_000
"""Pieces that a box is cut into at most; beyond that nothing is claimed."""


def is_covered(box: Box, others: Sequence[Box]) -> bool:
    """Whether the others together take everything of a box. All have the same properties.

    >>> one = {"color": frozenset({"red", "blue"})}
    >>> is_covered(one, [{"color": frozenset({"red"})}]), is_covered(one, [{"color": frozenset({"red"})}, {"color": frozenset({"blue", "green"})}])
    (False, True)
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
    """The parts of a box that are not in the other, none of them empty, no two overlapping."""
    common: dict[str, frozenset[str]] = {}
    for name, values in box.items():
        if outside := values - other[name]:
            yield {**box, **common, name: outside}
        inside = values & other[name]
        if not inside:
            return
        common[name] = inside
