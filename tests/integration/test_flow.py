"""From Trading Grid to the portal through the deployed stack.

Webhook, API Gateway, EventBridge, SQS, Lambda, DynamoDB, Wix.
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.status_publisher.service import status_row_key
from ops.local_environment import LocalEnvironment
from ops.queues import read_depth
from tests.expected import expected_rows
from tests.expected import shown_rows as portal_rows
from tests.factories import cloud_event

BALTIC = "GC055120098871"
EVENTS = 400
PARTNERS = 120
"""Number of generated partners that change, most of them more than once."""
OLD_NEWS = {"version": 1}
"""A change that the portal already shows; an unseen one would be delivered again and again."""


def fault(local: LocalEnvironment, kind: str, times: int, skip: int = 0) -> None:
    order = {"kind": kind, "times": times, "skip": skip}
    local.trading_grid.order("faults", order)


def shown_rows(local: LocalEnvironment) -> dict[str, Mapping[str, Any]]:
    return portal_rows(
        item for page in local.connections.wix.query_pages(PARTNER_STATUS) for item in page.items
    )


def test_changes_that_are_duplicated_reordered_and_lost_on_their_way_end_on_the_newest_rows(
    local_cloud: LocalEnvironment,
) -> None:
    if local_cloud.own_gateway is not None:
        pytest.skip("only the emulator loses, doubles and reorders its webhooks")
    generated = [
        identifier for identifier in local_cloud.partner_rows() if identifier.startswith("GC08")
    ]
    made_up = sorted(generated)[:PARTNERS]
    fault(local_cloud, "webhook_drop", times=60, skip=20)
    fault(local_cloud, "webhook_duplicate", times=60)
    fault(local_cloud, "webhook_reorder", times=60, skip=10)

    order = {"count": EVENTS, "seed": 11, "partnerIds": made_up}
    answer = local_cloud.trading_grid.order("changes", order)
    local_cloud.request_feed_poll()
    local_cloud.wait_until_idle()
    local_cloud.wait_for(
        lambda: all(
            delivery["status"] != "pending"
            for delivery in local_cloud.gateway.list_deliveries(local_cloud.webhook_id)
        ),
        "the webhooks",
    )
    local_cloud.request_feed_poll()
    local_cloud.wait_until_idle()

    assert (answer["total"], len(made_up)) == (EVENTS, PARTNERS)
    assert shown_rows(local_cloud) == expected_rows(local_cloud.connections.community)
    assert all(
        read_depth(local_cloud.stack.aws.sqs, pair.dead_letter_url).total == 0
        for pair in local_cloud.stack.queues
    )


def test_read_of_the_feed_when_nothing_is_new_writes_nothing(local_cloud: LocalEnvironment) -> None:
    local_cloud.wait_until_idle()
    last = local_cloud.wix.writes(PARTNER_STATUS)[-1]["number"]

    local_cloud.publish_all()

    assert local_cloud.wix.writes(PARTNER_STATUS, last) == []


def test_worker_that_died_after_its_write_is_healed_by_the_next_delivery(
    local_cloud: LocalEnvironment,
) -> None:
    """Its claim is still in the ledger and its row on the portal: what a function leaves that is
    ended between the two.
    """
    key = status_row_key(PartnerId(BALTIC))
    entry = local_cloud.ledger.read_entries([key])[key]
    local_cloud.stack.aws.dynamodb.update_item(
        TableName=local_cloud.stack.output("LedgerTableName"),
        Key={"row": {"S": f"{PARTNER_STATUS}#{BALTIC}"}},
        UpdateExpression=(
            "SET intended = published, heldUntil = :until, holder = :dead,"
            " revision = revision + :one REMOVE contentHash"
        ),
        ExpressionAttributeValues={
            ":until": {"N": str(time.time() + 5)},
            ":dead": {"S": "dead"},
            ":one": {"N": "1"},
        },
    )
    check = local_cloud.gateway.get_record("compliance-checks", "chk_w8_baltic")

    local_cloud.gateway.make_transition(
        "compliance-checks",
        check,
        "failed" if check["status"] == "pending" else "pending",
        "Send the form again.",
    )

    local_cloud.wait_for(
        lambda: (
            local_cloud.ledger.read_entries([key])[key].published.version_of(
                "compliance-checks/chk_w8_baltic"
            )
            == check["version"] + 1
        ),
        "the row",
    )
    healed = local_cloud.ledger.read_entries([key])[key]
    assert (healed.intended, healed.held_until) == (None, None)
    assert healed.revision > entry.revision
    assert (
        local_cloud.partner_rows()[BALTIC]["headline"]
        == expected_rows(local_cloud.connections.community)[BALTIC]["headline"]
    )


class Sender:
    """Sends webhooks to the deployed address as Trading Grid does."""

    def __init__(self, local: LocalEnvironment) -> None:
        self.url = local.cloud.local_url(local.stack.output("TradingGridWebhookUrl"))
        secret = local.stack.aws.secrets.get_secret_value(
            SecretId=local.stack.output("TradingGridWebhookSecretName")
        )["SecretString"]
        self.secret = json.loads(secret)["secrets"][0]

    def signed(self, body: str, identifier: str, at: float) -> dict[str, str]:
        signature = Webhook(self.secret).sign(identifier, datetime.fromtimestamp(at, UTC), body)
        return {
            "webhook-id": identifier,
            "webhook-timestamp": str(int(at)),
            "webhook-signature": signature,
            "content-type": "application/json",
        }

    def post(self, body: str, headers: dict[str, str]) -> httpx.Response:
        return httpx.post(self.url, content=body.encode(), headers=headers)


@pytest.fixture
def bus_events(local_cloud: LocalEnvironment) -> Iterator[Any]:
    """The events on the bus during the test, through a queue with a rule that matches all."""
    aws, bus, name = (
        local_cloud.stack.aws,
        local_cloud.stack.output("BusName"),
        "everything-for-a-test",
    )
    url = aws.sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    policy = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ]
    }
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    events = aws.events
    events.put_rule(
        Name=name, EventBusName=bus, EventPattern=json.dumps({"source": [{"prefix": ""}]})
    )
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])

    def read() -> list[dict[str, Any]]:
        # The local cloud puts an event into its queues before it answers the function.
        found: list[dict[str, Any]] = []
        while messages := aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages", []
        ):
            for message in messages:
                found.append(json.loads(message["Body"]))
                aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    yield read
    events.remove_targets(Rule=name, EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name=name, EventBusName=bus)
    aws.sqs.delete_queue(QueueUrl=url)


# Before the webhooks with wrong signatures: each makes the function read its secret again, which it
# does twice a minute at most.
def test_webhook_after_a_rotation_is_taken_at_once(local_cloud: LocalEnvironment) -> None:
    sender = Sender(local_cloud)
    body = json.dumps(cloud_event(id="evt_rotated", data=OLD_NEWS))
    local_cloud.stack.put_secret(
        "TradingGridWebhookSecretName",
        {"secrets": [sender.secret, "whsec_dGhlLXNlY3JldC1hZnRlci10aGUtcm90YXRpb24hIQ=="]},
    )
    rotated = Sender(local_cloud)
    rotated.secret = "whsec_dGhlLXNlY3JldC1hZnRlci10aGUtcm90YXRpb24hIQ=="

    answers = {
        sender.post(body, one.signed(body, "evt_rotated", time.time() + offset)).status_code
        for offset, one in enumerate((sender, rotated))
    }

    assert answers <= {202, 401}
    local_cloud.wait_for(
        lambda: (
            rotated.post(body, rotated.signed(body, "evt_rotated", time.time())).status_code == 202
        ),
        "the new secret to be taken",
    )


def test_webhooks_that_must_not_pass_get_a_4xx_that_leaks_nothing_and_nothing_reaches_the_bus(
    local_cloud: LocalEnvironment, bus_events: Any
) -> None:
    sender, now = Sender(local_cloud), time.time()
    good = json.dumps(cloud_event())
    large = json.dumps(cloud_event(data={"version": 1, "padding": "x" * 1024 * 1024}))
    tries = [
        (good, {}, 400, "missing-header"),
        (
            good,
            sender.signed(good, "evt_a", now) | {"webhook-signature": "v1,AAAA"},
            401,
            "invalid-signature",
        ),
        (
            good.replace("failed", "passed"),
            sender.signed(good, "evt_b", now),
            401,
            "invalid-signature",
        ),
        (good, sender.signed(good, "evt_c", now - 400), 401, "timestamp-too-old"),
        (good, sender.signed(good, "evt_d", now + 400), 401, "timestamp-too-new"),
        ("{", sender.signed("{", "evt_e", now), 400, "malformed-body"),
        ("{}", sender.signed("{}", "evt_f", now), 422, "invalid-event"),
        (large, sender.signed(large, "evt_h", now), 413, "body-too-large"),
    ]

    answers = [(sender.post(body, headers), status, code) for body, headers, status, code in tries]

    for answer, status, code in answers:
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert set(answer.json()) == {"type", "title", "status", "code", "detail"}
    # The event feed may be read meanwhile, on schedule.
    assert [event for event in bus_events() if event["detail"].get("via") != "feed"] == []


def test_webhook_of_an_unknown_type_is_taken_and_ignored(
    local_cloud: LocalEnvironment, bus_events: Any
) -> None:
    sender = Sender(local_cloud)
    body = json.dumps(cloud_event(type="net.example.tg.weather.changed"))

    answer = sender.post(body, sender.signed(body, "evt_g", time.time()))

    assert (answer.status_code, answer.json()) == (202, {"accepted": "", "ignored": True})
    assert [event for event in bus_events() if event["detail"].get("via") != "feed"] == []


def test_webhook_that_is_replayed_is_taken_once(
    local_cloud: LocalEnvironment, bus_events: Any
) -> None:
    sender = Sender(local_cloud)
    body = json.dumps(cloud_event(id="evt_replayed", data=OLD_NEWS))
    headers = sender.signed(body, "evt_replayed", time.time())

    first, second = sender.post(body, headers), sender.post(body, headers)

    assert (first.status_code, first.json()) == (202, {"accepted": "compliance.status_changed"})
    assert (second.status_code, second.json()) == (202, first.json() | {"duplicate": True})
    assert [event["detail"]["eventId"] for event in bus_events()] == ["evt_replayed"]


@pytest.mark.parametrize("content_type", ["application/cloudevents+json", "text/plain", None])
def test_webhook_of_any_content_type_is_verified_over_its_bytes(
    local_cloud: LocalEnvironment, content_type: str | None
) -> None:
    """The API hands over some content types as text and all others in base64."""
    sender, identifier = Sender(local_cloud), f"evt_{uuid.uuid4().hex}"
    event = cloud_event(id=identifier, data=OLD_NEWS | {"text": "Stück"})
    body = json.dumps(event, ensure_ascii=False)
    headers = sender.signed(body, identifier, time.time())
    del headers["content-type"]
    if content_type:
        headers["content-type"] = content_type

    answer = sender.post(body, headers)

    assert (answer.status_code, answer.json()) == (202, {"accepted": "compliance.status_changed"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PUT", ""), ("POST", "/more"), ("POST", "/../elsewhere")],
)
def test_request_that_no_route_has_is_not_found_and_reaches_no_function(
    local_cloud: LocalEnvironment, method: str, path: str
) -> None:
    answer = httpx.request(method, Sender(local_cloud).url + path)

    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_bus_and_logs_hold_ids_and_no_content(
    local_cloud: LocalEnvironment, bus_events: Any
) -> None:
    case = local_cloud.gateway.get_record("cases", "case_01JA3B")
    local_cloud.gateway.make_transition("cases", case, "open")

    def shown_status() -> object:
        cases: Any = local_cloud.partner_rows()[BALTIC]["cases"]
        return cases[0]["status"]

    local_cloud.wait_for(lambda: shown_status() == "open", "the row")

    told = json.dumps(bus_events())
    logs = local_cloud.stack.aws.logs
    lines = [
        event["message"]
        for function in ("trading_grid_webhook", "trading_grid_feed", "status_publisher")
        for page in logs.get_paginator("filter_log_events").paginate(
            logGroupName=local_cloud.stack.log_group(function)
        )
        for event in page["events"]
    ]
    assert "case.status_changed" in told
    for private in (
        case["subject"],
        case["assignee"],
        "Dana Whitfield",
        "whsec_",
        local_cloud.wix.info()["apiKey"],
    ):
        assert private not in told
        assert not any(private in line for line in lines)
