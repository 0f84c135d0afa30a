"""Public functions of ``gridwix.mapping`` show one input and its output.

``tests/unit/test_doctests.py`` runs the examples.
"""

import ast
from pathlib import Path

import gridwix.mapping

LONG_INPUT = {
    "case_idempotency_key",
    "catalog",
    "fit_row",
    "joinable_case",
    "marked_fields",
    "matching_rule",
    "new_case",
    "recognize_case_texts",
    "resolve_audiences",
    "rule_texts",
    "transaction_ref",
}
"""Functions of whole configurations, cases or exceptions: an example would be longer than they."""


def test_each_public_function_of_mapping_shows_an_example() -> None:
    modules = sorted(Path(gridwix.mapping.__path__[0]).glob("*.py"))

    without = {
        node.name
        for module in modules
        for node in ast.parse(module.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and ">>> " not in (ast.get_docstring(node) or "")
    }

    assert len(modules) > 20
    assert without == LONG_INPUT
