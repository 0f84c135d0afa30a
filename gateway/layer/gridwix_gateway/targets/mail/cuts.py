"""Shortens texts of a mail. Pure."""

from wcwidth import grapheme_boundary_before

LONGEST_WORD = 60
"""Maximum characters that a cut moves back, to end after a word."""


def cut_text(text: str, most: int) -> str:
    """Return a text, shortened with ``…`` if it has more than ``most`` characters.

    The cut is at the end of a word if one is near, and never inside a letter with its accents or an
    emoji with its modifiers.

    >>> cut_text("Send the missing labels", 12), cut_text("Done", 4)
    ('Send the…', 'Done')
    """
    if len(text) <= most:
        return text
    # The letter that the mark replaces begins here.
    end = grapheme_boundary_before(text, most)
    word_ends = (
        place for place in range(end, max(0, end - LONGEST_WORD), -1) if text[place].isspace()
    )
    return f"{text[: next(word_ends, end)].rstrip()}…"
