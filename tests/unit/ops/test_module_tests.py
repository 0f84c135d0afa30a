"""Each product module has a test module of its name, or the table says which one covers it."""

import re
from pathlib import Path

from ops.paths import ROOT
from tests.module_tests import ModuleTests, complete_table, read_table

LEAST_WORDS = 3
"""Words of a test's name after ``test``: what it is about, and what holds of it."""

TEST = re.compile(r"^(?:async )?def (test_\w+)\([^)]*\)\s*->", re.MULTILINE)
"""A test with its parameters; samples of tests in texts have no annotation."""

NAMED_BY_A_TABLE = Path("tests/unit/changes/test_change_map.py")
"""Each test there has the name of a row of CONTRIBUTING.md, such as ``test_metric``."""


def test_each_module_has_a_test_module_of_its_name_or_an_entry_that_still_holds() -> None:
    project, table = ModuleTests.read(), read_table()

    # If this fails, `python -m tests.module_tests` writes the table again.
    assert complete_table(project, table) == table
    covered = {module for module in project.modules if project.own_tests(module)} | table.keys()
    assert project.modules.keys() - covered == set()


def test_entry_whose_test_no_longer_reaches_its_module_is_replaced_by_the_nearest() -> None:
    project = ModuleTests(
        modules={
            "gridwix.form_intake.service": "from gridwix.form_intake import delivery\n",
            "gridwix.form_intake.delivery": "x = 1\n",
            "gridwix.form_intake.rules": "",
            "gridwix.form_intake.nobody": "",
        },
        tests={
            "tests/unit/form_intake/test_service.py": (
                "from gridwix.form_intake.service import (\n    FormIntake,\n)\n"
            ),
            "tests/unit/form_intake/test_rules.py": "",
            "tests/contract/test_flow.py": "import gridwix.form_intake.delivery\n",
            "tests/unit/ops/test_other.py": "from gridwix import form_intake\n",
        },
    )
    flow, service = "tests/contract/test_flow.py", "tests/unit/form_intake/test_service.py"
    delivery = "gridwix.form_intake.delivery"

    assert complete_table(project, {delivery: flow}) == {delivery: flow}
    assert complete_table(project, {delivery: "tests/unit/ops/test_other.py"}) == {
        delivery: service
    }
    assert project.own_tests("gridwix.form_intake.service") == [service]
    assert project.own_tests("gridwix.form_intake.rules")
    assert project.propose("gridwix.form_intake.nobody") is None


def test_names_of_tests_say_what_they_are_about_and_what_holds() -> None:
    short = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.relative_to(ROOT) != NAMED_BY_A_TABLE
        for name in TEST.findall(path.read_text())
        if len(name.split("_")) <= LEAST_WORDS
    ]

    assert short == []
