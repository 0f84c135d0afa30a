"""Stores many short texts in little memory: a sequence of texts, and a multimap by text. Pure.

In a ``dict`` of short texts, Python's object headers take most of the memory. Here a text takes
only its bytes, and a few integers in arrays.
"""

from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise

_UNSIGNED = "I"


class TextColumn:
    """An append-only sequence of texts, stored in one byte array of at most 4 GB."""

    __slots__ = ("_bytes", "_ends")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array(_UNSIGNED, [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        encoded = self._bytes[self._ends[number] : self._ends[number + 1]]
        return encoded.decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        content = bytes(self._bytes)
        if content.isascii():
            # Decoded at once, which takes half the time.
            text = content.decode("ascii")
            for start, end in pairwise(self._ends):
                yield text[start:end]
        else:
            for start, end in pairwise(self._ends):
                yield content[start:end].decode("utf-8", "surrogatepass")

    def append(self, text: str) -> None:
        """Add a text at the end of the sequence."""
        self._bytes += encode_text(text)
        self._ends.append(len(self._bytes))


class TextMultimap(TextColumn):
    """Multimap with text keys: maps a text to one or several numbers below 2**32.

    It is a hash table over a sequence of texts. The table is rebuilt by the first look-up after an
    addition, so fill it first, then read it. Texts with the same slot form a chain (a linked list):
    ``_heads`` has the first text of each slot, ``_next`` the one that follows a text, each as the
    text's index plus one, and 0 ends the chain. Texts are compared in full, so a hash collision is
    harmless.

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
        """Add a number (``value``) to the numbers of a text."""
        self.append(text)
        self._values.append(value)

    def values(self, text: str) -> Sequence[int]:
        """Return the numbers added for a text, oldest first; empty for an unknown text."""
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
        """Build the hash table: put each text at the head of its slot's chain (linked list).

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
    """Encode a text as UTF-8, also if it contains lone surrogates.

    A text from a JSON document may contain them.
    """
    return text.encode("utf-8", "surrogatepass")


def _zeros(count: int) -> array[int]:
    return array(_UNSIGNED, [0]) * count
