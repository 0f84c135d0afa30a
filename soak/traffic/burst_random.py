"""A separate source of chance for each burst of the traffic, so that a burst can be left out
without a change of the others.
"""

from random import Random
from types import TracebackType
from typing import Self, override


class BurstRandom(Random):
    """Source of chance that all parts of the traffic share: during a burst's step it is that
    burst's own.

    Between the steps it belongs to no burst.

    Args:
        seed: Decides the chance of every burst, together with the burst's number.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._seed = seed
        self._own = self._source = Random(seed)

    def of_burst(self, number: int) -> Random:
        """Return a new source of chance for a burst."""
        return Random(f"{self._seed}/{number}")

    def following(self, source: Random) -> Self:
        """Take all numbers from a source, until the end of a ``with`` statement."""
        self._source = source
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._source = self._own

    @override
    def random(self) -> float:
        """Return a number from 0 to 1, without 1."""
        return self._source.random()

    @override
    def getrandbits(self, k: int, /) -> int:
        """Return a number of ``k`` bits."""
        return self._source.getrandbits(k)
