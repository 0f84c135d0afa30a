"""``python -m ops.conditionals``: a linter that finds nested conditional expressions.

In such code (``a if b else c if d else e``) one condition is inside of the other, so it is read
from the inside out. Use ``if`` statements, ``match``, or a name for the inner value. Ruff has no
such rule.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ops.paths import ROOT

_CANDIDATE = re.compile(r"\belse\b")


def find_nested_conditionals(text: str) -> Iterator[int]:
    r"""Yield the line of each conditional expression that contains another one.

    Args:
        text: A Python module.

    Raises:
        SyntaxError: ``text`` is not valid Python.

    >>> list(find_nested_conditionals("a = 1 if b else 2\nc = 1 if b else 2 if d else 3"))
    [2]
    """
    if not _CANDIDATE.search(text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.IfExp) and any(
            isinstance(inner, ast.IfExp)
            for part in ast.iter_child_nodes(node)
            for inner in ast.walk(part)
        ):
            yield node.lineno


def tracked_modules(root: Path) -> list[Path]:
    """Return the Python files of a checkout that git tracks, or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [path for name in listed if (path := root / name).exists()]


def main() -> None:
    """Print file and line of each nested conditional expression in the checkout's Python files.

    Exits with 1 if there is one, else with 0.
    """
    found = [
        f"{path.relative_to(ROOT)}:{line}: a conditional expression inside of another one"
        for path in tracked_modules(ROOT)
        for line in find_nested_conditionals(path.read_text(encoding="utf-8"))
    ]
    for finding in found:
        print(finding, file=sys.stderr)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
