"""The page of guarantees covers each promise of the README, with tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/guarantees.md").read_text()
PROOFS = sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)?)`", PAGE)))


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


@pytest.mark.parametrize("proof", PROOFS)
def test_proof_of_a_guarantee_exists(proof: str) -> None:
    path, _, name = proof.partition("::")
    source = (ROOT / path).read_text()
    tests = {
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }

    # A state machine is a test case that is assigned.
    assert name in tests if name else tests or "TestCase" in source
