"""Counts of names, docstrings, long lines and comments, and the shares computed from them."""

import ast
import io
import tokenize
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass

from ops.words.docstrings import find_docstrings
from ops.words.names import begins_with_verb, function_names, words_of

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of names, docstrings, lines and comments in one module, or summed over several."""

    lines: int = 0
    long_lines: int = 0
    comments: int = 0
    functions: int = 0
    verbs: int = 0
    single_words: int = 0
    docstrings: int = 0
    riddle_openings: int = 0
    function_docstrings: int = 0
    with_sections: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*map(sum, zip(astuple(self), astuple(other), strict=True)))


def count_module(text: str, tree: ast.Module) -> Counts:
    """Count the lines, comments, function names and docstrings of a module.

    Args:
        text: The module's source text.
        tree: The syntax tree of ``text``.
    """
    lines = text.splitlines()
    names = list(function_names(tree))
    docstrings = list(find_docstrings(tree))
    of_functions = [one for one in docstrings if one.of_function]
    return Counts(
        lines=len(lines),
        long_lines=sum(len(line) > WIDTH for line in lines),
        comments=count_comments(text),
        functions=len(names),
        verbs=sum(map(begins_with_verb, names)),
        single_words=sum(len(words_of(name)) == 1 for name in names),
        docstrings=len(docstrings),
        riddle_openings=sum(one.opens_with_riddle for one in docstrings),
        function_docstrings=len(of_functions),
        with_sections=sum(one.has_sections for one in of_functions),
    )


def count_comments(text: str) -> int:
    """Count the comments of a module; a ``#`` in a string is none.

    >>> count_comments("a = '#1'  # Why.")
    1
    """
    if "#" not in text:
        return 0
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sum(token.type == tokenize.COMMENT for token in tokens)


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


FIGURES: Mapping[str, Callable[[Counts], float]] = {
    "names that begin with a verb, %": lambda c: _percent(c.verbs, c.functions),
    "names of one word, %": lambda c: _percent(c.single_words, c.functions),
    "docstrings that open with What, Whose ..., %": lambda c: _percent(
        c.riddle_openings, c.docstrings
    ),
    "docstrings of functions with sections, %": lambda c: _percent(
        c.with_sections, c.function_docstrings
    ),
    f"lines over {WIDTH} characters, %": lambda c: _percent(c.long_lines, c.lines),
    "comments per 100 lines": lambda c: _percent(c.comments, c.lines),
}
"""The figures that ``make words`` reports: title, and function of the counts."""
