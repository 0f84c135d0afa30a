import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws

from gridwix.clients.aws.bus import MAX_BYTES, EventBridgeBus
from gridwix.errors import InvalidEvent, Throttled, Unavailable
from gridwix.models.events import Change
from tests import factories

if TYPE_CHECKING:
    from gridwix.ports import EventBus

BUS = "gridwix"
ENTRY = {
    "EventBusName": BUS,
    "Source": "gridwix.trading_grid",
    "DetailType": ANY,
    "Detail": ANY,
    "Time": factories.NOW,
}


def changes(count: int, **fields: Any) -> list[Change]:
    return [factories.change(f"evt_{number}", **fields) for number in range(count)]


def large_change(size: int) -> Change:
    """A change whose bus entry has about this many bytes."""
    return factories.change(changed=["x" * (size - 400)])


@pytest.fixture
def stubbed() -> Iterator[tuple[EventBridgeBus, Stubber]]:
    client = boto3.client(
        "events", region_name="eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    with Stubber(client) as stubber:
        yield EventBridgeBus(client, BUS), stubber
        stubber.assert_no_pending_responses()


def answer(stubber: Stubber, *codes: str) -> None:
    """Expect one PutEvents with as many entries as there are codes; "" stands for an entry that is
    accepted.
    """
    results = [
        {"ErrorCode": code, "ErrorMessage": "no"} if code else {"EventId": "1"} for code in codes
    ]
    stubber.add_response(
        "put_events",
        {"FailedEntryCount": sum(map(bool, codes)), "Entries": results},
        {"Entries": [ENTRY] * len(codes)},
    )


def test_change_arrives_at_a_rules_target_as_the_contract_says() -> None:
    change = factories.change(status={"before": "failed", "after": "passed"})
    with mock_aws():
        events, sqs = (
            boto3.client("events", region_name="eu-west-1"),
            boto3.client("sqs", region_name="eu-west-1"),
        )
        queue = sqs.create_queue(QueueName="status")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        events.create_event_bus(Name=BUS)
        events.put_rule(
            Name="status",
            EventBusName=BUS,
            EventPattern=json.dumps(
                {"source": ["gridwix.trading_grid"], "detail-type": [change.type]}
            ),
        )
        events.put_targets(Rule="status", EventBusName=BUS, Targets=[{"Id": "1", "Arn": arn}])
        bus: EventBus = EventBridgeBus(events, BUS)

        bus.put([change])

        envelope = json.loads(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    assert Change.model_validate(envelope["detail"]) == change
    assert envelope["detail"]["eventId"] == change.event_id
    assert "sequence" not in envelope["detail"]


def test_changes_go_ten_at_a_time(stubbed: tuple[EventBridgeBus, Stubber]) -> None:
    bus, stubber = stubbed
    answer(stubber, *[""] * 10)
    answer(stubber, *[""] * 10)
    answer(stubber, *[""] * 3)

    bus.put(changes(23))


def test_large_changes_go_in_calls_below_the_size_limit(
    stubbed: tuple[EventBridgeBus, Stubber],
) -> None:
    bus, stubber = stubbed
    answer(stubber, "", "")
    answer(stubber, "")

    bus.put([large_change(MAX_BYTES // 5 * 2)] * 3)


def test_change_too_large_for_the_bus_is_invalid_and_nothing_is_put(
    stubbed: tuple[EventBridgeBus, Stubber],
) -> None:
    bus, _ = stubbed

    with pytest.raises(InvalidEvent):
        bus.put([factories.change(), large_change(MAX_BYTES + 1000)])


def test_no_changes_make_no_call(stubbed: tuple[EventBridgeBus, Stubber]) -> None:
    bus, _ = stubbed

    bus.put([])


def test_refused_entries_are_put_once_more(stubbed: tuple[EventBridgeBus, Stubber]) -> None:
    bus, stubber = stubbed
    answer(stubber, "", "InternalFailure", "ThrottlingException")
    answer(stubber, "", "")

    bus.put(changes(3))


def test_entries_refused_twice_for_their_number_raise_throttled(
    stubbed: tuple[EventBridgeBus, Stubber],
) -> None:
    bus, stubber = stubbed
    answer(stubber, "ThrottlingException", "")
    answer(stubber, "ThrottlingException")

    with pytest.raises(Throttled) as raised:
        bus.put(changes(2))

    assert (raised.value.system, raised.value.vendor_code) == ("aws", "ThrottlingException")


def test_entries_refused_twice_raise_unavailable_and_the_rest_is_not_put(
    stubbed: tuple[EventBridgeBus, Stubber],
) -> None:
    bus, stubber = stubbed
    answer(stubber, *[""] * 9, "InternalFailure")
    answer(stubber, "InternalFailure")

    with pytest.raises(Unavailable):
        bus.put(changes(15))


def test_call_that_fails_as_a_whole_raises(stubbed: tuple[EventBridgeBus, Stubber]) -> None:
    bus, stubber = stubbed
    stubber.add_client_error("put_events", "InternalException", http_status_code=500)

    with pytest.raises(Unavailable):
        bus.put(changes(1))
