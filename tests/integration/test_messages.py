"""Use case 6 through the deployed stack: messages about changes, and unlocked steps.

Each change is announced exactly once, by a row on the portal and a mail.
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.models.events import Change
from gridwix.models.ids import CompanyId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import (
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PARTNER_MESSAGES,
)
from gridwix.models.wix import DataItem
from gridwix.people.codes import code_hash, invitation_id
from gridwix.trading_grid_feed.service import CURSOR_NAME
from ops.local_environment import LocalEnvironment

DONE = ("completed", "waived")


@dataclass(frozen=True)
class Somebody:
    """A partner with a step that unlocks another, and its member."""

    partner_id: PartnerId
    enrollment_id: str
    step: str
    unlocks: str
    check_id: str
    email: str
    heard: frozenset[WixItemId]
    """Messages that the partner already had from the changes of other tests."""


@pytest.fixture(scope="module")
def partners(local_cloud: LocalEnvironment) -> Iterator[list[Somebody]]:
    """Two of the generated partners, each with a member."""
    local_cloud.wait_until_idle()
    found: list[Somebody] = []
    for number in range(120, 150):
        partner_id = PartnerId(f"GC08{number:010}")
        (enrollment,) = local_cloud.connections.community.enrollments([partner_id]).records
        checks = [
            check
            for check in local_cloud.connections.community.compliance_checks([partner_id]).records
            if check.status in ("failed", "pending")
        ]
        statuses = {step.key: step.status for step in enrollment.steps}
        last = [
            (step.waits_on[-1], step.key)
            for step in enrollment.steps
            if step.status == "locked"
            and sum(statuses[key] not in DONE for key in step.waits_on) == 1
        ]
        pairs = [
            (one, other)
            for step in enrollment.steps
            for one in step.waits_on
            for wanted, other in last
            if other == step.key and statuses[one] == "available"
        ]
        if checks and pairs:
            step, unlocks = pairs[0]
            heard = frozenset(item.id for item in messages(local_cloud, partner_id))
            found.append(
                Somebody(
                    partner_id,
                    enrollment.id,
                    step,
                    unlocks,
                    checks[0].id,
                    f"member-{number}@partner.example",
                    heard,
                )
            )
        if len(found) == 2:
            break
    links = []
    for somebody in found:
        member = local_cloud.wix.order(
            "members", {"loginEmail": somebody.email, "status": "APPROVED"}
        )["member"]
        link = DataItem(
            WixItemId(f"link-{uuid.uuid4()}"),
            {"memberId": member["id"], "partnerId": somebody.partner_id, "role": "admin"},
        )
        local_cloud.connections.wix.save_item(PARTNER_LINKS, link)
        links.append(link.id)
    yield found
    for link_id in links:
        local_cloud.connections.wix.remove_item(PARTNER_LINKS, link_id)


def messages(local: LocalEnvironment, partner_id: PartnerId) -> list[DataItem]:
    """Return all messages of the partner on the portal."""
    return list(local.connections.wix.items_where(PARTNER_MESSAGES, "partnerId", partner_id))


def rows(local: LocalEnvironment, somebody: Somebody) -> list[Mapping[str, Any]]:
    """Return the partner's messages on the portal since these tests began."""
    return [
        item.data for item in messages(local, somebody.partner_id) if item.id not in somebody.heard
    ]


def mails(local: LocalEnvironment, somebody: Somebody) -> list[dict[str, Any]]:
    """Return each call of the mail automation for the partner's member, with duplicates."""
    received = local.wix.read("automations/received")["received"]
    return [call["body"] for call in received if call["body"].get("email") == somebody.email]


def count_messages(local: LocalEnvironment, somebody: Somebody, campaign: str) -> tuple[int, int]:
    """Count the messages of a campaign: rows, and mails."""
    found = [one for one in rows(local, somebody) if one["campaign"] == campaign]
    return len(found), len(
        [mail for mail in mails(local, somebody) if mail["campaign"] == campaign]
    )


def complete_step(local: LocalEnvironment, somebody: Somebody, step: str) -> None:
    for to in ("in_progress", "submitted", "completed"):
        local.gateway.make_step_transition(
            local.gateway.get_record("enrollments", somebody.enrollment_id), step, to
        )


def status_of(local: LocalEnvironment, somebody: Somebody, step: str) -> str:
    enrollment = local.gateway.get_record("enrollments", somebody.enrollment_id)
    return next(str(one["status"]) for one in enrollment["steps"] if one["key"] == step)


def test_completed_review_is_one_row_and_one_mail_and_a_replay_of_the_events_nothing_more(
    local_cloud: LocalEnvironment, partners: list[Somebody]
) -> None:
    somebody, before = partners[0], local_cloud.cursors.read_cursor(CURSOR_NAME).cursor
    check = local_cloud.gateway.get_record("compliance-checks", somebody.check_id)
    if check["status"] == "failed":
        check = local_cloud.gateway.make_transition("compliance-checks", check, "pending")
    local_cloud.gateway.make_transition("compliance-checks", check, "passed", "No action needed.")

    local_cloud.wait_for(
        lambda: count_messages(local_cloud, somebody, "compliance-review-completed") == (1, 1),
        "the row and the mail",
    )
    # Other tests publish notices and documents that this partner hears of, too.
    (row,) = [
        one
        for one in rows(local_cloud, somebody)
        if one["campaign"] == "compliance-review-completed"
    ]
    (mail,) = [
        one
        for one in mails(local_cloud, somebody)
        if one["campaign"] == "compliance-review-completed"
    ]
    assert row["texts"]["en"]["title"] == f"Completed: {check['title']}"
    assert (mail["subject"], mail["kind"]) in {
        (row["texts"][locale]["title"], "transactional") for locale in row["texts"]
    }
    assert row["record"] == f"compliance-checks/{somebody.check_id}"

    cursor = local_cloud.cursors.read_cursor(CURSOR_NAME)
    assert local_cloud.cursors.advance(CURSOR_NAME, replace(cursor, cursor=before)) is not None
    local_cloud.request_feed_poll()
    local_cloud.wait_until_idle()
    for _ in range(2):
        local_cloud.stack.aws.sqs.send_message(
            QueueUrl=local_cloud.stack.output("PartnerMessengerQueueUrl"),
            MessageBody='{"reason": "schedule"}',
        )
    local_cloud.wait_until_idle()

    assert count_messages(local_cloud, somebody, "compliance-review-completed") == (1, 1)


def test_person_who_is_invited_gets_one_mail_whose_code_the_portal_finds(
    local_cloud: LocalEnvironment, partners: list[Somebody]
) -> None:
    partner_id, email = partners[0].partner_id, f"{uuid.uuid4()}@partner.example"
    invitation, now = invitation_id(partner_id, email, 1), datetime.now(UTC)
    row = {
        "partnerId": partner_id,
        "role": "edi",
        "status": "active",
        "expiresAt": now + timedelta(days=14),
        "email": email,
        "bound": True,
    }
    local_cloud.connections.wix.insert_item(PARTNER_INVITATIONS, DataItem(invitation, row))
    event = Change(
        event_id=f"invitation-{invitation}",
        type="invitation.created",
        subject=f"invitations/{invitation}",
        occurred_at=now,
        company_id=CompanyId("GC00700011NR"),
        partner_id=partner_id,
        via="poll",
    )
    bus = EventBridgeBus(local_cloud.stack.aws.events, local_cloud.stack.output("BusName"))

    bus.put([event, event])

    def sent() -> list[dict[str, Any]]:
        received = local_cloud.wix.read("automations/received")["received"]
        return [call["body"] for call in received if call["body"].get("email") == email]

    local_cloud.wait_for(lambda: len(sent()) == 1, "the mail")
    bus.put([event])
    local_cloud.wait_until_idle()
    (mail,) = sent()
    found = re.search("#invitation=([A-Z2-7]{32})", mail["body"])
    assert found is not None
    stored = local_cloud.connections.wix.get_item(PARTNER_INVITATIONS, invitation)
    assert stored is not None
    assert stored.data["codeHash"] == code_hash(found[1])


@pytest.mark.parametrize("cascade", [True, False], ids=["trading-grid", "gridwix"])
def test_completed_step_unlocks_the_next_which_is_announced(
    local_cloud: LocalEnvironment, partners: list[Somebody], cascade: bool
) -> None:
    somebody = partners[0 if cascade else 1]
    settings = f"{local_cloud.trading_grid.url}/__emulator/settings"
    httpx.post(settings, json={"cascade": cascade}).raise_for_status()
    try:
        complete_step(local_cloud, somebody, somebody.step)
        if not cascade:
            assert status_of(local_cloud, somebody, somebody.unlocks) in ("locked", "available")

        local_cloud.wait_for(
            lambda: status_of(local_cloud, somebody, somebody.unlocks) == "available",
            "the next step",
        )
        # A step may unlock several: Trading Grid would refuse the others once it unlocks by itself.
        local_cloud.wait_until_idle()
    finally:
        httpx.post(settings, json={"cascade": True}).raise_for_status()

    record = f"enrollments/{somebody.enrollment_id}"
    local_cloud.wait_for(
        lambda: min(count_messages(local_cloud, somebody, "step-unlocked")) >= 1, "the announcement"
    )
    local_cloud.wait_until_idle()
    # A mail that could not go out with its row does so with the schedule.
    local_cloud.wait_for(
        lambda: len(set(count_messages(local_cloud, somebody, "step-unlocked"))) == 1,
        "a mail for each row",
    )
    announced = [
        row["texts"]["en"]["title"]
        for row in rows(local_cloud, somebody)
        if row["campaign"] == "step-unlocked" and row["record"] == record
    ]
    assert (
        len(announced)
        == len(set(announced))
        == count_messages(local_cloud, somebody, "step-unlocked")[1]
    )
    if local_cloud.own_gateway is not None:
        return  # Its log has the patterns of routes, and no keys of steps.
    unlocked = local_cloud.trading_grid.read("journal", since="0")["entries"]
    moves = [
        entry
        for entry in unlocked
        if entry["method"] == "POST"
        and entry["path"].endswith(f"/steps/{somebody.unlocks}/transitions")
    ]
    assert bool([entry for entry in moves if entry["status"] == 200]) is not cascade
