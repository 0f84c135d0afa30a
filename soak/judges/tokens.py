"""Reads tokens in texts, and values as rows and records write them, so that they can be
compared.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Any, NamedTuple

import orjson

_TOKEN = re.compile(rb"\[\[(p\d+\.[a-z]+\d+\.v\d+)\]\]")
_IN_TEXT = re.compile(r"\[\[(p\d+\.[a-z]+\d+\.v\d+)\]\]")
_PARTS = re.compile(r"(p(\d+)\.([a-z]+)\d+)\.v(\d+)")

HIDDEN_KINDS = frozenset({"x", "r"})
"""Kinds of tokens that never leave Trading Grid: internal texts, bytes of restricted documents."""

type Tokens = tuple[str, ...]
"""Tokens without their brackets, each once, in the order of their first appearance."""


class Parts(NamedTuple):
    """The parts of a token such as ``p17.c4.v3``: ``mark`` is ``p17.c4``, the token without its
    revision 3; ``partner`` is 17, and ``kind`` is ``c``, a case.
    """

    mark: str
    revision: int
    partner: int
    kind: str


def tokens_in(value: Any) -> Tokens:
    """Return the tokens anywhere in a value.

    >>> tokens_in({"title": "[[p1.c2.v3]] late", "more": ["[[p1.c2.v3]]", "[[p1.m5.v1]]"]})
    ('p1.c2.v3', 'p1.m5.v1')
    """
    if value is None:
        return ()
    if isinstance(value, bytes):
        text = value
    elif isinstance(value, str):
        words = _IN_TEXT.findall(value) if "[[p" in value else ()
        if len(words) == 1:
            return _only(words[0])
        return tuple(intern(token) for token in dict.fromkeys(words))
    else:
        text = orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
    found = _TOKEN.findall(text)
    return tuple(intern(token.decode()) for token in dict.fromkeys(found)) if found else ()


@lru_cache(maxsize=1000)
def _only(token: str) -> Tokens:
    """Return a tuple of one token, which the texts of a record share."""
    return (intern(token),)


@lru_cache(maxsize=100_000)
def parts_of(token: str) -> Parts:
    """Return the parts of a token.

    >>> parts_of("p17.c4.v3")
    Parts(mark='p17.c4', revision=3, partner=17, kind='c')
    """
    found = _PARTS.fullmatch(token)
    if found is None:
        raise ValueError(f"{token} is no token")
    return Parts(intern(found[1]), int(found[4]), int(found[2]), intern(found[3]))


def newest_revisions(tokens: Tokens) -> dict[str, int]:
    """Return the highest revision of each mark.

    >>> newest_revisions(("p1.c2.v3", "p1.c2.v4"))
    {'p1.c2': 4}
    """
    newest: dict[str, int] = {}
    for token in tokens:
        parts = parts_of(token)
        if parts.revision > newest.get(parts.mark, -1):
            newest[parts.mark] = parts.revision
    return newest


def moment_of(value: Any) -> int | None:
    """Return an instant in milliseconds since 1970, as Trading Grid or Wix writes it; None for no
    instant.

    >>> moment_of("2026-01-02T03:04:05.678Z") == moment_of({"$date": "2026-01-02T03:04:05.678Z"})
    True
    """
    if isinstance(value, Mapping):
        value = value.get("$date")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return int(value.timestamp() * 1000) if isinstance(value, datetime) else None


def plain(value: Any) -> Any:
    """Return a row's value in a comparable form: None, "" and [] count as no value.

    >>> plain([]) is None, plain(0), plain(["a"])
    (True, 0, ('a',))
    """
    if isinstance(value, Mapping) and "$date" in value:
        return moment_of(value)
    if isinstance(value, datetime):
        return moment_of(value)
    if isinstance(value, list | tuple):
        return tuple(plain(member) for member in value) or None
    return None if value == "" else value
