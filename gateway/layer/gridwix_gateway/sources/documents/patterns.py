"""Patterns of paths: RE2 regular expressions with named parts, matched in linear time. Pure.

The engine is the RE2 in DuckDB. Its time grows with the length of a path only, without backtracking
(``docs/adr/0042``).
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb

MAX_PATTERN = 1_000
"""Maximum characters of a pattern."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")

_PART = re.compile(
    r"\\Q.*?(?:\\E|\Z)"  # literal text
    r"|\\."
    # A class: a bracket that comes first is a sign of it, and so are classes in it: [[:alpha:]()].
    r"|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]"
    r"|(?P<group>\((?:\?P?<(?P<name>\w+)>|(?!\?)))",
    re.DOTALL,
)
"""Matches each construct of RE2 with brackets. Only ``group``, a named part, is used."""


class InvalidPattern(ValueError):
    """A text cannot be used as a pattern of paths. ``str()`` is the reason."""


class PathPattern:
    """A regular expression with named parts (groups), which must match a path as a whole.

    Args:
        text: The regular expression, in RE2's syntax.

    Raises:
        InvalidPattern: The text is no regular expression of RE2, has no named part, or names a part
            wrongly or twice.

    Attributes:
        names: The names of the named parts, in their order.

    >>> pattern = PathPattern(r"(?P<partner>[^/]+)/(?P<title>[^/]+)[.]pdf")
    >>> pattern.match("GC1/Routing guide.pdf")
    {'partner': 'GC1', 'title': 'Routing guide'}
    >>> pattern.match("GC1/2026/Routing guide.pdf") is None
    True
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN:
            raise InvalidPattern(f"it has more than {MAX_PATTERN:,} characters")
        self._whole = rf"\A(?:{text})\z"
        groups = [one["name"] for one in _PART.finditer(text) if one["group"] is not None]
        # DuckDB names groups by their position.
        self._groups = [name or f"_{place}" for place, name in enumerate(groups)]
        names = [name for name in groups if name]
        try:
            # RE2 decides what a pattern is, and how many groups it has.
            _match_groups(text, "", [])
            if len(set(names)) == len(names):
                _match_groups(self._whole, "", self._groups)
        except duckdb.Error as error:
            said = str(error).removeprefix("Invalid Input Error: ")
            raise InvalidPattern(f"it is no regular expression of RE2: {said}") from None
        if not names:
            raise InvalidPattern("it has no named part, such as (?P<partner>[^/]+)")
        if twice := [name for name in names if names.count(name) > 1]:
            raise InvalidPattern(f"two parts have the name {twice[0]}")
        if wrong := [name for name in names if _NAME.fullmatch(name) is None]:
            raise InvalidPattern(f"{wrong[0]} is no name: write small letters, digits and _")
        self.names = tuple(names)

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return the named parts of a path; None if the path does not match. A part may be ""."""
        found = _match_groups(self._whole, path, self._groups)
        if found is None:
            return None
        return {name: found[name] for name in self._groups if name in self.names}


def _match_groups(pattern: str, path: str, groups: list[str]) -> Mapping[str, str] | None:
    """Return what the groups of a regular expression match in a path, by the groups' names.

    DuckDB matches the expression. None if the path does not match. ``groups`` names all groups in
    their order. The names become part of the SQL text: they may only have letters, digits and
    ``_``.
    """
    names = ", ".join(f"'{name}'" for name in groups)
    parts = f"regexp_extract($path, $pattern, [{names}])" if groups else "'matches'"
    found: Any = (
        _engine()
        .cursor()
        .execute(
            f"SELECT {parts} WHERE regexp_matches($path, $pattern)",
            {"path": path, "pattern": pattern},
        )
        .fetchone()
    )
    if found is None:
        return None
    return found[0] if groups else {}


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"threads": 1})
