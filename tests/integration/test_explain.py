"""Each field of a row of the deployed stack: its record, its rules, its owner, and both sides."""

import json
from typing import Any, cast

from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import OPEN_ISSUES
from gridwix.models.wix import DataItem
from gridwix.publication.models import RowKey
from ops.local_environment import LocalEnvironment
from tests.integration.test_commands import streams
from tests.integration.test_notices import CASE


def explain(local: LocalEnvironment, row: str, *options: str) -> tuple[int, dict[str, Any]]:
    code, out, err = streams(local, "explain", row, "--json", *options)
    assert out, err
    return code, cast("dict[str, Any]", json.loads(out))


def issue_of_another_case(local: LocalEnvironment) -> DataItem:
    items = local.connections.wix.query_items(OPEN_ISSUES, limit=10).items
    return next(item for item in items if item.id != CASE)


def test_each_field_of_a_row_has_its_record_its_rule_and_its_owner(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()
    item = issue_of_another_case(local_cloud)
    record = local_cloud.gateway.get_record("cases", item.id)
    key = RowKey(CollectionId(OPEN_ISSUES), WixItemId(item.id))
    published = local_cloud.ledger.read_entries([key])[key].published

    code, found = explain(local_cloud, f"OpenIssues/{item.id}")

    assert (code, found["inWix"], found["verdict"], found["faults"]) == (0, True, "equal", [])
    fields = {field["field"]: field for field in found["fields"]}
    assert {name for name in item.data if not name.startswith("_")} <= fields.keys()
    written = {name: field for name, field in fields.items() if "shown" in field}
    assert {field["owner"] for field in written.values()} == {"gridwix"}
    assert {name for name, field in written.items() if field["shown"] != field["expected"]} == set()
    version = {
        "record": f"cases/{item.id}",
        "version": record["version"],
        "shownVersion": published.version_of(f"cases/{item.id}"),
    }
    assert {name for name, field in written.items() if version not in field["records"]} == set()
    assert version["version"] == version["shownVersion"]
    status = {"file": "config/labels.yaml", "key": f"case.status.values.{item.data['status']}"}
    assert status in fields["statusLabel"]["rules"]
    assert fields["subject"]["rules"] == []


def test_field_that_an_editor_changed_shows_what_the_other_side_has(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()
    wix, item = local_cloud.connections.wix, issue_of_another_case(local_cloud)
    wix.save_item(OPEN_ISSUES, DataItem(item.id, {**item.data, "statusLabel": "By hand"}))

    code, found = explain(local_cloud, f"OpenIssues/{item.id}")
    told, quiet = explain(local_cloud, f"OpenIssues/{item.id}", "--no-values")
    wix.save_item(OPEN_ISSUES, item)

    assert (code, found["verdict"]) == (1, "drifted")
    (differing,) = [field for field in found["fields"] if field["differs"]]
    assert (differing["field"], differing["owner"]) == ("statusLabel", "gridwix")
    assert (differing["shown"], differing["expected"]) == ("By hand", item.data["statusLabel"])
    assert (told, "By hand" in json.dumps(quiet)) == (1, False)


def test_row_that_no_record_stands_behind_is_named(local_cloud: LocalEnvironment) -> None:
    code, found = explain(local_cloud, "OpenIssues/case_of_nobody")

    assert (code, found["inWix"], found["right"]) == (1, False, False)
