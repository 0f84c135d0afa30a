"""SQS and EventBridge of the soak test do what moto's do, except where AWS says otherwise.

Where moto differs from AWS's documentation, the tests keep away from it:

- DeleteMessage with the receipt of an earlier receive succeeds and deletes nothing ("you must
  provide the most recently received ReceiptHandle for the message (otherwise, the request succeeds,
  but the message will not be deleted)": API reference, DeleteMessage). moto deletes.
- ChangeMessageVisibility of a message that is not in flight is refused (API reference,
  MessageNotInflight). moto takes it.
- A message is kept for the retention period (developer guide, "Amazon SQS message quotas"); an
  expired one stops moto's receive.
- SendMessage needs a body ("The minimum size is one character": API reference). moto takes none.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.sqs import models as moto_sqs

from gridwix.mapping.cloud_events import KNOWN_TYPES
from gridwix.models.events import (
    HUB_RESYNC_REQUESTED,
    POLL_REQUESTED,
    RESYNC_REQUESTED,
    TRADING_GRID_SOURCE,
    TRANSACTION_EXCEPTION,
    WIX_SOURCE,
)
from gridwix.wix_webhook.events import EVENT_TYPES as WIX_EVENT_TYPES
from soak.cloud.bus import Bus
from soak.cloud.queues import Queues
from soak.cloud.sqs import SqsClient
from soak.kernel.edges import Edges, NoFaults
from soak.kernel.tasks import Scheduler
from soak.template import Template
from tests.unit.template.rules import load, of_type

QUEUE, DEAD_LETTERS = "TradingGridFeedQueue", "TradingGridFeedDeadLetterQueue"
START = 1_800_000_000.0
MOST = 10
"""Messages at a time: as many as one receive can take, so that the order does not matter."""

TYPES = sorted(
    {(TRADING_GRID_SOURCE, detail_type) for detail_type in KNOWN_TYPES}
    | {
        (TRADING_GRID_SOURCE, detail_type)
        for detail_type in (
            RESYNC_REQUESTED,
            HUB_RESYNC_REQUESTED,
            POLL_REQUESTED,
            TRANSACTION_EXCEPTION,
        )
    }
    | {(WIX_SOURCE, detail_type) for detail_type, _ in WIX_EVENT_TYPES.values()}
    | {(WIX_SOURCE, "case.updated"), ("another", "case.updated")}
)
"""Source and detail-type of each event of the product, and of some that match no rule."""

_numbers = count(1)


class Pair:
    """The model and moto, with the same queues, at the same virtual time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.template = Template()
        self.scheduler = Scheduler(START)
        self.edges = Edges(self.scheduler, Random(1), NoFaults(), {})
        monkeypatch.setattr(moto_sqs, "unix_time", lambda: self.scheduler.now)
        monkeypatch.setattr(moto_sqs, "unix_time_millis", lambda: self.scheduler.now * 1000)
        self.moto = boto3.client("sqs", region_name="us-east-1")
        self.start()

    def start(self) -> None:
        """Begin with empty queues."""
        self.queues = Queues(self.template, self.scheduler, Random(1))
        self.model = SqsClient(self.queues, self.edges)
        self.urls: dict[str, str] = {}
        self.receipts: dict[str, tuple[str, str]] = {}
        run = next(_numbers)
        for about in (self.template.queues[DEAD_LETTERS], self.template.queues[QUEUE]):
            attributes: Any = {
                "VisibilityTimeout": str(about.visibility),
                "MessageRetentionPeriod": "1209600",
            }
            if about.receives:
                name = f"{about.dead_letters}-{run}"
                attributes["RedrivePolicy"] = json.dumps(
                    {
                        "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:123456789012:{name}",
                        "maxReceiveCount": about.receives,
                    }
                )
            response = self.moto.create_queue(
                QueueName=f"{about.name}-{run}", Attributes=attributes
            )
            self.urls[about.name] = response["QueueUrl"]

    def wait(self, seconds: float) -> None:
        """Let time pass; a little more, so that no two things happen at once."""
        self.scheduler.run(until=self.scheduler.now + seconds + 0.01)

    def call(self, operation: str, queue: str = QUEUE, **request: Any) -> tuple[Any, Any]:
        """Make a call of both. Returns two responses, or two error codes."""
        self.wait(0)
        found = []
        for client, url in (
            (self.model, self.template.queues[queue].url),
            (self.moto, self.urls[queue]),
        ):
            try:
                response = getattr(client, operation)(QueueUrl=url, **request)
                response.pop("ResponseMetadata")
                found.append(response)
            except ClientError as error:
                found.append(error.response["Error"]["Code"])
        return found[0], found[1]

    def receive(self, queue: str, request: Mapping[str, Any]) -> None:
        """Receive from both, and compare the messages."""
        self.wait(0)
        own = self.model.receive_message(
            QueueUrl=self.template.queues[queue].url, MaxNumberOfMessages=MOST, **request
        )
        motos = self.moto.receive_message(
            QueueUrl=self.urls[queue],
            MaxNumberOfMessages=MOST,
            MessageSystemAttributeNames=["All"],
            **request,
        )
        ours, theirs = (
            {one["Body"]: one for one in response.get("Messages", [])} for response in (own, motos)
        )
        assert ours.keys() == theirs.keys()
        for body, one in ours.items():
            other = theirs[body]
            assert one["MD5OfBody"] == other["MD5OfBody"]
            for name in (
                "ApproximateReceiveCount",
                "SentTimestamp",
                "ApproximateFirstReceiveTimestamp",
            ):
                assert one["Attributes"][name] == other["Attributes"][name], name
            self.receipts[body] = one["ReceiptHandle"], other["ReceiptHandle"]

    def change(self, operation: str, body: str, request: Mapping[str, Any]) -> None:
        """Delete a message or change its visibility, by its latest receipts."""
        if body not in self.receipts:
            return
        self.wait(0)
        own, other = self.receipts[body]
        queue = own.partition("/")[0]
        try:
            getattr(self.model, operation)(
                QueueUrl=self.template.queues[queue].url, ReceiptHandle=own, **request
            )
        except ClientError as error:
            # Not in flight: moto would take it.
            assert error.response["Error"]["Code"] == "InvalidParameterValue"
            assert operation == "change_message_visibility"
            return
        getattr(self.moto, operation)(QueueUrl=self.urls[queue], ReceiptHandle=other, **request)

    def check_numbers(self) -> None:
        """Compare the numbers of messages of both queues."""
        names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        for queue in (QUEUE, DEAD_LETTERS):
            own, other = self.call("get_queue_attributes", queue, AttributeNames=names)
            assert own == other


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    monkeypatch = pytest.MonkeyPatch()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield Pair(monkeypatch)
    monkeypatch.undo()


bodies = st.sampled_from([f"message {number}" for number in range(8)])
operations = st.one_of(
    st.tuples(st.just("send"), bodies, st.sampled_from([0, 0, 0, 5, 900])),
    st.tuples(st.just("receive"), st.sampled_from([None, None, 0, 1, 60])),
    st.tuples(st.just("receive"), st.sampled_from([None, None, 0, 1, 60])),
    st.tuples(st.just("dead letters")),
    st.tuples(st.just("delete"), bodies),
    st.tuples(st.just("change"), bodies, st.sampled_from([0, 1, 30, 400])),
    st.tuples(st.just("wait"), st.sampled_from([1, 10, 400])),
)


@settings(max_examples=20)
@given(st.lists(operations, max_size=40))
def test_queues_when_used_in_any_order_do_what_motos_do(
    pair: Pair, steps: list[tuple[Any, ...]]
) -> None:
    pair.start()
    sent: set[str] = set()
    for step in steps:
        match step:
            case ("send", body, delay) if body not in sent:
                sent.add(body)
                pair.call("send_message", MessageBody=body, DelaySeconds=delay)
            case ("receive", seconds):
                request = {} if seconds is None else {"VisibilityTimeout": seconds}
                pair.receive(QUEUE, request)
            case ("dead letters",):
                pair.receive(DEAD_LETTERS, {"VisibilityTimeout": 10})
            case ("delete", body):
                pair.change("delete_message", body, {})
            case ("change", body, seconds):
                request = {"VisibilityTimeout": seconds}
                pair.change("change_message_visibility", body, request)
            case ("wait", seconds):
                pair.wait(seconds)
        pair.check_numbers()


def test_message_when_it_fails_each_time_reaches_both_dead_letter_queues(pair: Pair) -> None:
    pair.start()
    pair.call("send_message", MessageBody="poison")
    for _ in range(pair.template.queues[QUEUE].receives or 0):
        pair.receive(QUEUE, {"VisibilityTimeout": 1})
        pair.wait(1)
    assert pair.queues.depth(DEAD_LETTERS) == 0

    pair.receive(QUEUE, {})
    pair.receive(DEAD_LETTERS, {})

    pair.check_numbers()
    assert pair.queues.bodies(DEAD_LETTERS) == ["poison"]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("send_message", {"MessageBody": "a" * (1024 * 1024 + 1)}),
        ("send_message", {"MessageBody": "a", "DelaySeconds": 901}),
        ("send_message_batch", {"Entries": []}),
        (
            "send_message_batch",
            {"Entries": [{"Id": str(one), "MessageBody": "a"} for one in range(11)]},
        ),
        ("send_message_batch", {"Entries": [{"Id": "1", "MessageBody": "a"}] * 2}),
        (
            "send_message_batch",
            {"Entries": [{"Id": str(one), "MessageBody": "a" * 600_000} for one in range(2)]},
        ),
        ("delete_message", {"ReceiptHandle": "never seen"}),
        ("change_message_visibility", {"ReceiptHandle": "never seen", "VisibilityTimeout": 1}),
    ],
    ids=[
        "large",
        "late",
        "empty batch",
        "large batch",
        "ids twice",
        "long batch",
        "delete",
        "change",
    ],
)
def test_request_when_it_is_wrong_has_motos_error_code(
    pair: Pair, operation: str, request_: dict[str, Any]
) -> None:
    pair.start()

    own, other = pair.call(operation, **request_)

    assert isinstance(own, str)
    assert own == other


def test_queue_when_it_does_not_exist_has_motos_error_code(pair: Pair) -> None:
    codes = []
    for client, url in (
        (pair.model, "https://sqs.soak/None"),
        (pair.moto, pair.urls[QUEUE] + "-none"),
    ):
        with pytest.raises(ClientError) as error:
            client.send_message(QueueUrl=url, MessageBody="a")
        codes.append(error.value.response["Error"]["Code"])

    assert codes[0] == codes[1]


def test_batches_when_some_entries_are_wrong_name_them_as_moto_does(pair: Pair) -> None:
    pair.start()
    entries = [
        {"Id": "good", "MessageBody": "a"},
        {"Id": "late", "MessageBody": "b", "DelaySeconds": 901},
    ]

    for response in pair.call("send_message_batch", Entries=entries):
        assert [one["Id"] for one in response["Successful"]] == ["good"]
        assert [(one["Id"], one["Code"], one["SenderFault"]) for one in response["Failed"]] == [
            ("late", "InvalidParameterValue", True)
        ]

    pair.receive(QUEUE, {})
    own, other = pair.receipts["a"]
    for client, url, receipt in (
        (pair.model, pair.template.queues[QUEUE].url, own),
        (pair.moto, pair.urls[QUEUE], other),
    ):
        response = client.change_message_visibility_batch(
            QueueUrl=url,
            Entries=[
                {"Id": "0", "ReceiptHandle": receipt, "VisibilityTimeout": 7},
                {"Id": "1", "ReceiptHandle": "never seen", "VisibilityTimeout": 7},
            ],
        )
        assert [one["Id"] for one in response["Successful"]] == ["0"]
        assert [(one["Id"], one["Code"]) for one in response["Failed"]] == [
            ("1", "ReceiptHandleIsInvalid")
        ]
    pair.check_numbers()
    pair.wait(8)
    pair.check_numbers()


class Buses:
    """The bus of the model and moto's, with the rules and the queues of the template."""

    def __init__(self) -> None:
        template, scheduler = Template(), Scheduler(START)
        edges = Edges(scheduler, Random(1), NoFaults(), {})
        self.queues = Queues(template, scheduler, Random(1))
        self.model = Bus(template, self.queues, edges)
        self.moto = boto3.client("events", region_name="us-east-1")
        self.sqs = boto3.client("sqs", region_name="us-east-1")
        self.moto.create_event_bus(Name="Bus")
        source = load()
        self.names = [name for name, _ in of_type(source, "AWS::SQS::Queue")]
        for name in self.names:
            self.sqs.create_queue(QueueName=name)
        for name, rule in of_type(source, "AWS::Events::Rule"):
            self.moto.put_rule(
                Name=name, EventBusName="Bus", EventPattern=json.dumps(rule["EventPattern"])
            )
            targets = [
                {
                    "Id": one["Id"],
                    "Arn": "arn:aws:sqs:us-east-1:123456789012:" + one["Arn"]["Fn::GetAtt"][0],
                }
                for one in rule["Targets"]
            ]
            self.moto.put_targets(Rule=name, EventBusName="Bus", Targets=targets)  # type: ignore[arg-type]

    def take(self) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        """Take all events from all queues of both."""
        own: dict[str, list[Any]] = {}
        other: dict[str, list[Any]] = {}
        backend: Any = moto_sqs.sqs_backends["123456789012"]["us-east-1"]
        for name in self.names:
            own[name] = [json.loads(one.body) for one in self.queues[name].take_all()]
            other[name] = [json.loads(one.body) for one in backend.queues[name]._messages]
            backend.queues[name]._messages = []
        return own, other


@pytest.fixture(scope="module")
def buses() -> Iterator[Buses]:
    monkeypatch = pytest.MonkeyPatch()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield Buses()
    monkeypatch.undo()


entries = st.builds(
    lambda kind, number, good: {
        "EventBusName": "Bus",
        "Source": kind[0],
        "DetailType": kind[1],
        "Detail": f'{{"number": {number}, "text": "é"}}' if good else "{",
        "Time": datetime.fromtimestamp(START + number, UTC),
    },
    st.sampled_from(TYPES),
    st.integers(0, 1000),
    st.sampled_from([True, True, True, False]),
)


def comparable(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What moto's envelope and the model's have in common."""
    # moto adds ingestion-time, and leaves out the account.
    return {name: event[name] for name in event if name not in {"id", "account", "ingestion-time"}}


@settings(max_examples=12)
@given(st.lists(entries, min_size=1, max_size=12))
def test_bus_when_any_events_are_put_does_what_motos_does(
    buses: Buses, given_entries: list[Any]
) -> None:
    results: list[Any] = []
    for client in (buses.model, buses.moto):
        try:
            response = client.put_events(Entries=given_entries)
            codes = [one.get("ErrorCode") for one in response["Entries"]]
            results.append((response["FailedEntryCount"], codes))
        except ClientError as error:
            results.append(error.response["Error"]["Code"])

    assert results[0] == results[1]
    own, other = buses.take()
    for name in buses.names:
        assert list(map(comparable, own[name])) == list(map(comparable, other[name])), name


@pytest.mark.parametrize(("source", "detail_type"), TYPES)
def test_bus_when_an_event_of_the_product_is_put_has_motos_targets(
    buses: Buses, source: str, detail_type: str
) -> None:
    entry: Any = {
        "EventBusName": "Bus",
        "Source": source,
        "DetailType": detail_type,
        "Detail": "{}",
    }

    buses.model.put_events(Entries=[entry])
    buses.moto.put_events(Entries=[entry])

    own, other = buses.take()
    assert {name: len(events) for name, events in own.items()} == {
        name: len(events) for name, events in other.items()
    }
