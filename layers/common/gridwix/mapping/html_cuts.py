"""Cuts sanitized HTML to a maximum size; the result is well-formed. Pure."""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import NamedTuple

from gridwix.mapping.cuts import CUT, LONGEST_WORD, Width, beginning

_TAG = re.compile(r"""<(/?)([a-z][a-z0-9]*)(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
_VOID = frozenset({"br", "hr"})


class _Cut(NamedTuple):
    """A position where HTML can be cut.

    ``pieces`` is the number of pieces before the position: tags, and texts between tags. ``opened``
    are the names of the elements that are open there.
    """

    pieces: int
    opened: tuple[str, ...]


def cut_html(html: str, most: int, width: Width = len, *, is_beginning: bool = False) -> str:
    """Cut HTML to at most the size ``most``, with the mark ``CUT`` (``…``) after its last word.

    HTML that fits is unchanged.

    Idempotent. A cut is at a word, as in :func:`gridwix.mapping.cuts.cut_text`, and never inside a
    tag or a character reference. All elements are closed.

    Args:
        html: Sanitized, and so well-formed HTML.
        most: Maximum size of the result. At least that of ``CUT``.
        width: Counts the size; characters by default.
        is_beginning: True if the HTML is the beginning of a longer text: it is marked even if it
            fits.

    >>> cut_html("<p>Rates &amp; labels</p>", 19), cut_html("<p>Rates &amp; labels</p>", 18)
    ('<p>Rates &amp;…</p>', '<p>Rates…</p>')
    """
    if not is_beginning and width(html) <= most:
        return html
    out: list[str] = []
    opened: list[str] = []
    words: list[_Cut] = []
    room = most - width(CUT)
    for piece in _pieces(html):
        cost = _cost(piece, width)
        if cost > room:
            out += _fitting_words(piece, room, width, words, (len(out), tuple(opened)))
            return _ended(out, words)
        room -= cost
        if tag := _TAG.fullmatch(piece):
            _follow(tag, opened)
        elif piece.strip():
            words.append(_Cut(len(out) + 1, tuple(opened)))
        out.append(piece)
    return _ended(out, words)


def _pieces(html: str) -> Iterator[str]:
    """Split HTML into tags, and the texts between them."""
    place = 0
    for tag in _TAG.finditer(html):
        if tag.start() > place:
            yield html[place : tag.start()]
        yield tag[0]
        place = tag.end()
    if place < len(html):
        yield html[place:]


def _cost(piece: str, width: Width) -> int:
    """Return the size that a piece of HTML, a tag or a text, adds to the result.

    A start tag also counts the size of its end tag; an end tag counts nothing.
    """
    tag = _TAG.fullmatch(piece)
    if tag is None or tag[2].lower() in _VOID:
        return width(piece)
    return 0 if tag[1] else width(piece) + width(f"</{tag[2]}>")


def _follow(tag: re.Match[str], opened: list[str]) -> None:
    name = tag[2]
    if name.lower() in _VOID:
        return
    if not tag[1]:
        opened.append(name)
    elif opened:
        opened.pop()


def _fitting_words(
    piece: str, room: int, width: Width, words: list[_Cut], here: tuple[int, tuple[str, ...]]
) -> list[str]:
    """Return the beginning of a piece of HTML that fits into ``room``; empty if nothing fits.

    The piece is a tag, of which no part is used, or the text between two tags. ``words`` lists the
    positions at which the HTML can be cut, one after each earlier text; if a part of this text
    fits, the position after that part is added. ``here`` is the current position: number of pieces
    before it, and open elements.
    """
    if _TAG.fullmatch(piece):
        return []
    text = unescape(piece)
    kept = beginning(text, room, lambda one: width(_escaped(one)))
    first = next(iter(text.split(maxsplit=1)), "")
    is_part = len(kept.strip()) < len(first) <= LONGEST_WORD
    # A part of a word is shown only if there is nothing before it.
    if not kept.strip() or (is_part and words):
        return []
    words.append(_Cut(here[0] + 1, here[1]))
    return [_escaped(kept)]


def _escaped(text: str) -> str:
    return escape(text, quote=False)


def _ended(out: list[str], words: list[_Cut]) -> str:
    """Join the pieces of HTML before the last position at which it can be cut, and end the result.

    ``words`` lists these positions. The end is the mark ``…`` and the missing end tags.
    """
    last = words[-1] if words else _Cut(0, ())
    ends = "".join(f"</{name}>" for name in reversed(last.opened))
    return f"{''.join(out[: last.pieces]).rstrip()}{CUT}{ends}"
