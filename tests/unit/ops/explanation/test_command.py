"""The command names rows, prints what it found, and exits with 1 for a row that is not right."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from gridwix.errors import BudgetExhausted
from gridwix.publication.models import RowKey
from ops.commands import explain as command
from ops.console import new_console
from ops.paths import ROOT
from ops.stack import Stack
from tests.factories import BALTIC, case
from tests.unit.ops.explanation.world import ROWS, World, row_key

SCHEMA = json.loads((ROOT / "docs/command/explain.schema.json").read_text())


class Explained:
    """The command over a world in memory."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = typer.Typer()
        self.app.command()(command.explain)

    def run(self, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(self.app, arguments)
        return result.exit_code, result.stdout


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch) -> Iterator[Explained]:
    world = World()

    def explain_row(stack: object, key: RowKey) -> Any:
        return world.explain(key.collection, key.item_id)

    monkeypatch.setattr(command, "explain_row", explain_row)
    monkeypatch.setattr(command, "Aws", lambda: None)
    monkeypatch.setattr(Stack, "read", lambda *_: None)
    yield Explained(world)


@pytest.fixture(autouse=True)
def _to_the_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print where the test's runner looks, which the console of the module does not know."""

    class Late:
        def __getattr__(self, name: str) -> Any:
            import sys

            return getattr(new_console(sys.stdout), name)

    monkeypatch.setattr("ops.console.console", Late())


@pytest.mark.parametrize("name", ["OpenIssues/case_1", "OpenIssues#case_1"])
def test_row_is_named_by_collection_and_id(name: str) -> None:
    assert command.parse_row(name) == row_key("OpenIssues", "case_1")


@pytest.mark.parametrize("name", ["case_1", "Issues/case_1", "OpenIssues", "OpenIssues/", ""])
def test_what_names_no_row_is_a_usage_error(explained: Explained, name: str) -> None:
    assert explained.run(name)[0] == 2


def test_a_partner_in_place_of_a_row_is_told_how_rows_are_named() -> None:
    with pytest.raises(typer.BadParameter, match=r"GC1 is no row.*COLLECTION/ID.*trace GC1"):
        command.parse_row("GC1")
    with pytest.raises(typer.BadParameter, match="no collection Issues"):
        command.parse_row("Issues/case_1")


def test_exit_code_of_a_right_row_is_0_and_of_another_1(explained: Explained) -> None:
    explained.world.publish("PartnerStatus", BALTIC)
    explained.world.publish("OpenIssues", "case_1", statusLabel="Mine")

    assert explained.run(f"PartnerStatus/{BALTIC}")[0] == 0
    assert explained.run("OpenIssues/case_1")[0] == 1
    assert explained.run("OpenIssues/case_9")[0] == 1
    explained.world.portal.failure = BudgetExhausted(wait=30)
    assert explained.run(f"PartnerStatus/{BALTIC}")[0] == 1


@pytest.mark.parametrize(("collection", "item"), ROWS)
def test_json_follows_the_schema(explained: Explained, collection: str, item: str) -> None:
    explained.world.publish(collection, item)

    _, out = explained.run(f"{collection}/{item}", "--json")

    document = json.loads(out)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["row"] == f"{collection}/{item}"


def test_both_values_are_printed_with_the_records_and_the_rules(explained: Explained) -> None:
    explained.world.publish("OpenIssues", "case_1", statusLabel="Mine")
    explained.world.grid.put(case("case_1", 9, status="closed"))

    _, out = explained.run("OpenIssues/case_1")

    lines = [line.strip() for line in out.splitlines()]
    label = lines.index("statusLabel: Mine, should be: Closed")
    assert lines[0] == "OpenIssues/case_1  (in Wix, drifted)"
    assert lines[1] == "cases/case_1: version 9 in Trading Grid, version 7 on the row"
    assert lines[label + 1] == (
        "gridwix; from cases/case_1; by config/labels.yaml case.status.values.closed"
    )


def test_many_records_are_counted(explained: Explained) -> None:
    cases = [case(f"case_{number}", partnerId=BALTIC) for number in range(30, 60)]
    explained.world.grid.put(*cases)

    _, out = explained.run(f"PartnerStatus/{BALTIC}")

    lines = [line.strip() for line in out.splitlines()]
    assert "and 12 more records" in lines
    assert lines[lines.index("openCases: none, should be: 31") + 1] == (
        "gridwix; from cases/case_3, cases/case_30, cases/case_31, 28 more"
    )


def test_values_are_not_printed_on_request(explained: Explained) -> None:
    explained.world.publish("OpenIssues", "case_1", subject="Call Dana Whitfield")

    _, out = explained.run("OpenIssues/case_1", "--no-values")

    assert "Dana" not in out
    assert "subject (differs)" in [line.strip() for line in out.splitlines()]


def test_row_of_the_site_says_who_writes_it(explained: Explained) -> None:
    key = row_key("MemberSettings", "set-1")
    explained.world.portal.rows[key] = {"memberId": "m-1", "setting": "locale", "value": "de"}

    code, out = explained.run("MemberSettings/set-1")

    assert code == 0
    assert "a member chose the setting" in " ".join(out.split())
    assert "site" in out
