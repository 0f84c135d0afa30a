"""The one form of handlers: each is one expression over what tests build with fakes.

A queue's handler builds its queue runner from the service's builder, the redelivery and the
deadline, in this order, and processes the event. A webhook's handler responds with what its
receiver returns.
"""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from tests.unit.template.rules import load

ROOT = Path(__file__).parents[3]
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
QUEUE = re.compile(
    r"return (?P<runner>\w+)\((?P<service>\w+)(?P<redelivery>, redelivery)?"
    r"(?P<deadline>, invocation_deadline\(context, reserve=RESERVE_SECONDS\))?\)"
    r"\.process\(event(?P<journal>, journal)?\)"
)
WEBHOOK = re.compile(r"return respond\(\d+, lambda: _receive\((?P<service>\w+)\(\), event\)\)")
WITHOUT_REDELIVERY = {"trading_grid_feed", "transaction_monitor"}
"""A schedule repeats the run, so that a failed message needs no backoff of its own."""
TESTS = "".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))


def imports(tree: ast.Module) -> dict[str, str]:
    """The module of each imported name."""
    return {
        alias.asname or alias.name: node.module or ""
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def door_plate(function: str) -> str:
    """The docstring of a function's package."""
    spec = importlib.util.find_spec(f"gridwix.{function}")
    assert spec is not None and spec.origin is not None
    return ast.get_docstring(ast.parse(Path(spec.origin).read_text())) or ""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_handler_is_one_expression_over_a_builder_that_tests_call_with_fakes(function: str) -> None:
    tree = ast.parse((ROOT / f"functions/{function}/handler.py").read_text())
    (handler,) = [
        one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "handler"
    ]
    docstring, *body = handler.body
    decorators = [ast.unparse(one) for one in handler.decorator_list]
    is_webhook = function.endswith("_webhook")
    names = imports(tree)

    assert isinstance(docstring, ast.Expr)
    (statement,) = map(ast.unparse, body)
    found = (WEBHOOK if is_webhook else QUEUE).fullmatch(statement)
    assert found is not None, statement
    built_in = "endpoint" if is_webhook else "wiring"
    assert names[found["service"]] == f"gridwix.{function}.{built_in}"
    if is_webhook:
        assert decorators == ["metrics.log_metrics"]
        return
    assert decorators == ["logger.inject_lambda_context", "metrics.log_metrics"]
    assert (found["redelivery"] is None) == (function in WITHOUT_REDELIVERY)
    assert (found["journal"] is not None) == ("``JournalTable``" in door_plate(function))
    # Tests build the runner with fakes, or call the handler with them in place of its wiring.
    assert f"{found['runner']}(" in TESTS or f"functions.{function} import handler" in TESTS


def test_handlers_are_those_of_the_template() -> None:
    functions = {
        one["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        for one in load()["Resources"].values()
        if one["Type"] == "AWS::Serverless::Function"
    }

    assert functions == set(FUNCTIONS)
