"""Reads the records of many partners in groups of 50, so that a failed call does not fail all.

What earlier groups have read is kept. A batch of changes names up to a thousand partners, and to
read their records takes dozens of calls.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import batched

from gridwix.errors import GridwixError
from gridwix.models.ids import PartnerId

PARTNERS_AT_ONCE = 50
"""Partners that are read together, and fail together: as many as one call lists."""


def read_in_groups[T](
    partner_ids: Iterable[PartnerId], read: Callable[[Sequence[PartnerId]], T]
) -> Iterator[tuple[Sequence[PartnerId], T | GridwixError]]:
    """Read partners in groups; yield each group with what was read, or with the error.

    After an error, all later groups get the same error and are not read: it may be an outage, and a
    timeout for each group would take too long.

    Args:
        partner_ids: The partners, in the order in which they are read.
        read: Reads the records of some partners. May raise GridwixError.

    >>> groups = read_in_groups(map(PartnerId, "abc"), "".join)
    >>> list(groups)
    [(('a', 'b', 'c'), 'abc')]
    """
    failure: GridwixError | None = None
    for group in batched(partner_ids, PARTNERS_AT_ONCE, strict=False):
        if failure is None:
            try:
                found = read(group)
            except GridwixError as error:
                failure = error
            else:
                yield group, found
                continue
        yield group, failure
