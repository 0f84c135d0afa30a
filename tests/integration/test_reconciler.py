"""The reconciler through the deployed stack: drift is found, repaired by the publisher, and reported."""

import json
from typing import Any

import boto3

from gridwix.models.ids import WixItemId
from gridwix.models.portal import PARTNER_STATUS
from gridwix.models.wix import DataItem
from ops.local_cloud import REGION
from ops.world import World, wait_for
from tests.expected import expected_rows

DRIFTED, MISSING = "GC080000000150", "GC080000000151"
STRANGER = "GC099999999999"
SECONDS = 90.0


class Reports:
    """The drift reports in the stack's bucket."""

    def __init__(self, world: World) -> None:
        environment = world.cloud.environment()
        session = boto3.Session(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
        self._s3 = session.client("s3", endpoint_url=world.cloud.endpoint)
        self._bucket = world.stack.output("ReportBucketName")

    def all(self) -> dict[str, dict[str, Any]]:
        found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix="reports/").get("Contents", [])
        return {one["Key"]: json.loads(self._s3.get_object(Bucket=self._bucket, Key=one["Key"])["Body"].read()) for one in found}


def reconcile(world: World, **wish: Any) -> dict[str, Any]:
    """Run a full comparison to its end and return its report."""
    reports = Reports(world)
    before = set(reports.all())
    world.stack.aws.sqs.send_message(QueueUrl=world.stack.output("ReconcilerQueueUrl"), MessageBody=json.dumps({"mode": "full", **wish}))
    wait_for(lambda: bool(set(reports.all()) - before), SECONDS, "the drift report")
    world.wait_until_idle(SECONDS)
    found = reports.all()
    (report,) = [found[key] for key in set(found) - before]
    return report


def test_full_run_repairs_exactly_what_has_drifted_and_says_so(local_cloud: World) -> None:
    wix = local_cloud.connections.wix
    right = expected_rows(local_cloud.connections.community)
    wix.save_item(PARTNER_STATUS, DataItem(WixItemId(DRIFTED), {**right[DRIFTED], "headline": "Edited by hand"}))
    wix.remove_item(PARTNER_STATUS, WixItemId(MISSING))
    wix.save_item(PARTNER_STATUS, DataItem(WixItemId(STRANGER), {"partnerId": STRANGER, "partnerName": "Nobody"}))
    last = local_cloud.wix.writes(PARTNER_STATUS)[-1]["number"]

    seen = reconcile(local_cloud, dryRun=True)
    after_dry_run = local_cloud.wix.writes(PARTNER_STATUS, last)
    repaired = reconcile(local_cloud)
    again = reconcile(local_cloud)

    assert after_dry_run == []
    assert {write["id"] for write in local_cloud.wix.writes(PARTNER_STATUS, last)} == {DRIFTED, MISSING, STRANGER}
    assert set(local_cloud.rows()) == set(right)
    assert local_cloud.rows()[DRIFTED]["headline"] == right[DRIFTED]["headline"]
    for report in (seen, repaired):
        assert DRIFTED in json.dumps(report)
        assert MISSING in json.dumps(report)
        assert STRANGER in json.dumps(report)
    assert DRIFTED not in json.dumps(again)


def test_sweep_reads_what_changed_and_writes_nothing_that_is_right(local_cloud: World) -> None:
    last = local_cloud.wix.writes(PARTNER_STATUS)[-1]["number"]

    local_cloud.stack.aws.sqs.send_message(QueueUrl=local_cloud.stack.output("ReconcilerQueueUrl"), MessageBody='{"mode": "sweep"}')
    local_cloud.wait_until_idle(SECONDS)

    assert local_cloud.wix.writes(PARTNER_STATUS, last) == []
