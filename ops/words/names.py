"""Splits names of functions and classes into words, and finds public names defined repeatedly."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from ops.words.vocabulary import VERBS

ENTRY_POINTS = frozenset({"handler", "main"})
"""Names that AWS Lambda and Python expect in many modules."""


@dataclass(frozen=True, slots=True, order=True)
class Definition:
    """A public function, class or method. ``line`` is the line of its name."""

    path: str
    line: int
    name: str
    is_method: bool = False


def words_of(name: str) -> list[str]:
    """Split a name into its words.

    >>> words_of("_read_page")
    ['read', 'page']
    """
    return name.strip("_").split("_")


def begins_with_verb(name: str) -> bool:
    """Return True if the first word of a name is a verb.

    >>> begins_with_verb("publish_rows"), begins_with_verb("rows")
    (True, False)
    """
    return words_of(name)[0] in VERBS


def function_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names of all functions and methods, private ones included.

    Left out, because Python or pytest gives the name: ``__special__`` methods and tests.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith(
            ("__", "test_")
        ):
            yield node.name


def public_definitions(path: str, tree: ast.Module) -> Iterator[Definition]:
    """Yield a module's public functions and classes, and the public methods of its classes."""
    for node in tree.body:
        if not _is_public(node):
            continue
        yield Definition(path, node.lineno, node.name)
        if isinstance(node, ast.ClassDef):
            methods = {one.name: one.lineno for one in node.body if _is_public(one)}
            for name, line in methods.items():
                yield Definition(path, line, name, is_method=True)


def _is_public(
    node: ast.AST,
) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    return isinstance(
        node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) and not node.name.startswith("_")


def repeated_names(
    definitions: Iterable[Definition], *, methods: bool
) -> Mapping[str, list[Definition]]:
    """Return the names that more than one definition has, the most repeated first.

    Args:
        definitions: Public definitions of one code base.
        methods: True for methods only, False for functions and classes only.
    """
    by_name: defaultdict[str, list[Definition]] = defaultdict(list)
    for one in sorted(definitions):
        if one.is_method == methods and one.name not in ENTRY_POINTS:
            by_name[one.name].append(one)
    repeated = {name: found for name, found in by_name.items() if len(found) > 1}
    return dict(sorted(repeated.items(), key=lambda item: (-len(item[1]), item[0])))
