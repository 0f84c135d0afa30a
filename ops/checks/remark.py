"""A finding of the configuration checks (error or warning), and helpers to word it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

type Members = tuple[str, ...]
"""The path to a value: ``("routing", "rules", "0", "team")``. The first members name the file."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding of a configuration check: ``said`` names the fault, ``fix`` the correction.

    ``members`` is the path to the setting. An error says that the setting cannot work. A warning
    (``is_error`` False) says that it looks wrong, but may be intended.
    """

    members: Members
    said: str
    fix: str
    is_error: bool = True


def warning(members: Members, said: str, fix: str) -> Remark:
    """Return a warning: a remark on a setting that looks wrong, but may be intended.

    ``members`` is the path to the setting, ``said`` names the fault, and ``fix`` the correction.
    """
    return Remark(members, said, fix, is_error=False)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean X?)`` for the most similar known word; "" if none is similar.

    >>> suggestion("case.stattus", ["case.status", "step.status"])
    ' (did you mean case.status?)'
    """
    close = difflib.get_close_matches(word.lower(), {one.lower() for one in known}, n=1)
    spelled = {one.lower(): one for one in sorted(known, reverse=True)}
    return f" (did you mean {spelled[close[0]]}?)" if close else ""


def word_list(words: Iterable[str]) -> str:
    """Return the words, sorted and separated by commas; "none" if there are none."""
    return ", ".join(sorted(words)) or "none"
