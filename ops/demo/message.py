"""The demo's seventh story: a compliance review is completed once more, and the partner is told of it, once over each channel."""

import time
from typing import Any

import httpx

from gridwix.models.portal import PARTNER_MESSAGES
from ops.demo.compliance_check import CHECK, COLLECTION, PARTNER
from ops.demo.scenario import Claim, Row, Tale, row_when
from ops.demo.trace import Hop
from ops.local_environment import World
from ops.portal import LEE
from ops.waiting import STANDSTILL

CAMPAIGN = "compliance-review-completed"


def perform(world: World) -> Tale:
    """Let the check expire and pass again, wait until the partner is told, and read the event feed once more. Raises OpsError if nobody is told."""
    world.wait_until_idle()
    rows_before, mails_before = {row["_id"] for row in _rows(world)}, len(_mails(world))
    check = world.hub.read(COLLECTION, CHECK)
    begun = time.monotonic()
    for to in ("expired", "pending", "passed"):
        check = world.hub.move(COLLECTION, check, to)
    row, told_in = row_when(
        world, PARTNER_MESSAGES, lambda row: row["partnerId"] == PARTNER and row["campaign"] == CAMPAIGN and row["_id"] not in rows_before, "the message"
    )
    world.wait_for(lambda: len(_mails(world)) > mails_before, "the mail")
    mailed_in = time.monotonic() - begun
    mail = _mails(world)[-1]
    world.read_feed()
    world.stack.aws.sqs.send_message(QueueUrl=world.stack.output("PartnerMessengerQueueUrl"), MessageBody='{"reason": "schedule"}')
    world.wait_until_idle()
    hops = [
        Hop("on the portal", row["texts"]["en"]["title"], told_in),
        Hop("by mail", f"{mail['subject']}, to {mail['email']}", mailed_in),
    ]
    claims = [
        Claim("a completed review is one message on the portal", len(_rows(world)) == len(rows_before) + 1),
        Claim("and one mail to the partner's member", len(_mails(world)) == mails_before + 1),
    ]
    return Tale(hops, claims)


def _rows(world: World) -> list[Row]:
    """The messages of the campaign that the partner has on the portal."""
    found = world.connections.wix.items_where(PARTNER_MESSAGES, "partnerId", PARTNER)
    return [{"_id": item.id, **item.data} for item in found if item.data["campaign"] == CAMPAIGN]


def _mails(world: World) -> list[dict[str, Any]]:
    """What the mail automation was asked to send to the partner's member."""
    received = httpx.get(f"{world.wix.url}/__emulator/automations/received", timeout=STANDSTILL).raise_for_status().json()["received"]
    return [call["body"] for call in received if call["body"].get("email") == LEE.email and call["body"].get("campaign") == CAMPAIGN]
