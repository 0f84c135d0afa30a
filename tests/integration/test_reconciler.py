"""The reconciler through the deployed stack.

Drift is found, repaired by the publisher, and reported.
"""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    OPEN_ISSUES,
    PARTNER_DOCUMENTS,
    PARTNER_REQUESTS,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)
from gridwix.models.reconciliation import DriftReport, RunRequest
from gridwix.models.wix import DataItem
from ops.cli import app
from ops.emulator import Emulator
from ops.local_environment import STACK_NAME, LocalEnvironment
from ops.plans.models import HAS_CHANGES
from ops.reconcile import COLLECTIONS, request_run, wait_for_reports
from tests.expected import expected_rows

DRIFTED, MISSING = "GC080000000150", "GC080000000151"
STRANGER = "GC099999999999"

SPOILT = {
    PARTNER_STATUS: "headline",
    OPEN_ISSUES: "subject",
    SERVICE_NOTICES: "title",
    ONBOARDING_STEPS: "title",
    ONBOARDING_PROGRESS: "statusLabel",
    PARTNER_DOCUMENTS: "title",
    PARTNER_REQUESTS: "team",
}
"""A field of each collection that only Trading Grid owns."""


def reconcile(local: LocalEnvironment, **wish: Any) -> dict[CollectionId, DriftReport]:
    """Run a full comparison to its end and return its reports."""
    run = request_run(local.stack, RunRequest.model_validate({"mode": "full", **wish}))
    found = {
        report.collection: report
        for report in wait_for_reports(local.stack, run, COLLECTIONS, poll=0.1)
    }
    local.wait_until_idle()
    return found


def spoil(local: LocalEnvironment) -> dict[CollectionId, str]:
    """Edit one row of each collection by hand and return the rows."""
    wix, spoilt = local.connections.wix, {}
    for collection, field in SPOILT.items():
        # A comment or a step that somebody has sent stands as the intake has left it.
        item = next(
            item
            for page in wix.query_pages(collection)
            for item in page.items
            if collection != PARTNER_REQUESTS or item.data["kind"] == "request"
        )
        wix.save_item(collection, DataItem(item.id, {**item.data, field: "Edited by hand"}))
        spoilt[collection] = str(item.id)
    return spoilt


def test_full_run_repairs_exactly_what_has_drifted_and_says_so(
    local_cloud: LocalEnvironment,
) -> None:
    wix = local_cloud.connections.wix
    right = expected_rows(local_cloud.connections.community)
    wix.save_item(
        PARTNER_STATUS,
        DataItem(WixItemId(DRIFTED), {**right[DRIFTED], "headline": "Edited by hand"}),
    )
    wix.remove_item(PARTNER_STATUS, WixItemId(MISSING))
    wix.save_item(
        PARTNER_STATUS,
        DataItem(WixItemId(STRANGER), {"partnerId": STRANGER, "partnerName": "Nobody"}),
    )
    last = local_cloud.wix.writes(PARTNER_STATUS)[-1]["number"]

    seen = reconcile(local_cloud, dryRun=True)[PARTNER_STATUS]
    after_dry_run = local_cloud.wix.writes(PARTNER_STATUS, last)
    repaired = reconcile(local_cloud)[PARTNER_STATUS]
    again = reconcile(local_cloud)[PARTNER_STATUS]

    assert after_dry_run == []
    assert {write["id"] for write in local_cloud.wix.writes(PARTNER_STATUS, last)} == {
        DRIFTED,
        MISSING,
        STRANGER,
    }
    assert set(local_cloud.partner_rows()) == set(right)
    assert local_cloud.partner_rows()[DRIFTED]["headline"] == right[DRIFTED]["headline"]
    for report in (seen, repaired):
        assert (report.ids.drifted, report.ids.missing, report.ids.extra) == (
            (DRIFTED,),
            (MISSING,),
            (STRANGER,),
        )
    assert (again.drifted, again.missing, again.extra) == (0, 0, 0)


def gridwix(local: LocalEnvironment, *arguments: object) -> Result:
    """Run the command with the AWS environment of the local cloud."""
    return CliRunner().invoke(
        app,
        [*map(str, arguments), "--stack", STACK_NAME],
        env={**local.cloud.environment(), "COLUMNS": "200"},
    )


def test_plan_is_applied_as_it_was_read_or_not_at_all(
    local_cloud: LocalEnvironment, tmp_path: Path
) -> None:
    wix = local_cloud.connections.wix
    right = expected_rows(local_cloud.connections.community)
    edited = {**right[DRIFTED], "headline": "Edited by hand"}
    wix.save_item(PARTNER_STATUS, DataItem(WixItemId(DRIFTED), edited))
    wix.remove_item(PARTNER_STATUS, WixItemId(MISSING))
    plan, only = tmp_path / "plan.json", ("--collection", PARTNER_STATUS)

    planned = gridwix(local_cloud, "reconcile", *only, "--plan", plan)
    again = {**edited, "headline": "Edited once more"}
    wix.save_item(PARTNER_STATUS, DataItem(WixItemId(DRIFTED), again))
    last = local_cloud.wix.writes(PARTNER_STATUS)[-1]["number"]
    stopped = gridwix(local_cloud, "apply", plan, "--yes")
    local_cloud.wait_until_idle()
    untouched = local_cloud.wix.writes(PARTNER_STATUS, last)
    gridwix(local_cloud, "reconcile", *only, "--plan", plan)
    applied = gridwix(local_cloud, "apply", plan, "--yes", "--json")
    local_cloud.wait_until_idle()
    repeated = gridwix(local_cloud, "apply", plan, "--yes", "--json")

    assert planned.exit_code == HAS_CHANGES, planned.output
    assert f"publish PartnerStatus/{DRIFTED}: headline differs" in planned.stdout
    assert f"publish PartnerStatus/{MISSING}: missing" in planned.stdout
    assert (stopped.exit_code, untouched) == (1, [])
    assert f"{DRIFTED}: its content on the portal has changed" in str(stopped.exception)
    assert (applied.exit_code, json.loads(applied.stdout)["outcome"]["made"]) == (0, 2)
    assert {write["id"] for write in local_cloud.wix.writes(PARTNER_STATUS, last)} == {
        DRIFTED,
        MISSING,
    }
    assert local_cloud.partner_rows()[DRIFTED]["headline"] == right[DRIFTED]["headline"]
    assert json.loads(repeated.stdout)["result"] == "applied_before"


def test_backfill_of_a_selection_has_each_of_its_records_read_again_and_writes_no_right_row(
    local_cloud: LocalEnvironment, tmp_path: Path
) -> None:
    local_cloud.wait_until_idle()
    plan = tmp_path / "plan.json"
    last = local_cloud.wix.writes(PARTNER_STATUS)[-1]["number"]
    selection = ("--partner", DRIFTED, "--collection", PARTNER_STATUS)

    planned = gridwix(local_cloud, "backfill", *selection, "--plan", plan)
    applied = gridwix(local_cloud, "apply", plan, "--yes")
    local_cloud.wait_until_idle()

    document = json.loads(plan.read_text())
    journal = DynamoDBJournal(
        local_cloud.stack.aws.dynamodb, local_cloud.stack.output("JournalTableName")
    )
    event = f"backfill-{document['digest'][:16]}-partners-{DRIFTED}"
    entries = journal.of_event(event, limit=50)
    assert (planned.exit_code, applied.exit_code) == (HAS_CHANGES, 0), applied.exception
    assert [change["record"] for change in document["changes"]] == [f"partners/{DRIFTED}"]
    assert {entry.rows.get(f"{PARTNER_STATUS}#{DRIFTED}") for entry in entries} >= {"unchanged"}
    assert local_cloud.wix.writes(PARTNER_STATUS, last) == []


def test_row_of_any_collection_that_somebody_edited_is_put_right(
    local_cloud: LocalEnvironment,
) -> None:
    control = local_cloud.trading_grid.url
    Emulator(control).order("notices", {"kind": "advisory", "title": "For every partner"})
    sent = {
        "type": "support",
        "submitter": {},
        "formKey": "f",
        "formVersion": 1,
        "answers": {},
        "sourceSubmissionId": "to-be-spoilt",
    }
    local_cloud.gateway.create_request(sent)
    local_cloud.wait_until_idle()
    reconcile(local_cloud)
    spoilt = spoil(local_cloud)

    repaired = reconcile(local_cloud)
    again = reconcile(local_cloud)

    assert {
        collection: report.ids.drifted for collection, report in repaired.items() if report.drifted
    } == {name: (row,) for name, row in spoilt.items()}
    for collection, report in again.items():
        assert (collection, report.equal) == (collection, report.rows)


def test_sweep_reads_what_changed_and_writes_nothing_that_is_right(
    local_cloud: LocalEnvironment,
) -> None:
    last = local_cloud.wix.writes(PARTNER_STATUS)[-1]["number"]

    local_cloud.stack.aws.sqs.send_message(
        QueueUrl=local_cloud.stack.output("ReconcilerQueueUrl"), MessageBody='{"mode": "sweep"}'
    )
    local_cloud.wait_until_idle()

    assert local_cloud.wix.writes(PARTNER_STATUS, last) == []
