"""Finds the docstrings of a module, and the unclear wordings in these docstrings."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ops.words.vocabulary import IDIOM, IDIOMS, OPENING

_SECTION = re.compile(r"^ *(?:Args|Returns|Raises|Yields|Example|Examples):|>>> ", re.MULTILINE)
_CODE = re.compile(r"``[^`\n]*``|'[^'\n ]*'|^ *(?:>>>|\.\.\.) .*$", re.MULTILINE)
_OWNERS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Docstring:
    """A docstring of a module, class, function or assignment.

    Attributes:
        line: Line of the opening quotes.
        text: The text as written, indentation included.
        of_function: True if a function or method owns the docstring.
    """

    line: int
    text: str
    of_function: bool

    @property
    def opens_with_riddle(self) -> bool:
        """True if the docstring's first word is one of ``OPENINGS``, such as "What"."""
        return OPENING.match(self.text.lstrip()) is not None

    @property
    def has_sections(self) -> bool:
        """True if the docstring has a section on arguments, result or errors, or an example."""
        return _SECTION.search(self.text) is not None


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """An unclear wording of a docstring, which is to be replaced.

    ``line`` is its line in the module. ``message`` names the wording and a plain alternative.
    """

    line: int
    message: str


def find_docstrings(tree: ast.Module) -> Iterator[Docstring]:
    """Yield every docstring of a module, those below an assignment included."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(node, field, None)
            if isinstance(statements, list):
                yield from _docstrings_among(statements, node)


def _docstrings_among(statements: list[ast.AST], owner: ast.AST) -> Iterator[Docstring]:
    for place, statement in enumerate(statements):
        match statement:
            case ast.Expr(value=ast.Constant(value=str(text))):
                of_function = place == 0 and isinstance(owner, _OWNERS)
                yield Docstring(statement.lineno, text, of_function)


def find_riddles(docstring: Docstring) -> Iterator[Finding]:
    r"""Yield the unclear wordings of a docstring, each with its plain alternative.

    These are a first word of ``OPENINGS``, such as "What", and all idioms of ``IDIOMS``.

    >>> [one.line for one in find_riddles(Docstring(7, "Whose turn.\n\nNobody waits.", True))]
    [7, 9]
    """
    if opening := OPENING.match(docstring.text.lstrip()):
        yield Finding(
            docstring.line, f'opens with "{opening[0]}": name the thing and the guarantee'
        )
    # Code is no prose: ``nobody`` may be a value.
    prose = _CODE.sub(lambda code: " " * len(code[0]), docstring.text)
    for idiom in IDIOM.finditer(prose):
        if idiom.start() == 0 and docstring.opens_with_riddle:
            continue
        wording = " ".join(idiom[0].split())
        line = docstring.line + docstring.text.count("\n", 0, idiom.start())
        yield Finding(line, f'"{wording}": {IDIOMS[wording.lower()]}')
