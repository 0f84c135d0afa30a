"""Stores many short texts in little memory: a column, and a multimap with text keys. Pure.

In a ``dict`` of short texts, Python's object headers take most of the memory. Here a text takes
only its bytes, and a few integers in arrays.
"""

from array import array
from collections.abc import Sequence
from itertools import pairwise

_UNSIGNED = "I"


class TextColumn:
    """An append-only sequence of texts in one byte array, of 4 GB at most."""

    __slots__ = ("_bytes", "_ends")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array(_UNSIGNED, [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        encoded = self._bytes[self._ends[number] : self._ends[number + 1]]
        return encoded.decode("utf-8", "surrogatepass")

    def append(self, text: str) -> None:
        """Add a text at the end."""
        self._bytes += encode_text(text)
        self._ends.append(len(self._bytes))


class TextMultimap(TextColumn):
    """Maps a text to one or several numbers below 2**32.

    A hash table over a column of texts. It is rebuilt by the first look-up after an addition, so
    fill it first, then read it. A chain is a linked list of texts with the same slot: it begins
    with the number of a text plus one, ``_next`` has the following one, and 0 ends it. Texts are
    compared in full, so a hash collision is harmless.

    >>> numbers = TextMultimap()
    >>> for text, number in [("ZZ:A", 7), ("ZZ:B", 8), ("ZZ:A", 5)]:
    ...     numbers.add(text, number)
    >>> numbers.values("ZZ:A"), numbers.values("ZZ:C")
    ([7, 5], [])
    """

    __slots__ = ("_heads", "_next", "_values")

    def __init__(self) -> None:
        super().__init__()
        self._values = array(_UNSIGNED)
        self._heads = _zeros(1)
        self._next = array(_UNSIGNED)

    def add(self, text: str, value: int) -> None:
        """Add a number for a text."""
        self.append(text)
        self._values.append(value)

    def values(self, text: str) -> Sequence[int]:
        """The numbers that were added for a text, oldest first; empty for an unknown text."""
        if len(self._next) < len(self):
            self._link_texts()
        content, ends, wanted = self._bytes, self._ends, encode_text(text)
        found = []
        position = self._heads[hash(wanted) & (len(self._heads) - 1)]
        while position:
            if content[ends[position - 1] : ends[position]] == wanted:
                found.append(self._values[position - 1])
            position = self._next[position - 1]
        # The last one added is the first of its chain.
        found.reverse()
        return found

    def _link_texts(self) -> None:
        """Build the hash table: put each text at the head of the chain of its slot.

        There are at least as many slots as texts.
        """
        heads, following = _zeros(1 << (len(self) - 1).bit_length()), _zeros(len(self))
        last_slot = len(heads) - 1
        for number, (start, end) in enumerate(pairwise(self._ends)):
            slot = hash(bytes(self._bytes[start:end])) & last_slot
            following[number] = heads[slot]
            heads[slot] = number + 1
        # Complete before another thread can see them, and the one that is asked for last.
        self._heads = heads
        self._next = following


def encode_text(text: str) -> bytes:
    """Encode a text to bytes.

    A text of a JSON document may hold a lone surrogate, which is kept.
    """
    return text.encode("utf-8", "surrogatepass")


def _zeros(count: int) -> array[int]:
    return array(_UNSIGNED, [0]) * count
