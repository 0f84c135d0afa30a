"""The bell: what it puts into the queue, and that it never fails a write."""

import json
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from gridwix.clients.aws.ring_queue import MAX_READERS, RingQueue
from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import OPEN_ISSUES, PORTAL_CHANGES
from gridwix.runtime.observability import metrics
from gridwix.runtime.portal_bell import QueueBell
from tests.log_lines import lines_named

MAX_MESSAGE_BYTES = 256 * 1024
"""Limit of SQS."""


class Queue:
    """SQS, as far as the bell needs it. ``broken`` refuses every message."""

    def __init__(self, *, broken: bool = False) -> None:
        self.messages: list[str] = []
        self.broken = broken

    def send_message(self, **message: Any) -> None:
        if self.broken:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "SendMessage")
        assert message["QueueUrl"] == "https://queue.example"
        self.messages.append(message["MessageBody"])

    def bell(self) -> QueueBell:
        return QueueBell(RingQueue(cast("Any", self), "https://queue.example"))


def test_change_is_queued_as_its_section_for_each_reader() -> None:
    queue = Queue()

    queue.bell().ring(OPEN_ISSUES, frozenset({"GC2", "GC1"}))

    (message,) = queue.messages
    assert json.loads(message) == {"changes": {"GC1": ["issues"], "GC2": ["issues"]}}


def test_many_readers_are_several_messages_far_below_the_limit_of_the_queue() -> None:
    queue = Queue()
    readers = frozenset(f"{number:050}" for number in range(2 * MAX_READERS + 1))

    queue.bell().ring(OPEN_ISSUES, readers)

    told = [json.loads(message)["changes"] for message in queue.messages]
    assert [len(one) for one in told] == [MAX_READERS, MAX_READERS, 1]
    assert {reader for one in told for reader in one} == readers
    assert all(len(message.encode()) < MAX_MESSAGE_BYTES / 4 for message in queue.messages)


@pytest.mark.parametrize(
    ("collection", "audience"),
    [
        (PORTAL_CHANGES, frozenset({"GC1"})),
        (CollectionId("Own"), frozenset({"GC1"})),
        (OPEN_ISSUES, frozenset()),
    ],
)
def test_what_no_page_shows_is_not_queued(
    collection: CollectionId, audience: frozenset[str]
) -> None:
    queue = Queue()

    queue.bell().ring(collection, audience)

    assert queue.messages == []


def test_queue_that_refuses_is_logged_and_counted_and_raises_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    metrics.clear_metrics()

    Queue(broken=True).bell().ring(OPEN_ISSUES, frozenset({"GC1"}))

    (line,) = lines_named(caplog, "ring_not_queued")
    assert (line["code"], "GC1" in caplog.text) == ("upstream_forbidden", False)
    assert list(metrics.metric_set) == ["RingsNotQueued"]
    metrics.clear_metrics()
