"""Expressions in CEL (Common Expression Language) over one typed row. Pure.

An expression sees the variable ``row``, the functions of CEL, and the string and list functions of
``cel-go``'s extensions in :data:`FUNCTIONS`. It cannot read files, the environment or the clock,
and it always ends: CEL has no loops.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import cel
from cel import stdlib

ROW = "row"
"""The variable with the typed columns of the row."""


def slug(text: str) -> str:
    """Return a text as part of an id: lower case, with ``-`` for all but letters and digits.

    >>> slug("North America: Supplier")
    'north-america-supplier'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "distinct": stdlib.distinct,
    "flatten": stdlib.flatten,
    "indexOf": stdlib.index_of,
    "join": stdlib.join,
    "lowerAscii": stdlib.lower_ascii,
    "replace": stdlib.replace,
    "slug": slug,
    "split": stdlib.split,
    "substring": stdlib.substring,
    "trim": stdlib.trim,
    "upperAscii": stdlib.upper_ascii,
}
"""Functions in addition to those of CEL's core."""

_NATIVE_NAMES = """
size contains startsWith endsWith matches int uint double string bytes bool has
timestamp duration type dyn all exists exists_one map filter
"""
_NATIVE = frozenset(_NATIVE_NAMES.split())
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_MEMBER = re.compile(r"\brow\s*\.\s*([A-Za-z_]\w*)")
_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
_POSITION = re.compile(r"ERROR: <input>:\d+:(\d+): (?:Syntax error: )?([^\n]*)")


class ExpressionFault(Exception):
    """An expression cannot be compiled or evaluated. ``str()`` is the reason; it names no value."""


class Expression:
    """A compiled expression.

    Args:
        source: The text of the expression.

    Raises:
        ExpressionFault: The text is no CEL expression, or names an unknown variable or function.
    """

    def __init__(self, source: str) -> None:
        try:
            self._program = cel.compile(source)
        except ValueError as error:
            raise ExpressionFault(_syntax_error(str(error))) from None
        self.source = source
        # One context for all rows: adding the functions takes longer than an evaluation.
        self._context = cel.Context({}, dict(FUNCTIONS))
        bare = _TEXTS.sub('""', source)
        bound = set(_MACRO.findall(bare))
        if unknown := set(self._program.variables()) - bound - {ROW}:
            name = min(unknown)
            raise ExpressionFault(f"there is no variable {name}; a column is row.{name}")
        calls = set(_CALL.findall(bare)) - _NATIVE - FUNCTIONS.keys()
        if calls:
            raise ExpressionFault(
                f"there is no function {min(calls)}; there are {', '.join(sorted(FUNCTIONS))}"
            )
        self.columns = frozenset(_MEMBER.findall(bare))

    def evaluate(self, row: Mapping[str, Any]) -> Any:
        """Return the value of the expression for a row. Raises ExpressionFault."""
        try:
            self._context.add_variable(ROW, row)
            return self._program.execute(self._context)
        except KeyError as error:
            raise ExpressionFault(f"there is no member {error.args[0]}") from None
        except (ValueError, TypeError, RuntimeError, OverflowError, IndexError) as error:
            raise ExpressionFault(_runtime_error(error)) from None


def _syntax_error(text: str) -> str:
    found = _POSITION.search(text)
    if found is None:
        return "it is no CEL expression"
    return f"it is no CEL expression: at character {found[1]}: {found[2]}"


def _runtime_error(error: Exception) -> str:
    """Return a reason that quotes no value: messages of functions can hold a cell's text."""
    if isinstance(error, OverflowError):
        return "a number is out of range"
    if isinstance(error, IndexError):
        return "a list has no such element"
    if isinstance(error, TypeError):
        return "a value has another type than the expression needs, or there is no value"
    if found := re.match(r"Function '(\w+)' error", str(error)):
        return f"the function {found[1]} cannot read its argument"
    if found := re.match(r"Undefined variable or function: '(\w+)'", str(error)):
        return f"the function {found[1]} cannot read its argument"
    return "it has no value for this row"
