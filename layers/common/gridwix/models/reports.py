"""Base class of reports that can be added up, such as the results of single steps. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import chain
from typing import Any, Self, cast


@dataclass(frozen=True, slots=True)
class Addable:
    """Base of frozen dataclasses that are added up field by field.

    Numbers, counters and tuples are added, booleans are combined with ``or``, sets are united.
    Mappings are united: for the same key, two tuples are concatenated, and of any other two values
    the later one wins. For a field with the default None, the last value that is not None wins.
    Every field needs a default.
    """

    @classmethod
    def total(cls, parts: Iterable["Addable"]) -> Self:
        """Add up reports to one of this class, in linear time.

        A part may be of a base class of ``cls``.

        Raises TypeError for a part of any other class, because ``cls`` lacks some of its fields,
        and the values of these would be lost.

        >>> @dataclass(frozen=True)
        ... class Calls(Addable):
        ...     sent: int = 0
        ...     faults: tuple[str, ...] = ()
        >>> Calls.total([Calls(1), Calls(2, ("late",))])
        Calls(sent=3, faults=('late',))
        """
        known, own = [*parts], cast(Hashable, cls)
        if len(known) == 1 and type(known[0]) is cls:
            return known[0]
        for kind in dict.fromkeys(map(type, known)):
            if not issubclass(cls, kind):
                raise TypeError(f"{cls.__name__} cannot hold {kind.__name__}")
        return cls(
            **{
                name: add([initial, *(getattr(part, name, initial) for part in known)])
                for name, initial, add in _sums(own)
            }
        )

    def __add__(self, other: "Addable") -> Self:
        """Return the sum of both reports, of the left operand's class (see :meth:`total`)."""
        return self.total((self, other))


@cache
def _sums(kind: type[Addable]) -> Sequence[tuple[str, Any, Callable[[list[Any]], Any]]]:
    """Return name, default and sum function of each field of a report class."""
    empty = kind()
    return [
        (field.name, (initial := getattr(empty, field.name)), _sum_of(initial))
        for field in fields(kind)
    ]


def _sum_of(initial: Any) -> Callable[[list[Any]], Any]:
    """Choose the function that adds up the values of a field, by the type of its default."""
    match initial:
        case None:
            return _last
        case bool():
            return any
        case frozenset():
            return lambda values: frozenset().union(*values)
        case Counter():
            return _counted
        case Mapping():
            return _united
        case tuple():
            return lambda values: tuple(chain.from_iterable(values))
        case _:
            return sum


def _last(values: Sequence[Any]) -> Any:
    return next((value for value in reversed(values) if value is not None), None)


def _counted(counters: Iterable[Counter[Any]]) -> Counter[Any]:
    counts: Counter[Any] = Counter()
    for counter in filter(None, counters):
        counts.update(counter)
    return counts


def _united(mappings: Iterable[Mapping[Any, Any]]) -> dict[Any, Any]:
    united: dict[Any, Any] = {}
    tuples: defaultdict[Any, list[Any]] = defaultdict(list)
    # Most parts have a value in one or two of their fields.
    for mapping in filter(None, mappings):
        # All values of a field are of one type.
        if isinstance(next(iter(mapping.values())), tuple):
            for key, value in mapping.items():
                tuples[key].extend(value)
        else:
            # Copied as a whole: a batch has thousands of rows, whose keys are slow to hash.
            united.update(mapping)
    for key, value in tuples.items():
        united[key] = tuple(value)
    return united
