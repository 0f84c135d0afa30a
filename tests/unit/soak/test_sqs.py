"""SQS behind boto's client: what each fault does, and botocore's own repetitions."""

from functools import partial
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from gridwix.clients.aws.queue import SqsRedelivery
from gridwix.clients.aws.ring_queue import RingQueue
from gridwix.errors import Throttled, Unavailable
from soak.cloud.sqs import SqsClient
from soak.kernel.edges import Fault
from soak.kernel.tasks import Killed
from tests.unit.soak.cloud_world import QUEUE, START, URL, CloudWorld

ONCE_MORE = [Fault.SLOW, Fault.THROTTLED, Fault.SERVER_ERROR, Fault.NOT_CONNECTED]
TWICE = [Fault.ANSWER_LOST, Fault.RESET_AFTER, Fault.LATE]


def client(world: CloudWorld) -> SqsClient:
    return SqsClient(world.queues, world.edges)


@pytest.mark.parametrize("fault", [*ONCE_MORE, Fault.REQUEST_LOST, Fault.RESET_BEFORE, *TWICE])
def test_send_when_one_attempt_fails_is_repeated_and_may_double_the_message(fault: Fault) -> None:
    world = CloudWorld([("sqs", fault)])
    sqs = client(world)

    response = world.run(lambda: sqs.send_message(QueueUrl=URL, MessageBody="a"))

    assert world.queues.bodies(QUEUE) == ["a"] * (2 if fault in TWICE else 1)
    assert response["MessageId"]
    metadata = response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["RetryAttempts"] == (0 if fault is Fault.SLOW else 1)


@pytest.mark.parametrize(
    ("fault", "error", "sent"),
    [
        (Fault.NOT_CONNECTED, EndpointConnectionError, 0),
        (Fault.RESET_BEFORE, ConnectionClosedError, 0),
        (Fault.RESET_AFTER, ConnectionClosedError, 3),
        (Fault.REQUEST_LOST, ReadTimeoutError, 0),
        (Fault.ANSWER_LOST, ReadTimeoutError, 3),
        (Fault.LATE, ReadTimeoutError, 3),
    ],
)
def test_send_when_all_attempts_fail_raises_what_botocore_raises(
    fault: Fault, error: type[Exception], sent: int
) -> None:
    world = CloudWorld([("sqs", fault)] * 3)
    sqs = client(world)

    with pytest.raises(error):
        world.run(lambda: sqs.send_message(QueueUrl=URL, MessageBody="a"))

    assert len(world.queues.bodies(QUEUE)) == sent


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [(Fault.THROTTLED, "RequestThrottled", 400), (Fault.SERVER_ERROR, "InternalFailure", 500)],
)
def test_send_when_all_attempts_are_refused_raises_the_error_response(
    fault: Fault, code: str, status: int
) -> None:
    world = CloudWorld([("sqs", fault)] * 3)
    sqs = client(world)

    with pytest.raises(ClientError) as error:
        world.run(lambda: sqs.send_message(QueueUrl=URL, MessageBody="a"))

    response: Any = error.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert response["ResponseMetadata"]["MaxAttemptsReached"] is True
    assert world.edges.calls["sqs", "SendMessage"] == 3


@pytest.mark.parametrize(("fault", "sent"), [(Fault.KILLED_BEFORE, 0), (Fault.KILLED_AFTER, 1)])
def test_send_when_the_worker_is_killed_is_not_repeated(fault: Fault, sent: int) -> None:
    world = CloudWorld([("sqs", fault)])
    sqs = client(world)

    with pytest.raises(Killed):
        world.run(lambda: sqs.send_message(QueueUrl=URL, MessageBody="a"))

    assert len(world.queues.bodies(QUEUE)) == sent


def test_send_when_lost_waits_for_five_seconds_before_it_is_repeated() -> None:
    world = CloudWorld([("sqs", Fault.REQUEST_LOST)])
    sqs = client(world)

    world.run(lambda: sqs.send_message(QueueUrl=URL, MessageBody="a"))

    assert 5.0 < world.scheduler.now - START < 5.2


def test_send_when_throttled_pauses_for_up_to_a_second_and_then_two() -> None:
    pauses = []
    for seed in range(20):
        world = CloudWorld([("sqs", Fault.THROTTLED)] * 2, seed=seed)
        sqs = client(world)
        world.run(partial(sqs.send_message, QueueUrl=URL, MessageBody="a"))
        pauses.append(world.scheduler.now - START)

    assert 2.0 < max(pauses) < 3.1
    assert min(pauses) < 1.0


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"MessageBody": ""}, "MissingParameter"),
        ({"MessageBody": "é" * 600_000}, "InvalidParameterValue"),
        ({"MessageBody": "\x00"}, "InvalidMessageContents"),
        ({"MessageBody": "\uffff"}, "InvalidMessageContents"),
        ({"MessageBody": "a", "DelaySeconds": 901}, "InvalidParameterValue"),
        (
            {"MessageBody": "a", "QueueUrl": "https://sqs.soak/None"},
            "AWS.SimpleQueueService.NonExistentQueue",
        ),
    ],
    ids=["empty", "too large", "control character", "no character", "too late", "no queue"],
)
def test_send_when_the_request_is_wrong_is_refused_once(
    request_: dict[str, Any], code: str
) -> None:
    world = CloudWorld()
    sqs = client(world)

    with pytest.raises(ClientError) as error:
        world.run(lambda: sqs.send_message(**{"QueueUrl": URL, **request_}))

    assert error.value.response["Error"]["Code"] == code
    assert world.edges.calls["sqs", "SendMessage"] == 1


def test_send_when_the_body_has_all_that_json_can_have_is_taken() -> None:
    world = CloudWorld()
    body = "\t\r\n é 😀 " + "x" * 1000

    client(world).send_message(QueueUrl=URL, MessageBody=body, DelaySeconds=900)

    assert world.queues.bodies(QUEUE) == [body]


def test_batch_when_it_fails_in_part_names_the_entries_that_failed() -> None:
    world = CloudWorld([("sqs", Fault.PARTIAL)])
    sqs = client(world)
    entries = [{"Id": str(number), "MessageBody": str(number)} for number in range(10)]

    response = world.run(lambda: sqs.send_message_batch(QueueUrl=URL, Entries=entries))

    failed = [one["Id"] for one in response["Failed"]]
    assert failed[0] == "0"
    assert 1 < len(failed) < 10
    assert response["Failed"][0]["SenderFault"] is False
    assert world.queues.bodies(QUEUE) == [one["Id"] for one in response["Successful"]]
    assert sorted(failed + world.queues.bodies(QUEUE)) == [str(number) for number in range(10)]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([{"Id": "1", "MessageBody": "a"}] * 2, "BatchEntryIdsNotDistinct"),
        (
            [{"Id": str(number), "MessageBody": "a"} for number in range(11)],
            "TooManyEntriesInBatchRequest",
        ),
        (
            [{"Id": str(number), "MessageBody": "a" * 600_000} for number in range(2)],
            "BatchRequestTooLong",
        ),
    ],
    ids=["empty", "twice", "too many", "too long"],
)
def test_batch_when_the_request_is_wrong_is_refused(
    entries: list[dict[str, Any]], code: str
) -> None:
    sqs = client(CloudWorld())

    with pytest.raises(ClientError) as error:
        sqs.send_message_batch(QueueUrl=URL, Entries=entries)

    assert error.value.response["Error"]["Code"] == f"AWS.SimpleQueueService.{code}"


def test_attributes_when_asked_are_the_numbers_of_messages() -> None:
    world = CloudWorld()
    for delay in (0, 0, 0, 10):
        world.queues.send(QUEUE, "a", delay)
    world.receive(1)

    attributes = client(world).get_queue_attributes(QueueUrl=URL, AttributeNames=["All"])

    assert attributes["Attributes"] == {
        "ApproximateNumberOfMessages": "2",
        "ApproximateNumberOfMessagesNotVisible": "1",
        "ApproximateNumberOfMessagesDelayed": "1",
        "QueueArn": f"arn:aws:sqs:us-east-1:000000000000:{QUEUE}",
        "VisibilityTimeout": "365",
        "MessageRetentionPeriod": "1209600",
    }


def test_products_redelivery_when_it_defers_changes_the_visibility() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "a")
    (record,) = world.queues.receive(QUEUE, 1)
    sqs: Any = client(world)

    SqsRedelivery(sqs, URL).defer({record["receiptHandle"]: 9.5, f"{QUEUE}/99/1": 1})
    world.wait(9)
    assert world.receive() == []
    world.wait(1)

    assert world.receive() == ["a"]


@pytest.mark.parametrize(
    ("fault", "kind", "ambiguous"),
    [
        (Fault.THROTTLED, Throttled, None),
        (Fault.SERVER_ERROR, Unavailable, False),
        (Fault.NOT_CONNECTED, Unavailable, False),
        (Fault.REQUEST_LOST, Unavailable, True),
        (Fault.RESET_AFTER, Unavailable, True),
    ],
)
def test_products_ring_queue_when_the_call_fails_raises_its_own_error(
    fault: Fault, kind: type[Exception], ambiguous: bool | None
) -> None:
    world = CloudWorld([("sqs", fault)] * 3)
    sqs: Any = client(world)

    def send() -> None:
        RingQueue(sqs, URL).send("issues", ["GC1"])

    with pytest.raises(kind) as error:
        world.run(send)

    assert getattr(error.value, "ambiguous", None) is ambiguous


def test_calls_when_made_in_turn_do_what_lambda_does() -> None:
    world = CloudWorld()
    sqs = client(world)

    def job() -> list[str]:
        sqs.send_message(QueueUrl=URL, MessageBody="a")
        (message,) = sqs.receive_message(QueueUrl=URL)["Messages"]
        receipt = message["ReceiptHandle"]
        sqs.change_message_visibility(QueueUrl=URL, ReceiptHandle=receipt, VisibilityTimeout=0)
        (again,) = sqs.receive_message(QueueUrl=URL, VisibilityTimeout=60)["Messages"]
        sqs.delete_message(QueueUrl=URL, ReceiptHandle=again["ReceiptHandle"])
        assert "Messages" not in sqs.receive_message(QueueUrl=URL)
        return [message["Body"], again["Attributes"]["ApproximateReceiveCount"]]

    assert world.run(job) == ["a", "2"]
    assert world.queues.depth(QUEUE) == 0
