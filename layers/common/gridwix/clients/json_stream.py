"""Reads a JSON document while it arrives: one field, list item or value at a time. Pure.

Memory holds only the value that is being read and a piece of the text, however large the document.

This parser uses the standard library's decoder. It is used instead of ``ijson`` (608 KB in the
layer) for three reasons. ``ijson`` needs the path of the items before it begins, but a vendor may
send its list under any of several field names, such as ``items`` or ``data``. ``ijson`` refuses
documents that :func:`gridwix.clients.json_values.parse_json` reads, such as UTF-16. And ``ijson``
is no faster: 0.36 s for 15 MB, where ``raw_decode`` takes 0.31 s.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from gridwix.clients.json_values import DECODER

READ_AHEAD = 64 * 1024
"""Minimum number of characters that are read ahead, so that small pieces are not parsed one by one.
"""

_SPACES: Final = " \t\n\r"
_SPACE_RUN: Final = re.compile(f"[{_SPACES}]*")
_ENCODING_BYTES = 4


class JsonStream:
    """Reads one JSON document while its bytes arrive, value by value.

    It accepts what :func:`gridwix.clients.json_values.parse_json` accepts. All methods raise
    ValueError if the document is not JSON, RecursionError if it is nested too deeply, and any error
    that ``pieces`` raises.

    Args:
        pieces: The bytes of the document, in pieces of any size.

    >>> stream = JsonStream(iter([b'{"total": 2, "items": [{"a"', b': 1}, 7]}']))
    >>> for name in stream.members():
    ...     print(name, list(stream.items()) if stream.peek() == "[" else stream.value())
    total 2
    items [{'a': 1}, 7]
    >>> stream.end()
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._texts = _decode(pieces)
        self._text = ""
        self._at = 0
        self._complete = False

    def peek(self) -> str:
        """Return the next character other than white space, without reading it; "" at the end."""
        while True:
            character = self._text[self._at : self._at + 1]
            if character and character not in _SPACES:
                return character
            self._at = _skip_spaces(self._text, self._at)
            if self._at == len(self._text) and not self._read_more():
                return ""

    def value(self) -> Any:
        """Read the next JSON value as a whole and return it, parsed."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except ValueError:
                # Perhaps incomplete. More is read outside the handler: the decoder's error holds
                # the text, and must not become the context of another error.
                is_closed = False
            else:
                # A value at the end of the text may go on, as a number does.
                is_closed = self._complete or _is_closed(self._text, end)
            if is_closed:
                self._at = end
                return value
            if not self._read_more():
                raise ValueError("a value is malformed or missing")

    def items(self) -> Iterator[Any]:
        """Read an array: yield its items, parsed, one by one."""
        self._take("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            yield self.value()
            if self._take(",]") == "]":
                return

    def members(self) -> Iterator[str]:
        """Read an object: yield the names of its members, one by one.

        After each name the caller must read the member's value, before it asks for the next name.
        """
        self._take("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            if self.peek() != '"':
                raise ValueError("the name of a member is no text")
            name = self.value()
            self._take(":")
            yield name
            if self._take(",}") == "}":
                return

    def end(self) -> None:
        """Read the document to its end. Raises ValueError if more than white space is left."""
        if self.peek():
            raise ValueError("there is more than one value")

    def _take(self, expected: str) -> str:
        character = self.peek()
        if not character or character not in expected:
            raise ValueError(f"none of {expected} is at its place")
        self._at += 1
        return character

    def _read_more(self) -> bool:
        """Read more of the document, and discard the text that was parsed.

        Returns False at the end of the document. The text that is not parsed yet at least doubles.
        So a value that is parsed again after each reading, until it is complete, takes time in
        proportion to its length.
        """
        if self._complete:
            return False
        texts = [self._text[self._at :]]
        wanted = max(len(texts[0]), READ_AHEAD)
        for text in self._texts:
            texts.append(text)
            wanted -= len(text)
            if wanted <= 0:
                break
        else:
            self._complete = True
        self._text, self._at = "".join(texts), 0
        return True


def _is_closed(text: str, end: int) -> bool:
    """Return True if the character after a parsed value shows that the value is complete.

    ``end`` is the position after the value. A number, for example, could have more digits in the
    text that has not arrived yet.
    """
    following = text[end : end + 1]
    if following and following in _SPACES:
        end = _skip_spaces(text, end)
        following = text[end : end + 1]
    return following != "" and following in ",:]}"


def _skip_spaces(text: str, start: int) -> int:
    match = _SPACE_RUN.match(text, start)
    return match.end() if match else start


def _decode(pieces: Iterator[bytes]) -> Iterator[str]:
    """Decode a JSON document from UTF-8, UTF-16 or UTF-32, detected as by :func:`json.loads`."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= _ENCODING_BYTES:
            break
    decoder = codecs.getincrementaldecoder(json.detect_encoding(start))("surrogatepass")
    yield decoder.decode(start)
    for piece in pieces:
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)
