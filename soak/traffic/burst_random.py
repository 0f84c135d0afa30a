"""A source of chance of its own for each burst of the traffic, so that a burst can be left out."""

from random import Random
from types import TracebackType
from typing import Self, override


class BurstRandom(Random):
    """The chance that all parts of the traffic share: during a burst's step, that of the burst.

    Between the steps it is that of no burst.

    Args:
        seed: Decides the chance of every burst, together with the burst's number.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._seed = seed
        self._own = self._source = Random(seed)

    def of_burst(self, number: int) -> Random:
        """A new source of chance of a burst."""
        return Random(f"{self._seed}/{number}")

    def following(self, source: Random) -> Self:
        """Give what a source gives, until the end of a ``with`` statement."""
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
        """A number from 0 to 1, without 1."""
        return self._source.random()

    @override
    def getrandbits(self, k: int, /) -> int:
        """A number of ``k`` bits."""
        return self._source.getrandbits(k)
