"""``docs/personal-data.md`` against the template, the portal's collections and the command."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from ops.collections import collection_definitions
from ops.connections import Connections
from ops.erasure.retention import DEFAULT_DAYS, Retention
from ops.erasure.stores import BACKED_UP, personal_stores
from ops.paths import ROOT
from ops.stack import Stack
from tests.unit.template.rules import Template, load

KINDS = (
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::Logs::LogGroup",
    "AWS::SQS::Queue",
    "AWS::Events::Archive",
)
TIMES = {"1 hour": 3600, "4 hours": 4 * 3600, "14 days": 14 * 86_400}

DAYS_VARIABLES = {
    "SubmissionTable": {"SUBMISSION_DAYS", "HELD_SUBMISSION_DAYS"},
    "DispatchTable": {"DISPATCH_DAYS"},
    "RefusedItemTable": {"REFUSED_ITEM_DAYS"},
    "JournalTable": {"JOURNAL_DAYS"},
}
"""The environment variables by which functions set the time to live of a table's items."""


@pytest.fixture(scope="module")
def template() -> Template:
    return load()


def rows_below(heading: str) -> Iterator[list[str]]:
    """The cells of the tables below a heading of the page."""
    text = (ROOT / "docs/personal-data.md").read_text().split(f"## {heading}\n")[1]
    for line in text.split("\n## ")[0].splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def names(cell: str) -> list[str]:
    return re.findall(r"`([A-Za-z]+)`", cell)


def references(value: Any) -> set[str]:
    """The parameters and resources that a part of the template refers to."""
    match value:
        case {"Ref": str(name)}:
            return {name}
        case dict():
            return {name for part in value.values() for name in references(part)}
        case list():
            return {name for part in value for name in references(part)}
        case _:
            return set()


def test_page_names_every_store_of_the_template_once(template: Template) -> None:
    named = [name for cells in rows_below("In AWS") for name in names(cells[0])]

    stores = [name for name, resource in template["Resources"].items() if resource["Type"] in KINDS]
    assert len(stores) > 50
    assert sorted(named) == sorted(stores)


def test_page_names_the_retention_of_every_store(template: Template) -> None:
    faults = []
    for cells in list(rows_below("In AWS"))[1:]:
        for name in names(cells[0]):
            resource = template["Resources"][name]
            properties, parameters = resource["Properties"], set(names(cells[2]))
            match resource["Type"]:
                case "AWS::Logs::LogGroup":
                    expected = references(properties["RetentionInDays"])
                case "AWS::Events::Archive":
                    expected = references(properties["RetentionDays"])
                case "AWS::S3::Bucket":
                    expected = references(properties["LifecycleConfiguration"])
                case "AWS::SQS::Queue":
                    expected = set()
                    kept = {seconds for text, seconds in TIMES.items() if text in cells[2]}
                    if kept != {properties["MessageRetentionPeriod"]}:
                        faults.append(f"{name}: {cells[2]}")
                case _:
                    expected = days_parameters(template, name)
            if parameters != expected:
                faults.append(f"{name}: {cells[2]}, and the template says {sorted(expected)}")

    assert not faults


def days_parameters(template: Template, table: str) -> set[str]:
    """The parameters that the functions use for the time to live of a table's items."""
    variables = DAYS_VARIABLES.get(table, set())
    return {
        name
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        for key, value in resource["Properties"]["Environment"]["Variables"].items()
        if key in variables
        for name in references(value)
    }


def test_backups_are_kept_for_the_parameter_of_the_page(template: Template) -> None:
    page = (ROOT / "docs/personal-data.md").read_text()
    periods = [
        references(resource["Properties"]["PointInTimeRecoverySpecification"])
        for resource in template["Resources"].values()
        if "PointInTimeRecoverySpecification" in resource.get("Properties", {})
    ]

    assert periods
    assert all(period == {"BackupDays"} for period in periods)
    assert "backups of `BackupDays`" in page


def test_each_retention_is_a_parameter_with_a_default(template: Template) -> None:
    named = {name for cells in list(rows_below("In AWS"))[1:] for name in names(cells[2])}

    assert named == {
        "ArchiveDays",
        "DispatchDays",
        "HeldSubmissionDays",
        "JournalDays",
        "LogRetentionInDays",
        "RefusedItemDays",
        "ReportDays",
        "RunDays",
        "SubmissionDays",
    }
    assert all(template["Parameters"][name]["Default"] > 0 for name in named)
    for name, days in DEFAULT_DAYS.items():
        assert template["Parameters"][name]["Default"] == days


def test_page_names_every_collection_of_the_portal_once() -> None:
    collections = {definition["id"] for definition in collection_definitions()}

    named = [name for cells in rows_below("In Wix") for name in names(cells[0])]
    assert sorted(name for name in named if name in collections) == sorted(collections)


class NoResources(Stack):
    def read_resources(self) -> dict[str, dict[str, str]]:
        return {}


def test_command_looks_through_every_store_that_may_hold_something() -> None:
    unused: Any = None
    outputs = {
        f"{table}Name": table
        for table in (
            "SubmissionTable",
            "DispatchTable",
            "RefusedItemTable",
            "JournalTable",
            "CursorTable",
        )
    }
    stack = NoResources("gridwix", outputs, cast("Any", Clients()))
    stores = {
        store.name
        for store in personal_stores(
            stack, Connections(*[unused] * 7), datetime(2026, 11, 29, tzinfo=UTC)
        )
    }

    collections = {definition["id"] for definition in collection_definitions()}
    assert {f"Wix {name}" for name in collections - {"PortalChanges"}} <= stores
    quiet = {"CursorTable"}
    tables = {
        name
        for cells in list(rows_below("In AWS"))[1:]
        for name in names(cells[0])
        if name.endswith("Table") and not cells[1].startswith("nothing")
    }
    assert tables - quiet <= stores
    assert {"logs", "queues", "dead-letter queues", "event archive", "backups"} <= stores
    assert {"Wix members", "Wix contacts", "Wix uploads", "Wix form submissions"} <= stores


class Clients:
    """AWS clients that nobody calls."""

    def __getattr__(self, name: str) -> None:
        return None


def test_tables_with_backups_are_those_of_the_template_that_may_name_somebody(
    template: Template,
) -> None:
    with_backups = {
        name
        for name, resource in template["Resources"].items()
        if "PointInTimeRecoverySpecification" in resource.get("Properties", {})
    }
    silent = {
        name
        for cells in list(rows_below("In AWS"))[1:]
        for name in names(cells[0])
        if cells[1].startswith("nothing")
    }

    assert with_backups - silent == set(BACKED_UP)


def test_stack_of_an_earlier_template_has_the_defaults() -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC)

    assert Retention({}).until("ArchiveDays", now) == datetime(2026, 12, 29, tzinfo=UTC)
    assert Retention({"LogRetentionInDays": "7"}).days("LogRetentionInDays") == 7
    assert Retention({}).has_archive
    assert not Retention({"EventArchive": "disabled"}).has_archive
