"""Groups the Python files of a checkout into the trees of the ``make words`` report, and counts
each tree.
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
    """The counts, findings and public definitions of one tree. Paths are relative to the
    checkout.
    """

    counts: Counts
    findings: Mapping[str, list[Finding]]
    definitions: list[Definition]


def survey_tree(checkout: Path, folders: tuple[str, ...]) -> Survey:
    """Read and count the modules in ``folders``; a folder that is missing counts as empty.

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
