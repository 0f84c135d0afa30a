"""The docstring of a function's package says what the template says of the function."""

import importlib
import re
from typing import Any

import pytest

from tests.unit.template.rules import ROOT, load, routes, target

TEMPLATE = load()
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
ENTRIES = ("Trigger", "Reads", "Writes", "Tables", "Settings", "Alarms")
STORES = ("AWS::DynamoDB::Table", "AWS::S3::Bucket")


def said(function: str) -> dict[str, str]:
    """The entries of the package's docstring, each on one line."""
    text = importlib.import_module(f"gridwix.{function}").__doc__ or ""
    found = re.findall(
        rf"^({'|'.join(ENTRIES)}): (.*?)\.$(?=\n[A-Z]|\n\Z)", text, re.MULTILINE | re.DOTALL
    )
    return {name: " ".join(entry.split()) for name, entry in found}


def names(entry: str) -> set[str]:
    return set(re.findall("``([^`]+)``", entry))


def logical_id(function: str) -> str:
    return "".join(word.capitalize() for word in function.split("_"))


def queues(function: str) -> set[str]:
    return {
        target(event["Properties"]["Queue"]) for event in events(function) if event["Type"] == "SQS"
    }


def events(function: str) -> list[dict[str, Any]]:
    properties = RESOURCES[f"{logical_id(function)}Function"]["Properties"]
    return list(properties.get("Events", {}).values())


def feeds(resource: dict[str, Any], wanted: set[str]) -> bool:
    """Return whether a rule or a schedule sends to one of these queues."""
    properties = resource.get("Properties", {})
    match resource["Type"]:
        case "AWS::Events::Rule":
            return any(target(one["Arn"]) in wanted for one in properties["Targets"])
        case "AWS::Scheduler::Schedule":
            return target(properties["Target"]["Arn"]) in wanted
    return False


@pytest.mark.parametrize("function", FUNCTIONS)
def test_package_says_of_its_function_everything_that_a_reader_looks_for(function: str) -> None:
    assert tuple(said(function)) == ENTRIES


@pytest.mark.parametrize("function", FUNCTIONS)
def test_package_names_what_triggers_its_function(function: str) -> None:
    paths = {
        key for _, key, owner in routes(TEMPLATE) if owner == f"{logical_id(function)}Function"
    }
    sources = {name for name, resource in RESOURCES.items() if feeds(resource, queues(function))}

    assert names(said(function)["Trigger"]) == paths | queues(function) | sources


@pytest.mark.parametrize("function", FUNCTIONS)
def test_package_names_the_tables_and_buckets_of_its_function(function: str) -> None:
    variables = RESOURCES[f"{logical_id(function)}Function"]["Properties"]["Environment"][
        "Variables"
    ]
    wanted = {
        target(value)
        for value in variables.values()
        if RESOURCES.get(target(value), {}).get("Type") in STORES
    }

    assert names(said(function)["Tables"]) == wanted


@pytest.mark.parametrize("function", FUNCTIONS)
def test_package_names_the_alarms_of_its_function(function: str) -> None:
    own = {
        name
        for name, resource in RESOURCES.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and name.startswith(logical_id(function))
    }

    assert names(said(function)["Alarms"]) == own


@pytest.mark.parametrize("function", FUNCTIONS)
def test_package_names_its_settings(function: str) -> None:
    package = ROOT / "layers/common/gridwix" / function
    own = [
        f"gridwix.{function}.{name}"
        for name in ("settings", "endpoint")
        if (package / f"{name}.py").exists()
    ]
    known = {
        name
        for module in ("gridwix.runtime.settings", *own)
        for name in vars(importlib.import_module(module))
    }

    assert names(said(function)["Settings"]) <= known
