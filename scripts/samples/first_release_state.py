"""Writes the state of the first release with its own code. Started by ``first_release.py``.

``gridwix`` is the package of that release here. Everything in the samples is made up.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
from gridwix.clients.aws.continuation import SqsContinuation
from gridwix.models.publication import Claim, Publication, RowKey, Versions
from gridwix.services.run_records import RunRecords
from moto import mock_aws

from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.edge import remember_once
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.mapping.cloud_events import to_change
from gridwix.models.cursors import FeedCursor
from gridwix.models.events import RESYNC_REQUESTED, Change
from gridwix.models.reconciliation import (
    DriftReport,
    FullPage,
    NamedRows,
    PageRecord,
    Phase,
    RemovalRecord,
    RowFinding,
    RowVerdict,
    SweepPage,
)
from gridwix.models.wix import Refusal

NOW = 1_780_000_000.25
BEGUN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ROW = RowKey("PartnerStatus", "GC00700011NR")
VERSIONS = Versions(live={"partners/GC00700011NR": 7}, settled={"cases/case_1": 4})
PREFIX = "net.example.tg."
EVENT = {
    "specversion": "1.0",
    "id": "evt_1001",
    "type": f"{PREFIX}compliance.status_changed",
    "subject": "compliance-checks/chk_1",
    "time": "2026-11-23T09:58:12Z",
    "companyid": "GC22698817YV",
    "partnerid": "GC00700011NR",
    "sequence": "000000000042",
    "data": {
        "version": 8,
        "changed": ["status"],
        "before": {"status": "failed"},
        "after": {"status": "passed"},
    },
}


def write_items(folder: Path) -> None:
    """One item of each kind, in the shape that had no number yet."""
    dynamodb = boto3.client("dynamodb")
    for table, key in {
        "ledger": "row",
        "cursor": "name",
        "budget": "site",
        "refused": "row",
    }.items():
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        )
    ledger = DynamoDBLedger(dynamodb, "ledger")
    ledger.claim([Claim(ROW, 0, VERSIONS)], holder="worker-1", now=NOW, until=NOW + 90)
    ledger.commit([Publication(ROW, VERSIONS, "0" * 32, "evt_1000")], holder="worker-1")
    # Somebody is writing the row again.
    newer = Versions(live={"partners/GC00700011NR": 8}, settled=VERSIONS.settled)
    ledger.claim([Claim(ROW, 2, newer)], holder="worker-2", now=NOW, until=NOW + 90)
    cursors = DynamoDBCursorStore(dynamodb, "cursor", lambda: NOW)
    cursors.advance("trading_grid.events", FeedCursor("cur_42", resyncing=True, listing="page_3"))
    budget = DynamoDBCallBudget(
        dynamodb, "budget", "site-1", calls_per_minute=180, burst=60, clock=lambda: NOW
    )
    budget.take(3)
    budget.exhaust(30)
    refusals = DynamoDBRefusedItems(dynamodb, "refused")
    refusals.add([Refusal(*ROW, "WDE0080", "too large")], function="status_publisher", at=NOW)
    for table, kind in {
        "ledger": "ledger-entry",
        "cursor": "cursor",
        "budget": "budget",
        "refused": "refused-item",
    }.items():
        (item,) = dynamodb.scan(TableName=table)["Items"]
        write_sample(folder / kind / "1.json", item)
    write_sample(folder / "webhook-claim" / "1.json", claimed_webhook())


def write_sample(path: Path, item: Any) -> None:
    """Write an item; what is read of it, which a person has checked, stays."""
    known = json.loads(path.read_text()) if path.exists() else {}
    write_json(path, {**known, "items": [item]})


def claimed_webhook() -> Any:
    """The item that the edge puts, without a server: the call as it is made."""
    calls: list[Any] = []

    def call(*arguments: Any, **_: Any) -> SimpleNamespace:
        # Service, operation and members.
        calls.append(arguments[2])
        return SimpleNamespace(code="", members={})

    remember_once(SimpleNamespace(call=call), "inbox", "msg_1.1780000000", 600, NOW)
    # A random token.
    return calls[0]["Item"] | {"rememberedBy": {"S": "0" * 32}}


def write_messages(path: Path) -> None:
    """Bodies of messages that may wait in a queue, in a dead-letter queue, or in the archive."""
    sqs, events = boto3.client("sqs"), boto3.client("events")
    queue = sqs.create_queue(QueueName="queue")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    events.create_event_bus(Name="bus")
    events.put_rule(
        Name="all", EventBusName="bus", EventPattern='{"source": ["gridwix.trading_grid"]}'
    )
    events.put_targets(
        Rule="all", EventBusName="bus", Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}]
    )
    webhook = Change.model_validate(to_change(EVENT, prefix=PREFIX, via="webhook"))
    resync = Change(
        event_id="resync-0badc0de-GC00700011NR",
        type=RESYNC_REQUESTED,
        subject="partners/GC00700011NR",
        occurred_at=BEGUN,
        company_id="GC22698817YV",
        partner_id="GC00700011NR",
        via="resync",
    )
    sweep = resync.model_copy(
        update={"event_id": "sweep-cases-case_1-5", "subject": "cases/case_1", "version": 5}
    )
    bus = EventBridgeBus(events, "bus")
    found: dict[str, Any] = {}
    for name, change in {
        "webhook": webhook,
        "feed": webhook.model_copy(update={"via": "feed"}),
        "resync": resync,
        "sweep": sweep,
    }.items():
        bus.put([change])
        found[name] = received(sqs, queue)
    pages = SqsContinuation(sqs, queue)
    for name, page in run_pages().items():
        pages.send(page)
        found[name] = received(sqs, queue)
    # What template.yaml of that release has the schedules send.
    found |= {
        "feed_schedule": '{"reason": "schedule"}',
        "sweep_schedule": '{"mode": "sweep"}',
        "full_schedule": '{"mode": "full"}',
    }
    write_json(path, found)


def run_pages() -> dict[str, FullPage | SweepPage]:
    """Pages of runs that a deployment may interrupt."""
    common: dict[str, Any] = {"run": "full-1", "begun": BEGUN, "collection": "PartnerStatus"}
    return {
        "full_list": FullPage(**common, cursor="page_2", parts=1),
        "full_compare": FullPage(**common, phase=Phase.COMPARE, page=1, cursor=ROW[1], parts=2),
        "full_remove": FullPage(**common, phase=Phase.REMOVE, parts=2, compared=3),
        "sweep_page": SweepPage(
            run="sweep-1", since=BEGUN, revision=4, kind=3, cursor="page_9", as_of=BEGUN
        ),
    }


def received(sqs: Any, queue: str) -> str:
    """The body of the one message in the queue."""
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return str(message["Body"])


def write_documents(path: Path) -> None:
    """The objects of the report bucket."""
    documents: dict[str, str] = {}
    records = RunRecords(SimpleNamespace(read=documents.get, write=documents.__setitem__))
    pages = run_pages()
    records.keep_keys(pages["full_list"], ["GC00700011NR", "GC055120098871"])
    finding = RowFinding(id=ROW[1], verdict=RowVerdict.DRIFTED, key=ROW[1])
    records.keep(pages["full_compare"], PageRecord(rows=2, shown=2, findings=(finding,)), done=True)
    records.keep(pages["full_remove"], RemovalRecord(removed=("GC-gone",), kept=("GC-kept",)))
    records.keep_baseline(pages["full_remove"], 203)
    records.keep_report(
        pages["full_remove"],
        DriftReport(
            run="full-1",
            collection="PartnerStatus",
            begun=BEGUN,
            finished=BEGUN,
            dry_run=False,
            listed=2,
            previously_listed=None,
            rows=2,
            equal=1,
            drifted=1,
            missing=0,
            extra=0,
            unsettled=0,
            removed=0,
            kept=0,
            repaired=1,
            guard=None,
            ids=NamedRows(drifted=(ROW[1],)),
        ),
    )
    write_json(path, documents)


def write_json(path: Path, content: Any) -> None:
    """Write a value as sorted, indented JSON, and create the folder of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    samples = Path(sys.argv[1])
    with mock_aws():
        write_items(samples / "items")
        write_messages(samples / "messages.json")
        write_documents(samples / "documents.json")
