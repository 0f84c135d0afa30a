"""A record's story through the deployed stack, as the command tells it."""

import json
import time
from typing import Any, cast

import httpx

from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import OPEN_ISSUES
from gridwix.models.wix import DataItem
from gridwix.status_publisher.service import status_row_key
from ops.local_environment import LocalEnvironment
from tests.integration.test_commands import streams
from tests.integration.test_notices import CASE

PRAIRIE = "GC070000000101"
CHECK = "chk_asn_timing_pgf"
ROW = status_row_key(PartnerId(PRAIRIE))


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
            local_cloud.ledger.read_entries([ROW])[ROW].published.version_of(
                f"compliance-checks/{CHECK}"
            )
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


def test_rejected_webhook_is_found_by_its_id_with_the_reason(local_cloud: LocalEnvironment) -> None:
    url = local_cloud.stack.output("TradingGridWebhookUrl")
    headers = {
        "webhook-id": "msg_forged_1",
        "webhook-timestamp": str(int(time.time())),
        "webhook-signature": "v1,AAAA",
        "content-type": "application/json",
    }
    answer = httpx.post(local_cloud.cloud.local_url(url), headers=headers, content=b"{}")

    story = trace(local_cloud, "msg_forged_1", "--offline")

    assert answer.status_code == 401
    (step,) = story["steps"]
    assert (step["function"], step["outcome"], step["reason"]) == (
        "trading_grid_webhook",
        "rejected",
        "invalid-signature",
    )
    assert story["rows"] == []


def test_row_that_the_reconciler_repaired_and_the_rings_of_its_partner_are_in_its_story(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()
    wix = local_cloud.connections.wix
    item = next(one for one in wix.query_items(OPEN_ISSUES, limit=10).items if one.id != CASE)
    wix.save_item(OPEN_ISSUES, DataItem(item.id, {**item.data, "statusLabel": "By hand"}))
    code, out, err = streams(local_cloud, "reconcile", "--collection", "OpenIssues", "--yes")
    assert code == 0, out + err
    local_cloud.wait_until_idle()

    story = trace(local_cloud, f"OpenIssues/{item.id}")

    told = [(step["function"], step["outcome"], step["rows"]) for step in story["steps"]]
    name = f"OpenIssues#{item.id}"
    assert ("reconciler", "compared", {name: "drifted:requested"}) in told
    assert ("notice_publisher", "done", {name: "written"}) in told
    assert "portal_ringer" in {function for function, _, _ in told}
    (shown,) = wix.query_items(OPEN_ISSUES, filter={"_id": item.id}, limit=1).items
    assert shown.data["statusLabel"] == item.data["statusLabel"]
