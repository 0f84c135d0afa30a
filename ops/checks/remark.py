"""What a check of the configuration has to say."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

type Members = tuple[str, ...]
"""The members that lead to a value: ``("routing", "rules", "0", "team")``. The first ones name the file."""


@dataclass(frozen=True, slots=True)
class Remark:
    """``said`` is what is wrong, ``fix`` what to do. An error is of what nothing could make work; else it is a warning, of what may be meant."""

    members: Members
    said: str
    fix: str
    is_error: bool = True


def warning(members: Members, said: str, fix: str) -> Remark:
    return Remark(members, said, fix, is_error=False)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`` (did you mean X?)`` for the known word that is most like it; "" if none is.

    >>> suggestion("case.stattus", ["case.status", "step.status"])
    ' (did you mean case.status?)'
    """
    close = difflib.get_close_matches(word.lower(), {one.lower() for one in known}, n=1)
    spelled = {one.lower(): one for one in sorted(known, reverse=True)}
    return f" (did you mean {spelled[close[0]]}?)" if close else ""


def word_list(words: Iterable[str]) -> str:
    """The words in order, for a sentence."""
    return ", ".join(sorted(words)) or "none"
