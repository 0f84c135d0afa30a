"""Makes texts of partners safe to print on a terminal. Pure."""

import json
from typing import Any


def shown_text(value: Any) -> str:
    r"""Return a value as text for a terminal: line breaks stay, other controls are escaped.

    >>> shown_text("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(
        one if one.isprintable() or one == "\n" else one.encode("unicode_escape").decode()
        for one in text
    )
