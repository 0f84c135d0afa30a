"""Escapes unprintable characters in texts of partners, so that printing them is safe. Pure."""

import json
from typing import Any


def shown_text(value: Any) -> str:
    r"""Return a value as text for a terminal. All characters that cannot be printed are escaped.

    Line breaks stay. A value that is no string is written as JSON.

    >>> shown_text("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(
        one if one.isprintable() or one == "\n" else one.encode("unicode_escape").decode()
        for one in text
    )
