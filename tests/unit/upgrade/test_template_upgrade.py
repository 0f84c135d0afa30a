"""An update of the first release's stack keeps everything that holds data.

CloudFormation deletes a resource whose logical id is gone, and replaces one with a changed property
of "Update requires: Replacement". The resource schemas that cfn-lint ships name these properties.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from gridwix.runtime.settings import ClientSettings
from tests.unit.template.rules import Template, load
from tests.unit.upgrade.first_release import SAMPLES, unpack_release

STATEFUL = {
    "AWS::DynamoDB::Table",
    "AWS::Events::Archive",
    "AWS::Events::EventBus",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
}
"""Types that hold data or messages, or whose name other systems know."""

REQUIRED_SINCE = {"PortalUrl"}
"""Parameters without a default that the first release lacked: ``docs/upgrades.md`` names them."""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The template of the first release."""
    return load(unpack_release(tmp_path_factory.mktemp("first")) / "template.yaml")


def losses(old: Template, new: Template) -> Iterator[str]:
    """One sentence for each resource with data that an update from old to new would lose."""
    for name, before in old["Resources"].items():
        if before["Type"] not in STATEFUL:
            continue
        after = new["Resources"].get(name)
        if after is None:
            yield f"{name} is deleted"
            continue
        if after["Type"] != before["Type"]:
            yield f"{name} becomes another resource"
            continue
        if after.get("Condition") != before.get("Condition"):
            yield f"{name} has another condition"
        properties = before.get("Properties", {}), after.get("Properties", {})
        for pointer in replaced_by(before["Type"]):
            found = [value_at(one, pointer) for one in properties]
            if found[0] != found[1]:
                yield f"{name} is replaced, for its {'.'.join(pointer)} changes"


def replaced_by(kind: str) -> Iterator[tuple[str, ...]]:
    """Paths of the properties whose change replaces a resource of this type."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    for name in ("createOnlyProperties", "conditionalCreateOnlyProperties"):
        for pointer in schema.get(name) or ():
            yield tuple(pointer.removeprefix("/properties/").split("/"))


def guarded(template: Template) -> dict[str, Any]:
    """The resources with data, each with the properties that must not change."""
    found = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] in STATEFUL:
            paths = [path for path in replaced_by(resource["Type"]) if len(path) == 1]
            kept = {path[0]: value_at(resource.get("Properties", {}), path) for path in paths}
            found[name] = {
                **{key: resource[key] for key in ("Type", "Condition") if key in resource},
                "Properties": {key: one for key, one in kept.items() if one is not None},
            }
    return found


def value_at(properties: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        properties = properties.get(name) if isinstance(properties, dict) else None
    return properties


def indexes(template: Template) -> dict[str, dict[str, Any]]:
    """The indexes of each table, and the types of their keys."""
    return {
        name: {
            one["IndexName"]: one
            for one in resource["Properties"].get("GlobalSecondaryIndexes", ())
        }
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


def test_update_of_the_first_release_when_judged_loses_no_resource_with_data(old: Template) -> None:
    stateful = [one for one in old["Resources"].values() if one["Type"] in STATEFUL]

    assert list(losses(old, load())) == []
    # Tables, queues, logs, secrets, the bus, its archive and the bucket.
    assert len(stateful) == 27


def test_update_of_any_release_when_judged_loses_no_resource_with_data() -> None:
    released = json.loads((SAMPLES / "resources.json").read_text())
    new = guarded(load())

    assert list(losses({"Resources": released}, load())) == []
    assert new == released, "add the new ones to tests/samples/upgrade/resources.json:\n" + (
        json.dumps({name: one for name, one in new.items() if name not in released}, indent=2)
    )


def test_update_of_the_first_release_when_judged_changes_no_index(old: Template) -> None:
    new = indexes(load())

    for table, known in indexes(old).items():
        assert known.items() <= new[table].items()


def test_parameters_of_the_first_release_when_passed_on_are_still_parameters(old: Template) -> None:
    new = load()["Parameters"]
    added = {
        name
        for name, parameter in new.items()
        if "Default" not in parameter and name not in old["Parameters"]
    }

    assert set(old["Parameters"]) <= set(new)
    assert added == REQUIRED_SINCE
    assert {
        name: parameter["Default"]
        for name, parameter in old["Parameters"].items()
        if "Default" in parameter
    }.items() <= {name: parameter.get("Default") for name, parameter in new.items()}.items()


def test_commands_when_the_first_release_is_deployed_find_the_settings_of_their_clients(
    old: Template,
) -> None:
    # `gridwix setup` runs before the update.
    function = old["Resources"]["StatusPublisherFunction"]["Properties"]
    variables = function["Environment"]["Variables"]
    required = {
        name.upper() for name, field in ClientSettings.model_fields.items() if field.is_required()
    }

    assert required <= set(variables)


def test_outputs_of_the_first_release_when_read_by_others_are_still_outputs(old: Template) -> None:
    assert set(old["Outputs"]) <= set(load()["Outputs"])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("LedgerTable", {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}),
        ("StatusPublisherQueue", {"QueueName": "status"}),
        ("ReportBucket", {"BucketName": "reports"}),
        ("WixCredentials", {"Name": "wix"}),
        ("ReconcilerLogs", {"LogGroupName": "logs"}),
    ],
)
def test_losses_when_a_property_of_a_resource_forces_a_replacement_are_named(
    name: str, change: dict[str, Any], old: Template
) -> None:
    new = copy.deepcopy(load())
    new["Resources"][name]["Properties"] |= change

    (loss,) = losses(old, new)

    assert loss.startswith(f"{name} is replaced")


def test_losses_when_a_table_is_renamed_or_conditional_are_named(old: Template) -> None:
    renamed, conditional = copy.deepcopy(load()), copy.deepcopy(load())
    renamed["Resources"]["Cursors"] = renamed["Resources"].pop("CursorTable")
    conditional["Resources"]["BudgetTable"]["Condition"] = "HasTracing"

    assert list(losses(old, renamed)) == ["CursorTable is deleted"]
    assert list(losses(old, conditional)) == ["BudgetTable has another condition"]


def test_sample_of_the_first_release_when_packed_holds_no_more_than_it_deploys(
    tmp_path: Path,
) -> None:
    found = unpack_release(tmp_path)

    assert {path.name for path in found.iterdir()} == {
        "functions",
        "layers",
        "portal",
        "template.yaml",
    }
    assert json.loads((found / "portal/collections/PartnerStatus.json").read_text())["id"]
