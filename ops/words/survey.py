"""Counts names, docstrings and unclear wordings in the Python files of a checkout.

The files are grouped into trees, such as ``product`` and ``tests``, which ``make words`` reports
side by side.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.words.docstrings import Finding, find_docstrings, find_riddles
from ops.words.figures import Counts, count_module
from ops.words.names import Definition, public_definitions

TREES: Mapping[str, tuple[str, ...]] = {
    "product": ("layers/common/gridwix", "functions"),
    "gateway": ("gateway/layer/gridwix_gateway", "gateway/functions"),
    "ops": ("ops",),
    "emulators": ("emulators",),
    "tests": ("tests",),
}
"""Folders of each tree of the report, relative to the checkout."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Result of reading the Python files of one tree, a group of folders such as ``tests``.

    ``findings`` are unclear wordings of docstrings, by file. ``definitions`` are public functions,
    classes and methods. Paths are relative to the checkout.
    """

    counts: Counts
    findings: Mapping[str, list[Finding]]
    definitions: list[Definition]


def survey_tree(checkout: Path, folders: tuple[str, ...]) -> Survey:
    """Count names, docstrings and comments of the modules in ``folders``; find unclear wordings.

    A wording of a docstring is unclear if ``ops/words/vocabulary.py`` lists it. The result also has
    the public definitions. A folder that is missing counts as empty.

    Raises:
        SyntaxError: A module is not valid Python.
    """
    counts = Counts()
    findings: dict[str, list[Finding]] = {}
    definitions: list[Definition] = []
    for path in _python_files(checkout, folders):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(checkout).as_posix()
        tree = ast.parse(text, name)
        counts += count_module(text, tree)
        definitions += public_definitions(name, tree)
        found = sorted(
            finding for docstring in find_docstrings(tree) for finding in find_riddles(docstring)
        )
        if found:
            findings[name] = found
    return Survey(counts, findings, definitions)


def _python_files(checkout: Path, folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((checkout / folder).rglob("*.py"))
