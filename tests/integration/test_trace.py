"""A record's story through the deployed stack, as the command tells it."""

import json
import time
from typing import Any, cast

from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import OPEN_ISSUES
from gridwix.status_publisher.service import row_key
from ops.local_environment import LocalEnvironment
from tests.integration.test_commands import streams

PRAIRIE = "GC070000000101"
CHECK = "chk_asn_timing_pgf"
ROW = row_key(PartnerId(PRAIRIE))


def trace(local: LocalEnvironment, identifier: str, *options: str) -> dict[str, Any]:
    code, out, err = streams(local, "trace", identifier, "--json", *options)
    assert code == 0, out + err
    return cast("dict[str, Any]", json.loads(out))


def test_change_is_followed_from_its_webhook_to_the_row_and_the_call_to_wix(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()
    check = local_cloud.gateway.get_record("compliance-checks", CHECK)
    version, begun = check["version"] + 1, time.time()

    local_cloud.gateway.make_transition(
        "compliance-checks", check, "pending" if check["status"] == "failed" else "failed", "Again."
    )
    local_cloud.wait_for(
        lambda: (
            local_cloud.ledger.read([ROW])[ROW].published.version_of(f"compliance-checks/{CHECK}")
            == version
        ),
        "the row",
    )
    local_cloud.wait_until_idle()
    story = trace(local_cloud, f"compliance-checks/{CHECK}")

    (step,) = [
        step
        for step in story["steps"]
        if step.get("version") == version
        and step["function"] == "status_publisher"
        and step["rows"] == {f"PartnerStatus#{PRAIRIE}": "written"}
    ]
    assert step["via"] in ("webhook", "feed")
    writes = [
        entry["request_id"]
        for entry in local_cloud.wix.requests(begun)
        if entry["path"].endswith("/bulk/items/save")
    ]
    assert step["requestId"] in writes
    by_event = trace(local_cloud, step["event"])
    (row,) = [row for row in by_event["rows"] if row["row"] == f"PartnerStatus#{PRAIRIE}"]
    assert row["why"].startswith("The row is up to date")
    assert row["tradingGrid"][f"compliance-checks/{CHECK}"] == version
    assert row["wix"] == "present"


def test_row_that_somebody_removed_on_the_site_is_explained(local_cloud: LocalEnvironment) -> None:
    local_cloud.wait_until_idle()
    wix = local_cloud.connections.wix
    item = wix.query_items(OPEN_ISSUES, limit=1).items[0]
    wix.remove_item(OPEN_ISSUES, item.id)

    story = trace(local_cloud, f"OpenIssues/{item.id}")

    assert "somebody removed it" in story["rows"][0]["why"]
    wix.save_item(OPEN_ISSUES, item)


def test_nothing_is_known_of_an_unknown_id(local_cloud: LocalEnvironment) -> None:
    code, out, _ = streams(local_cloud, "trace", "case_of_nobody", "--offline")

    assert code == 1
    assert "Nothing is known of case_of_nobody" in out
