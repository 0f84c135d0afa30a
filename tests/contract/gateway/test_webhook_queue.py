"""Messages that wake senders, in the stand-in of SQS."""

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from gridwix_gateway.webhooks.queue import SqsWaker, woken_endpoint


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with mock_aws():
        yield botocore.session.get_session().create_client("sqs")


def test_messages_name_whom_they_wake(client: Any) -> None:
    url = client.create_queue(QueueName="wakes")["QueueUrl"]
    errors: list[str] = []
    waker = SqsWaker(lambda: client, url, errors.append)

    waker.wake_senders()
    waker.wake_sender("whe_1", 0.0)

    messages = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    woken = [woken_endpoint({"body": message["Body"]}) for message in messages]
    assert (sorted(woken), errors) == (["all", "whe_1"], [])


@pytest.mark.parametrize(("delay", "seconds"), [(0.1, 1), (5.0, 5), (5_000.0, 900)])
def test_delay_is_rounded_up_and_bounded(
    client: Any, monkeypatch: pytest.MonkeyPatch, delay: float, seconds: int
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(client, "send_message", lambda **arguments: sent.append(arguments))

    SqsWaker(lambda: client, "url", pytest.fail).wake_sender("whe_1", delay)

    assert [each["DelaySeconds"] for each in sent] == [seconds]


def test_message_that_cannot_be_sent_is_reported_and_stops_nobody(client: Any) -> None:
    errors: list[str] = []

    SqsWaker(
        lambda: client, "https://sqs.us-east-1.amazonaws.com/1/gone", errors.append
    ).wake_senders()

    assert errors == ["QueueDoesNotExist"]
