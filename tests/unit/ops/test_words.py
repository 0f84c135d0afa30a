"""``make words`` and the check of nested conditional expressions, on small modules."""

import ast
import doctest
import importlib
from pathlib import Path

import pytest

from ops.conditionals import find_nested_conditionals
from ops.words.__main__ import report_figures, report_findings, report_names, survey_checkout
from ops.words.docstrings import find_docstrings, find_riddles
from ops.words.figures import FIGURES, Counts, count_module
from ops.words.names import function_names, public_definitions, repeated_names
from ops.words.survey import TREES, survey_tree
from ops.words.vocabulary import IDIOMS, OPENINGS, VERBS

ORDERS = '''"""Orders of partners."""

LIMIT = 5
"""How many orders are listed."""


class Desk:
    def read(self):
        # Empty on Sundays.
        return []

    def __len__(self):
        return 0


def publish_rows(rows, desk):
    """Publish rows. Idempotent.

    Args:
        rows: The rows.
    """
    return "# no comment"  # Not yet.


def rows():
    """Rows of an order,
    whose  partner waits for nobody.
    """
'''

INVOICES = """class Ledger:
    def read(self): ...


def rows(): ...


def _rows(): ...


def handler(): ...
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    package = tmp_path / "layers/common/gridwix"
    package.mkdir(parents=True)
    (package / "orders.py").write_text(ORDERS)
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions/invoices.py").write_text(INVOICES)
    return tmp_path


def test_report_names_each_riddle_with_its_line_and_alternative(checkout: Path) -> None:
    path = "layers/common/gridwix/orders.py"

    lines = report_findings(survey_checkout(checkout), ["product", "gateway"])

    assert lines == [
        f'{path}:4: opens with "How": name the thing and the guarantee',
        f'{path}:27: "nobody": {IDIOMS["nobody"]}',
        f'{path}:27: "whose": {IDIOMS["whose"]}',
    ]


def test_code_in_a_docstring_is_no_wording() -> None:
    tree = ast.parse(
        'def a():\n    """``nobody`` or some.\n\n    >>> nobody()\n    \'nobody\'\n    """'
    )

    assert [list(find_riddles(one)) for one in find_docstrings(tree)] == [[]]


def test_counts_of_a_module_are_those_of_its_source() -> None:
    assert count_module(ORDERS, ast.parse(ORDERS)) == Counts(
        lines=28,
        comments=2,
        functions=3,
        verbs=2,
        single_words=2,
        docstrings=4,
        riddle_openings=1,
        function_docstrings=2,
        with_sections=1,
    )


def test_long_line_is_one_of_more_than_100_characters() -> None:
    text = f"a = '{'x' * 94}'\nb = '{'x' * 95}'\n"

    assert count_module(text, ast.parse(text)).long_lines == 1


def test_docstring_of_an_attribute_and_of_a_nested_function_are_found() -> None:
    tree = ast.parse(
        'def a():\n    """A."""\n    if a:\n        def b():\n            """B."""\nC = 1\n"""C."""'
    )

    assert {one.text: one.of_function for one in find_docstrings(tree)} == {
        "A.": True,
        "B.": True,
        "C.": False,
    }


def test_names_given_by_python_and_pytest_are_not_counted() -> None:
    tree = ast.parse(
        "def test_a(): ...\nclass A:\n    def __init__(self): ...\n    def b(self): ..."
    )

    assert list(function_names(tree)) == ["b"]


def test_public_name_in_two_modules_is_two_things_and_an_entry_point_is_not() -> None:
    definitions = [
        one
        for path, text in (
            ("orders.py", ORDERS),
            ("invoices.py", INVOICES),
            ("queue.py", "def handler(): ..."),
        )
        for one in public_definitions(path, ast.parse(text))
    ]

    names = repeated_names(definitions, methods=False)
    methods = repeated_names(definitions, methods=True)

    assert {name: [(one.path, one.line) for one in found] for name, found in names.items()} == {
        "rows": [("invoices.py", 5), ("orders.py", 25)]
    }
    assert list(methods) == ["read"]


def test_report_lists_the_places_of_a_repeated_name(checkout: Path) -> None:
    lines = report_names("product", survey_checkout(checkout)["product"].definitions)

    assert lines[0] == "product: 1 public functions and classes that are two things"
    assert lines[1].split() == [
        "rows",
        "2",
        "functions/invoices.py:5,",
        "layers/common/gridwix/orders.py:25",
    ]


def test_table_against_another_checkout_shows_before_and_after(
    checkout: Path, tmp_path: Path
) -> None:
    before = survey_checkout(checkout)
    (checkout / "layers/common/gridwix/orders.py").write_text(
        ORDERS.replace("How many orders are listed", "Maximum number of listed orders")
    )
    (checkout / "ops").mkdir()

    table = report_figures(survey_checkout(checkout), before)

    rows = {line[:46].strip(): line[46:].split() for line in table}
    assert rows[""] == ["product", "gateway", "ops", "emulators", "tests"]
    assert rows["docstrings that open with What, Whose ..., %"][:3] == ["25.0", ">", "0.0"]
    assert rows["docstrings to reword, findings"][:3] == ["3", ">", "2"]
    assert len(rows) == len(FIGURES) + 2


def test_table_of_one_checkout_has_one_number_per_tree(checkout: Path) -> None:
    table = report_figures(survey_checkout(checkout))

    assert [len(line[46:].split()) for line in table] == [5] * (len(FIGURES) + 2)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = 1 if b else 2", []),
        ("a = 1 if b else 2 if c else 3", [1]),
        ("a = (1 if b else 2) if c else 3", [1]),
        ("a = 1 if (2 if b else 3) else 4", [1]),
        ("a = 1\nb = 1 if b else f(2 if c else 3)", [2]),
        ("a = [1 if b else 2, 3 if c else 4]", []),
    ],
)
def test_conditional_inside_of_another_is_found(text: str, lines: list[int]) -> None:
    assert list(find_nested_conditionals(text)) == lines


def test_vocabulary_is_in_the_form_in_which_it_is_compared() -> None:
    assert all(one == one.lower() == " ".join(one.split()) for one in [*IDIOMS, *VERBS])
    assert all(one.istitle() for one in OPENINGS)


@pytest.mark.parametrize(
    "module", ["conditionals", "words.docstrings", "words.figures", "words.names"]
)
def test_examples_of_the_tools_are_true(module: str) -> None:
    failed, attempted = doctest.testmod(importlib.import_module(f"ops.{module}"))

    assert failed == 0 < attempted


def test_tree_without_any_of_its_folders_has_nothing_to_report(tmp_path: Path) -> None:
    (tmp_path / "orders.py").write_text(ORDERS)

    assert survey_tree(tmp_path, TREES["product"]).definitions == []
    found = {one.name for one in survey_tree(tmp_path, (".",)).definitions}
    assert {"Desk", "publish_rows"} <= found
