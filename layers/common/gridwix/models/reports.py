"""Frozen results of steps, which the caller adds up to the report of a batch. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Addable:
    """Base of frozen dataclasses that are added up field by field.

    Numbers, counters and tuples are added, flags are or-ed, sets are united. Mappings are united:
    for the same key two tuples are concatenated, of two other values the later one wins. Of a field
    that is None by default the last other value counts. Every field needs a default.
    """

    @classmethod
    def total(cls, parts: Iterable["Addable"]) -> Self:
        """Add up ``parts``, in linear time.

        A part may be of a base class of ``cls``.

        Raises TypeError for a part of any other class: fields that ``cls`` lacks would be lost.

        >>> @dataclass(frozen=True)
        ... class Calls(Addable):
        ...     sent: int = 0
        ...     faults: tuple[str, ...] = ()
        >>> Calls.total([Calls(1), Calls(2, ("late",))])
        Calls(sent=3, faults=('late',))
        """
        known = [cls(), *parts]
        for part in known:
            if not issubclass(cls, type(part)):
                raise TypeError(f"{cls.__name__} cannot hold {type(part).__name__}")
        return cls(
            **{
                field.name: _sum_of(
                    [getattr(part, field.name) for part in known if hasattr(part, field.name)]
                )
                for field in fields(cls)
            }
        )

    def __add__(self, other: "Addable") -> Self:
        """The sum, of the left operand's class (see :meth:`total`)."""
        return self.total((self, other))


def _sum_of(values: Sequence[Any]) -> Any:
    match values[0]:
        case None:
            return next((value for value in reversed(values) if value is not None), None)
        case bool():
            return any(values)
        case frozenset():
            return frozenset().union(*values)
        case Counter():
            counts: Counter[Any] = Counter()
            for value in values:
                counts.update(value)
            return counts
        case Mapping():
            return _united(values)
        case tuple():
            return tuple(chain.from_iterable(values))
        case _:
            return sum(values)


def _united(mappings: Sequence[Mapping[Any, Any]]) -> dict[Any, Any]:
    united: dict[Any, Any] = {}
    tuples: defaultdict[Any, list[Any]] = defaultdict(list)
    for mapping in mappings:
        # All values of a field are of one type.
        if isinstance(next(iter(mapping.values()), None), tuple):
            for key, value in mapping.items():
                tuples[key].extend(value)
        else:
            # Copied as a whole: a batch has thousands of rows, whose keys are slow to hash.
            united.update(mapping)
    return {**united, **{key: tuple(values) for key, values in tuples.items()}}
