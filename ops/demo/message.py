"""Demo scenario: a compliance review is completed, and the partner gets one message per channel."""

import time
from typing import Any

import httpx

from gridwix.models.portal.collection_ids import PARTNER_MESSAGES
from ops.demo.compliance_check import CHECK, COLLECTION, PARTNER
from ops.demo.scenario import Claim, Row, ScenarioResult, wait_for_row
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment
from ops.portal import LEE
from ops.waiting import STANDSTILL

CAMPAIGN = "compliance-review-completed"


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Let a compliance check expire and pass again, and wait for the messages about it.

    Then polls the event feed, to see that no message is sent twice.

    Raises:
        OpsError: A message does not arrive.
    """
    local.wait_until_idle()
    rows_before, mails_before = (
        {row["_id"] for row in _portal_messages(local)},
        len(_sent_mails(local)),
    )
    check = local.gateway.get_record(COLLECTION, CHECK)
    begun = time.monotonic()
    for to in ("expired", "pending", "passed"):
        check = local.gateway.make_transition(COLLECTION, check, to)
    row, told_in = wait_for_row(
        local,
        PARTNER_MESSAGES,
        lambda row: (
            row["partnerId"] == PARTNER
            and row["campaign"] == CAMPAIGN
            and row["_id"] not in rows_before
        ),
        "the message",
    )
    local.wait_for(lambda: len(_sent_mails(local)) > mails_before, "the mail")
    mailed_in = time.monotonic() - begun
    mail = _sent_mails(local)[-1]
    local.request_feed_poll()
    local.stack.aws.sqs.send_message(
        QueueUrl=local.stack.output("PartnerMessengerQueueUrl"),
        MessageBody='{"reason": "schedule"}',
    )
    local.wait_until_idle()
    hops = [
        Hop("on the portal", row["texts"]["en"]["title"], told_in),
        Hop("by email", f"{mail['subject']}, to {mail['email']}", mailed_in),
    ]
    claims = [
        Claim(
            "a completed review is one message on the portal",
            len(_portal_messages(local)) == len(rows_before) + 1,
        ),
        Claim(
            "a completed review is one email to the partner's member",
            len(_sent_mails(local)) == mails_before + 1,
        ),
    ]
    return ScenarioResult(hops, claims)


def _portal_messages(local: LocalEnvironment) -> list[Row]:
    """Return portal rows of messages that the campaign ``CAMPAIGN`` sent to the demo's partner."""
    found = local.connections.wix.items_where(PARTNER_MESSAGES, "partnerId", PARTNER)
    return [{"_id": item.id, **item.data} for item in found if item.data["campaign"] == CAMPAIGN]


def _sent_mails(local: LocalEnvironment) -> list[dict[str, Any]]:
    """Return the emails to Lee on completed compliance reviews that Wix was asked to send.

    Lee is a member of the demo's partner. gridwix asks Wix's email automation to send such an
    email, a partner message of the kind (campaign) ``CAMPAIGN``.
    """
    received = (
        httpx.get(f"{local.wix.url}/__emulator/automations/received", timeout=STANDSTILL)
        .raise_for_status()
        .json()["received"]
    )
    return [
        call["body"]
        for call in received
        if call["body"].get("email") == LEE.email and call["body"].get("campaign") == CAMPAIGN
    ]
