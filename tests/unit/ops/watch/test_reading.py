"""Reading snapshots: what is read, how many calls it takes, and what a missing permission costs."""

import json
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from gridwix.clients.aws.budget import DynamoDBCallBudget
from ops.aws import Aws
from ops.budgets import BudgetLevel
from ops.paths import ROOT
from ops.role_probe import read_template
from ops.stack import GATEWAY_OUTPUT, Stack
from ops.watch import reading
from ops.watch.reading import STEADY, SnapshotReader
from ops.watch.snapshot import LastError, LetterCauses
from tests.fakes.aws import OneAtATime, create_journal_table, create_table
from tests.fakes.event_sources import SlowMappings

NOW = 1_795_000_000.0
NAMES = ("StatusPublisher", "NoticePublisher")


class Functions(SlowMappings):
    """Mappings, and the settings of the functions."""

    def __init__(self, states: dict[str, str], variables: dict[str, str]) -> None:
        super().__init__(states)
        self.variables = variables
        self.read: Counter[str] = Counter()

    def get_function_configuration(self, FunctionName: str) -> Any:  # noqa: N803
        self.read["configuration"] += 1
        return {"State": "Active", "Environment": {"Variables": self.variables}}

    def get_function_concurrency(self, FunctionName: str) -> Any:  # noqa: N803
        self.read["concurrency"] += 1
        return {}


class Logs:
    """The log groups: log events by group. ``denied``: the groups that nobody may read."""

    def __init__(self) -> None:
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.denied: set[str] = set()
        self.calls: Counter[str] = Counter()

    def write(self, function: str, at: float, **fields: Any) -> None:
        events = self.events.setdefault(f"/gridwix/gridwix/{function}", [])
        events.append(
            {
                "timestamp": int(at * 1000),
                "message": json.dumps(fields),
                "eventId": f"{function}-{len(events)}",
            }
        )

    def filter_log_events(self, logGroupName: str, startTime: int, limit: int) -> Any:  # noqa: N803
        self.calls[logGroupName] += 1
        if logGroupName in self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "FilterLogEvents")
        found = [one for one in self.events.get(logGroupName, []) if one["timestamp"] >= startTime]
        more = {"nextToken": "more"} if len(found) > limit else {}
        return {"events": found[:limit], **more}


class Resources:
    """CloudFormation, of which only the resources of a stack are asked: it has none to tell."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def get_paginator(self, name: str) -> Any:
        self.calls[name] += 1
        return SimpleNamespace(paginate=lambda **_: [{"StackResourceSummaries": []}])


class World:
    """A stack of two functions with queues, dead-letter queues, logs, a journal and a budget."""

    def __init__(self, session: boto3.Session) -> None:
        self.sqs = OneAtATime(session.client("sqs"))
        self.dynamodb = OneAtATime(session.client("dynamodb"))
        self.cloudwatch = OneAtATime(session.client("cloudwatch"))
        self.cloudformation = Resources()
        self.logs, self.now = Logs(), NOW
        self.budget = create_table(self.dynamodb, "site")
        outputs, states = {"JournalTableName": create_journal_table(self.dynamodb)}, {}
        for name in NAMES:
            for kind in ("Queue", "DeadLetterQueue"):
                url = self.sqs.create_queue(QueueName=f"{name}-{kind}")["QueueUrl"]
                outputs[f"{name}{kind}Url"] = url
            arn = self.sqs.get_queue_attributes(
                QueueUrl=outputs[f"{name}QueueUrl"], AttributeNames=["QueueArn"]
            )["Attributes"]["QueueArn"]
            states[arn] = "Enabled"
            outputs[f"{name}FunctionName"] = name
        self.functions = Functions(states, self.variables())
        aws: Any = SimpleNamespace(
            sqs=self.sqs,
            dynamodb=self.dynamodb,
            cloudwatch=self.cloudwatch,
            cloudformation=self.cloudformation,
            logs=self.logs,
            functions=self.functions,
        )
        self.stack = Stack("gridwix", outputs, cast("Aws", aws))
        self.reader = SnapshotReader(self.stack, lambda: self.now)
        self.sqs.calls.clear()

    def variables(self) -> dict[str, str]:
        return {
            **dict.fromkeys(URLS, "https://x.example"),
            **dict.fromkeys(SETTINGS, "x"),
            "WIX_CALLS_PER_MINUTE": "180",
            "WIX_CALL_BURST": "60",
            "BUDGET_TABLE": self.budget,
        }

    def take_calls(self, number: int) -> None:
        DynamoDBCallBudget(
            cast("Any", self.dynamodb),
            self.budget,
            "x",
            calls_per_minute=180,
            burst=60,
            clock=lambda: self.now,
        ).take(number)

    def bury(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(
                QueueUrl=self.stack.queue("status_publisher").dead_letter_url, MessageBody=body
            )

    def calls(self) -> Counter[str]:
        """AWS calls so far, by method."""
        found = Counter[str]()
        for client in (self.sqs, self.dynamodb, self.cloudwatch, self.cloudformation):
            found += client.calls
        found["filter_log_events"] = self.logs.calls.total()
        found += self.functions.read
        return found


URLS = ("WIX_BASE_URL", "TRADING_GRID_BASE_URL", "TRADING_GRID_COMMUNITY_URL")
SETTINGS = (
    "WIX_SITE_ID",
    "WIX_CREDENTIALS_SECRET",
    "TRADING_GRID_COMPANY_ID",
    "TRADING_GRID_CREDENTIALS_SECRET",
    "LEDGER_TABLE",
    "REFUSED_ITEM_TABLE",
    "PORTAL_RING_QUEUE_URL",
)


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        yield World(boto3.Session(region_name="us-east-1"))


def test_snapshot_has_queues_budget_rows_and_errors(world: World) -> None:
    world.sqs.send_message(QueueUrl=world.stack.queue("notice_publisher").url, MessageBody="{}")
    world.take_calls(20)
    rows = {"written": 25, "unchanged": 1, "refused": 0, "deferred": 0}
    world.logs.write(
        "status_publisher",
        NOW - 9,
        message="rows_published",
        service="status_publisher",
        messages=3,
        rows=rows,
    )
    world.logs.write(
        "notice_publisher", NOW - 4, level="WARNING", message="call_failed", code="upstream"
    )

    found = world.reader.read()

    assert found.unseen == ()
    assert {one.name: one.queue.waiting for one in found.consumers} == {
        "status_publisher": 0,
        "notice_publisher": 1,
    }
    assert found.budget == BudgetLevel(40, 60, 180)
    assert found.rows_per_minute == 5.0
    assert found.activities["notice_publisher"].error == LastError(NOW - 4, "call_failed: upstream")


def test_second_snapshot_of_a_minute_takes_few_calls_and_no_more(world: World) -> None:
    world.reader.read()
    before = world.calls()
    world.now += STEADY - 1

    world.reader.read()

    # Two queues with dead-letter queues, two logs, and the budget; the mappings are not counted.
    assert world.calls() - before == {
        "get_queue_attributes": 4,
        "filter_log_events": 2,
        "get_item": 1,
    }


def test_documented_number_of_calls_is_that_of_the_template() -> None:
    queues = [name for name in read_template()["Outputs"] if name.endswith("DeadLetterQueueUrl")]
    calls = 4 * len(queues) + 1

    assert f"{calls} for the {len(queues)} queues" in (ROOT / "docs/command.md").read_text()


def test_slow_parts_are_read_again_after_a_minute(world: World) -> None:
    world.reader.read()
    before = world.calls()
    world.now += STEADY

    world.reader.read()

    more = world.calls() - before
    assert (more["configuration"], more["concurrency"]) == (2, 2)


def test_dead_letters_are_looked_at_when_their_number_changes_and_stay_visible(
    world: World,
) -> None:
    world.bury("no JSON", "{}")
    first = world.reader.read()
    looks = world.sqs.calls["receive_message"]
    second = world.reader.read()
    world.bury("no JSON")
    soon = world.reader.read()
    world.now += STEADY
    later = world.reader.read()

    assert first.causes == {"status_publisher": LetterCauses({"malformed": 2}, NOW)}
    assert second.causes == soon.causes == first.causes
    assert looks == 1
    assert later.causes == {"status_publisher": LetterCauses({"malformed": 3}, NOW + STEADY)}
    assert later.consumers[0].dead.waiting == 3


def test_dead_letters_that_are_gone_have_no_cause_any_more(world: World) -> None:
    world.bury("no JSON")
    world.reader.read()
    url = world.stack.queue("status_publisher").dead_letter_url
    world.sqs.purge_queue(QueueUrl=url)

    assert world.reader.read().causes == {}


def test_at_most_a_hundred_dead_letters_are_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LETTERS", 3)
    world.bury(*(f"letter {number}" for number in range(5)))

    assert world.reader.read().causes["status_publisher"].looked_at == 3


def test_operator_who_may_not_receive_dead_letters_sees_their_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.bury("no JSON")

    def refuse(name: str) -> None:
        if name == "receive_message":
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "ReceiveMessage")

    monkeypatch.setattr(world.sqs, "before_call", refuse)

    found = world.reader.read()

    assert found.causes["status_publisher"].unread == "ReceiveMessage: AccessDenied"
    assert found.consumers[0].dead.total == 1


def test_log_that_cannot_be_read_stops_nothing_else(world: World) -> None:
    world.logs.denied.add("/gridwix/gridwix/status_publisher")

    found = world.reader.read()

    assert [fault.subject for fault in found.unseen] == ["log of status_publisher"]
    assert len(found.consumers) == 2
    assert found.budget is not None


def test_gateways_stack_has_no_call_budget_and_its_own_logs(world: World) -> None:
    outputs = {**world.stack.outputs, GATEWAY_OUTPUT: "https://hub.example"}
    gateway = Stack("hub", outputs, world.stack.aws)

    found = SnapshotReader(gateway, lambda: NOW).read()

    assert found.budget is None
    assert set(world.logs.calls) == {
        "/gridwix-gateway/hub/status_publisher",
        "/gridwix-gateway/hub/notice_publisher",
    }
