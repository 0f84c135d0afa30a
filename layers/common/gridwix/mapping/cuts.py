"""Cuts texts to a maximum size: at a word, never inside a letter, marked with ``…``. Pure.

See ``docs/adr/0061-rows-are-fitted-to-bytes-and-cuts-are-marked.md``.
"""

from collections.abc import Callable

CUT = "…"
"""Mark at the end of a cut text, the same in every language."""

LONGEST_WORD = 60
"""Number of characters within which a cut looks back for the end of a word. A text without spaces
(Japanese, a URL) is cut between two letters.
"""

type Width = Callable[[str], int]
"""Size of a text in some unit. The size of two texts together is the sum of theirs."""


def utf16_width(text: str) -> int:
    """Length of a text in UTF-16 code units, as JavaScript counts it.

    >>> utf16_width("a李"), utf16_width("😀")
    (2, 2)
    """
    return len(text) + sum(character > "\uffff" for character in text)


def cut_text(text: str, most: int, width: Width = len) -> str:
    """Cut a text to at most the size ``most``, with the mark ``CUT`` (``…``) at its end.

    Idempotent. A text that fits is unchanged.

    The cut is at the end of a word if one ends within ``LONGEST_WORD`` characters. It is never
    inside a letter with its accents or an emoji with its modifiers (a grapheme cluster of Unicode's
    Annex 29).

    Args:
        text: The text.
        most: Maximum size of the result. At least that of ``CUT``.
        width: Counts the size; characters by default.

    >>> cut_text("Send the missing labels", 12), cut_text("Done", 4)
    ('Send the…', 'Done')
    """
    # Enough for every width that counts at least one for a character.
    if len(text) <= most and width(text) <= most:
        return text
    return f"{beginning(text, most - width(CUT), width)}{CUT}"


def beginning(text: str, room: int, width: Width = len) -> str:
    """Return the longest beginning of a text with a size of at most ``room``.

    It ends after a whole word if possible.

    Args:
        text: A text that does not fit.
        room: Maximum size of the result.
        width: Counts the size.

    >>> beginning("Send the missing labels", 11)
    'Send the'
    """
    end = _cluster_end(text, _fitting_length(text, room, width))
    # A space after the last word means that the word is whole.
    word_ends = (
        place for place in range(end, max(0, end - LONGEST_WORD), -1) if text[place].isspace()
    )
    at_word = next(word_ends, end) if end < len(text) else end
    return text[:at_word].rstrip() or text[:end].rstrip()


def _fitting_length(text: str, room: int, width: Width) -> int:
    """Return the number of characters of a text, from its beginning, that fit into ``room``."""
    for place, character in enumerate(text):
        room -= width(character)
        if room < 0:
            return place
    return len(text)


def _cluster_end(text: str, end: int) -> int:
    """Return the position of the last boundary between grapheme clusters at or before ``end``."""
    if end == len(text):
        return end
    # Texts are rarely cut, and several functions start without this library.
    import regex

    last = 0
    for cluster in regex.finditer(r"\X", text):
        if cluster.end() > end:
            break
        last = cluster.end()
    return last
