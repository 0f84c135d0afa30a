"""One upgrade of the first release's stack, from beginning to end, and what was seen of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import (
    PARTNER_LINKS,
    PARTNER_MESSAGES,
)
from gridwix.models.reconciliation import DriftReport
from gridwix.models.wix import DataItem
from gridwix.reconciler.report_bucket import S3Documents
from ops.queues import read_depth
from tests.expected import expected_rows
from tests.integration.upgrading import Items, OldWorld, Rows

BALTIC = PartnerId("GC055120098871")
CASE, CHECK, PROGRAM = "case_01JA3B", "chk_w8_baltic", "prg_supplier_na"
EMAIL = "member-1@partner.example"


@dataclass(frozen=True)
class Upgrade:
    """What was seen of one upgrade.

    - ``notice``: id of a service notice that appeared while the functions were paused;
    - ``quiet``: id of a service notice whose row both releases make equal;
    - ``waiting``: messages that waited in each queue when the stack was updated;
    - ``before``, ``deployed``: items just before and just after the update;
    - ``rows``: rows before the update, after the waiting messages, and after a full resync;
    - ``written``: each write between the update and the end of the waiting messages, and each one
      by the resync after that;
    - ``again``: each write when all of it came again: webhooks, a sweep, a second resync;
    - ``repeated``: number of these webhooks;
    - ``mails``: number of mails by campaign;
    - ``messages``: rows of PartnerMessages;
    - ``dead``: dead letters at the end, by function;
    - ``report``: drift report of the comparison that was under way;
    - ``baseline``: text of its baseline;
    - ``expected``: the rows of PartnerStatus by Trading Grid's records at the end;
    - ``after``: items at the end.
    """

    notice: str
    quiet: str
    waiting: Mapping[str, int]
    before: Items
    deployed: Items
    rows: tuple[Rows, Rows, Rows]
    written: tuple[list[tuple[str, str]], list[tuple[str, str]]]
    again: list[tuple[str, str]]
    repeated: int
    mails: Counter[str]
    messages: list[Mapping[str, Any]]
    dead: Mapping[str, int]
    report: DriftReport
    baseline: str
    expected: Mapping[str, Mapping[str, Any]]
    after: Items


def play_upgrade(world: OldWorld, template: Path) -> Upgrade:
    """Change records while the functions of the first release are paused, then upgrade its stack.

    Args:
        world: The running stack of the first release.
        template: This release's built template.
    """
    local = world.local
    quiet = publish_quiet_notice(world)
    # The first release has also compared and swept once.
    send_to_reconciler(world, '{"mode": "full"}')
    send_to_reconciler(world, '{"mode": "sweep"}')
    world.pause()
    notice = change_records(world)
    world.start_full_comparison()
    world.bury_a_message("status_publisher")
    before, rows_before = world.items(), world.rows()
    waiting = depths(world)
    last = world.last_writes()

    # The steps of docs/upgrades.md.
    world.gridwix("setup", "--yes")
    world = world.deploy_this_release(template)
    local = world.local
    link_member(world)
    deployed = world.items()
    world.resume()
    local.request_feed_poll()
    local.wait_until_idle()
    world.gridwix("redrive", "status_publisher", "--yes")
    local.wait_until_idle()
    written, rows = world.writes_since(last), world.rows()

    last = world.last_writes()
    local.publish_all()
    by_resync, rows_resynced = world.writes_since(last), world.rows()
    last = world.last_writes()
    # The records that have changed come once more, over each way that there is.
    repeated = world.repeat_webhooks(feed_position(before))
    send_to_reconciler(world, '{"mode": "sweep"}')
    local.publish_all()
    again = world.writes_since(last)
    received = local.wix.read("automations/received")["received"]
    report, baseline = read_report(world)
    return Upgrade(
        notice=notice,
        quiet=quiet,
        waiting=waiting,
        before=before,
        deployed=deployed,
        rows=(rows_before, rows, rows_resynced),
        written=(written, by_resync),
        again=again,
        repeated=repeated,
        mails=Counter(
            call["body"]["campaign"] for call in received if call["body"].get("email") == EMAIL
        ),
        messages=[
            item.data
            for item in local.connections.wix.items_where(PARTNER_MESSAGES, "partnerId", BALTIC)
        ],
        dead={
            pair.name: read_depth(world.stack.aws.sqs, pair.dead_letter_url).total
            for pair in world.stack.queues
        },
        report=report,
        baseline=baseline,
        expected=expected_rows(local.connections.community),
        after=world.items(),
    )


def send_to_reconciler(world: OldWorld, body: str) -> None:
    """Start a run, and wait for its end."""
    world.stack.aws.sqs.send_message(
        QueueUrl=world.stack.output("ReconcilerQueueUrl"), MessageBody=body
    )
    world.local.wait_until_idle()


def publish_quiet_notice(world: OldWorld) -> str:
    """Have the first release publish a notice without updates: no field of its row came later."""
    notice = world.local.trading_grid.order("notices", {"kind": "incident", "title": "Quiet"})
    world.local.wait_until_idle()
    return str(notice["id"])


def change_records(world: OldWorld) -> str:
    """Change a record of each kind, and wait for the webhooks. Returns the id of a new notice.

    Two of the changes begin a campaign of this release. The first one had no campaigns.
    """
    local = world.local
    check = local.gateway.get_record("compliance-checks", CHECK)
    local.gateway.make_transition("compliance-checks", check, "passed")
    local.gateway.comment_on_case(CASE, "We have found the cause.")
    case = local.gateway.get_record("cases", CASE)
    opened = local.gateway.make_transition("cases", case, "open")
    local.gateway.make_transition("cases", opened, "awaiting_partner")
    notice = local.trading_grid.order(
        "notices", {"kind": "incident", "title": "Delays", "bodyHtml": "<p>We look into it.</p>"}
    )
    local.trading_grid.order(f"programs/{PROGRAM}", {"steps": {"tax_form": {"dueInDays": 7}}})
    local.wait_for(
        lambda: all(
            one["status"] == "delivered" for one in local.gateway.list_deliveries(local.webhook_id)
        ),
        "the webhooks",
    )
    return str(notice["id"])


def feed_position(items: Items) -> str:
    """Where the first release stood in the event feed."""
    (cursor,) = (
        item for item in items["CursorTable"] if item["name"]["S"] == "trading_grid.events"
    )
    return str(cursor["cursor"]["S"])


def depths(world: OldWorld) -> Mapping[str, int]:
    return {
        pair.name: read_depth(world.stack.aws.sqs, pair.url).total for pair in world.stack.queues
    }


def link_member(world: OldWorld) -> None:
    """A member acts for Baltic, so that there is somebody to send messages to."""
    member = world.local.wix.order("members", {"loginEmail": EMAIL, "status": "APPROVED"})["member"]
    link = {"memberId": member["id"], "partnerId": BALTIC, "role": "admin"}
    world.local.connections.wix.save_item(PARTNER_LINKS, DataItem(WixItemId("link-1"), link))


def read_report(world: OldWorld) -> tuple[DriftReport, str]:
    """The drift report of the run that the first release began, and its baseline."""
    stack = world.stack
    bucket = stack.output("ReportBucketName")
    names = [
        one["Key"]
        for one in stack.aws.s3.list_objects_v2(Bucket=bucket, Prefix="reports/")["Contents"]
        if "full-run-1-PartnerStatus" in one["Key"]
    ]
    documents = S3Documents(stack.aws.s3, bucket)
    (report,) = (documents.read_document(name) for name in names)
    baseline = documents.read_document("baselines/PartnerStatus.json")
    assert report is not None
    assert baseline is not None
    return DriftReport.model_validate_json(report), baseline
