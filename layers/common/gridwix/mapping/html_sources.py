"""Shortens the source of rich texts that consist mostly of styling. Pure.

Newsletters and Outlook write ten times as many characters of styling as of text. The beginning of
such a source is a style sheet, so cutting it at the size limit would lose all words.
"""

import re

MAX_SOURCE = 500_000
"""Maximum number of characters of a source that are read."""

_READ = frozenset({"href", "title", "alt", "hidden"})
"""Names of the attributes that the sanitizer needs, apart from ``style``."""

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
    """Remove from HTML everything that the sanitizer ignores anyway; all words stay.

    Comments, style sheets, scripts, most attributes and the spaces between lines are removed. At
    most ``MAX_SOURCE`` characters are read.

    The result is not sanitized, so it is not safe to show.

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
