"""Sources of rich text that are long for their looks, and not for their words. Pure.

Newsletters and Outlook write ten times as many characters of style as of text. A sanitizer that
reads the beginning of such a source reads a style sheet.
"""

import re

MAX_SOURCE = 500_000
"""Number of characters that are looked at."""

_READ = frozenset({"href", "title", "alt", "hidden"})
"""Attributes that the sanitizer reads, apart from ``style``."""

# An unclosed comment or style sheet goes on to the end, as in a browser.
_UNSEEN = re.compile(
    r"<!--(?:-?>|.*?--!?>|.*\Z)|<(style|script|title)\b[^<>]*>(?:.*?</\1\s*>|.*\Z)",
    re.IGNORECASE | re.DOTALL,
)
_START_TAG = re.compile(r"""<([a-z][^\s/<>"']*)((?:[^<>"']|"[^"]*"|'[^']*')*+)>""", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([^\s=/"'<>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+))?""")
_DECLARATION = re.compile(
    r"(?<![\w-])(?:display|font-weight|text-decoration|text-decoration-line)\s*:[^;\"']+",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[ \t\r\n\f]{2,}")


def shorten_source(html: str) -> str:
    """Return HTML with the same words, without what the sanitizer does not read: comments, style
    sheets, scripts, most attributes, and the spaces between lines. No more than ``MAX_SOURCE``
    characters are read.

    Not safe to show: a parser has to decide what the rest means.

    >>> shorten_source('<style>p {color: red}</style><p class="a" style="margin:0;display:none">x')
    '<p style="display:none">x'
    """
    shorter = _START_TAG.sub(_shorten_tag, _UNSEEN.sub("", html[:MAX_SOURCE]))
    # They are words in preformatted text.
    return shorter if "<pre" in shorter.lower() else _SPACES.sub(" ", shorter)


def _shorten_tag(tag: re.Match[str]) -> str:
    kept = [
        f" {one[0].strip()}" if one[1].lower() in _READ else _read_styles(one[2] or "")
        for one in _ATTRIBUTE.finditer(tag[2])
        if one[1].lower() in {*_READ, "style"}
    ]
    return f"<{tag[1]}{''.join(kept)}>"


def _read_styles(value: str) -> str:
    declarations = _DECLARATION.findall(value)
    return f' style="{";".join(declarations)}"' if declarations else ""
