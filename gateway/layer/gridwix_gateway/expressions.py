"""Compiles expressions in CEL (Common Expression Language) for the gateway's configuration. Pure.

An expression ("program") maps data of sources and targets, the hub's other systems. It cannot read
files, the environment or the clock, and it always ends: CEL has no loops.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import cel
from cel import stdlib


def slug(text: str) -> str:
    """Return a text as part of an id, in lower case.

    Each sequence of characters other than letters and digits becomes one ``-``.

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
"""Functions that programs may call beyond CEL's core: ``slug``, and extensions as in ``cel-go``."""

_CORE_NAMES = """
size contains startsWith endsWith matches int uint double string bytes bool has
timestamp duration type dyn all exists exists_one map filter
"""
_CORE = frozenset(_CORE_NAMES.split())
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
_POSITION = re.compile(r"ERROR: <input>:\d+:(\d+): (?:Syntax error: )?([^\n]*)")


class InvalidProgram(Exception):
    """Raised for a text that cannot be compiled as a CEL program.

    Args:
        kind: ``syntax``, or an unknown ``variable`` or ``function``.
        detail: For ``syntax`` the position, such as `` at character 3: ...``, or empty if it is
            unknown; else the unknown name.
    """

    def __init__(self, kind: Literal["syntax", "variable", "function"], detail: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail


def compile_program(source: str, variables: frozenset[str]) -> cel.Program:
    """Compile a text as a CEL program, and return the program.

    Args:
        source: The text.
        variables: Names of the variables that the program may use.

    Raises:
        InvalidProgram: The text has a syntax error, or names an unknown variable or function.
    """
    try:
        program = cel.compile(source)
    except ValueError as error:
        found = _POSITION.search(str(error))
        place = f" at character {found[1]}: {found[2]}" if found else ""
        raise InvalidProgram("syntax", place) from None
    bare = without_texts(source)
    if unknown := set(program.variables()) - variables - set(_MACRO.findall(bare)):
        raise InvalidProgram("variable", min(unknown))
    if missing := set(_CALL.findall(bare)) - _CORE - FUNCTIONS.keys():
        raise InvalidProgram("function", min(missing))
    return program


def without_texts(source: str) -> str:
    """Return the source of a CEL program with an empty string in place of each string literal.

    >>> without_texts("row.name + ' (row.x)'")
    'row.name + ""'
    """
    return _TEXTS.sub('""', source)
