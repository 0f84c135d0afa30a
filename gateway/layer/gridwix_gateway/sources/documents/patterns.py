"""Patterns of paths: regular expressions with named parts, matched in linear time. Pure.

The engine is RE2, which DuckDB contains: its time grows with the length of a path, never with the
number of ways to match it (``docs/adr/0042``).
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb

MAX_PATTERN = 1_000
"""Characters of a pattern."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class InvalidPattern(ValueError):
    """A text is no pattern. ``str()`` is the reason."""


class PathPattern:
    """A pattern that a path must match as a whole.

    Args:
        text: The regular expression, in RE2's syntax.

    Raises:
        InvalidPattern: It is no regular expression of RE2, or has no named part.

    Attributes:
        names: The names of its parts, in their order.

    >>> pattern = PathPattern(r"(?P<partner>[^/]+)/(?P<title>[^/]+)[.]pdf")
    >>> pattern.match("GC1/Routing guide.pdf")
    {'partner': 'GC1', 'title': 'Routing guide'}
    >>> pattern.match("GC1/2026/Routing guide.pdf") is None
    True
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN:
            raise InvalidPattern(f"it has more than {MAX_PATTERN:,} characters")
        # RE2 decides. Python knows the names of the groups, and never matches a path.
        self._whole = rf"\A(?:{text})\z"
        try:
            self.match_groups("", [])
            parsed = re.compile(text)
        except duckdb.Error as error:
            said = str(error).removeprefix("Invalid Input Error: ")
            raise InvalidPattern(f"it is no regular expression of RE2: {said}") from None
        except (re.error, RecursionError, OverflowError) as error:
            raise InvalidPattern(f"its groups cannot be read: {error}") from None
        by_number = {number: name for name, number in parsed.groupindex.items()}
        if not by_number:
            raise InvalidPattern("it has no named part, such as (?P<partner>[^/]+)")
        if wrong := [name for name in by_number.values() if _NAME.fullmatch(name) is None]:
            raise InvalidPattern(f"{wrong[0]} is no name: write small letters, digits and _")
        # DuckDB names groups by their position.
        self._groups = [by_number.get(one + 1, f"_{one}") for one in range(parsed.groups)]
        self.names = tuple(by_number.values())

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return the named parts of a path; "" for one without a text. None if it does not fit."""
        found = self.match_groups(path, self._groups)
        if found is None:
            return None
        return {name: found[name] for name in self._groups if name in self.names}

    def match_groups(self, path: str, groups: list[str]) -> Mapping[str, str] | None:
        """Return all groups of a path. The names of ``groups`` are letters, digits and _."""
        names = ", ".join(f"'{name}'" for name in groups)
        parts = f"regexp_extract($path, $pattern, [{names}])" if groups else "'matches'"
        found: Any = (
            _engine()
            .cursor()
            .execute(
                f"SELECT {parts} WHERE regexp_matches($path, $pattern)",
                {"path": path, "pattern": self._whole},
            )
            .fetchone()
        )
        if found is None:
            return None
        return found[0] if groups else {}


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"threads": 1})
