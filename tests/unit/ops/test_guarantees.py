"""The page of guarantees covers each promise of the README, with single tests that exist."""

import ast
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/guarantees.md").read_text()
PROOFS = sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)+)`", PAGE)))
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and line != "| rule | proof |"]


def test_each_promise_of_the_readme_is_a_section_of_the_page() -> None:
    promises = re.findall(r"^- \*\*([^*]+)\.\*\*", (ROOT / "README.md").read_text(), re.MULTILINE)
    sections = " ".join(re.findall(r"^## (.+)$", PAGE, re.MULTILINE)).lower()

    assert len(promises) >= 7
    assert [promise for promise in promises if promise.lower() not in sections] == []


def test_each_section_has_a_promise_and_proofs() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:-1]

    for section in sections:
        title = section.partition("\n")[0]
        assert "**Promise.**" in section, title
        assert re.search(r"`tests/", section), title


def test_each_rule_names_single_tests_and_no_whole_file() -> None:
    named = {row: re.findall(r"`(tests/[^`]*)`", row) for row in ROWS}

    assert len(named) >= 30
    assert [row for row, proofs in named.items() if not proofs] == []
    assert {proof for proofs in named.values() for proof in proofs} - set(PROOFS) == set()


@pytest.mark.parametrize("proof", PROOFS)
def test_proof_of_a_guarantee_is_a_test(proof: str) -> None:
    path, *names = proof.split("::")

    assert "::".join(names) in _tests_of(ast.parse((ROOT / path).read_text()))


def test_tests_of_a_file_when_they_are_listed_then_each_has_the_name_that_pytest_gives_it() -> None:
    source = """
def helper(): ...
def test_plain(): ...
async def test_of_a_loop(): ...
@pytest.mark.parametrize("number", range(3))
def test_of_numbers(number):
    def test_inside(): ...
class TestGroup:
    def test_in_a_group(self): ...
    def helper(self): ...
class Machine(RuleBasedStateMachine):
    def test_rule(self): ...
TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=3)
TestName = "no test case"
"""

    assert _tests_of(ast.parse(source)) == {
        "test_plain",
        "test_of_a_loop",
        "test_of_numbers",
        "TestGroup::test_in_a_group",
        "TestMachine::runTest",
    }


def _tests_of(module: ast.Module) -> set[str]:
    """Return the tests of a file by the end of their node id, without parameters."""
    found = _functions_of(module.body)
    for node in module.body:
        match node:
            case ast.ClassDef(name=name, body=body) if name.startswith("Test"):
                found |= {f"{name}::{test}" for test in _functions_of(body)}
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(attr="TestCase")) if (
                name.startswith("Test")
            ):
                # A state machine is a test case that is assigned.
                found.add(f"{name}::runTest")
    return found


def _functions_of(body: Sequence[ast.stmt]) -> set[str]:
    return {
        node.name
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }
