"""Every reason of a failed delivery is in the documentation, and no other."""

import ast

from ops.paths import ROOT

PACKAGE = ROOT / "gateway/layer/gridwix_gateway/targets"
CALLS = {"ContentFault", "Postponed", "Rejected", "NoAnswer", "NoContext"}
NO_FAILURES = {"not-by-a-partner"}


def reasons_of_the_code() -> set[str]:
    found = {"events-lost", "interrupted", "outcome-unknown", "paused"}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                is_reason = node.func.id in CALLS and node.args
                found |= _texts(node.args[0]) if is_reason else set()
            if isinstance(node, ast.FunctionDef) and node.name == "content_refusal":
                returns = [one for one in ast.walk(node) if isinstance(one, ast.Return)]
                found |= {text for one in returns if one.value for text in _texts(one.value)}
            if isinstance(node, ast.Assign) and "reason" in ast.unparse(node.targets[0]):
                found |= _texts(node.value)
    return {one for one in found if one and " " not in one} - NO_FAILURES


def _texts(node: ast.AST) -> set[str]:
    return {
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def test_reasons_of_the_documentation_are_those_of_the_code() -> None:
    text = (ROOT / "docs/gateway-targets.md").read_text(encoding="utf-8")
    table = text.partition("## Reasons")[2].partition("## Work")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = {name.strip(" `") for row in rows for name in row.split(",")}

    assert documented == reasons_of_the_code()
