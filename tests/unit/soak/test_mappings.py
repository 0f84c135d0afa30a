"""Event source mappings of the soak test: batches, windows, concurrency, and what is deleted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from soak.cloud.messages import SqsRefusal
from soak.hosting.functions import Invocation
from soak.hosting.mappings import LONG_POLL, MAXIMUM_PAYLOAD, Mapper, failed_messages
from soak.kernel.tasks import Killed, Scheduler


@dataclass(frozen=True)
class Source:
    """An event source."""

    batch_size: int = 3
    window: int = 0
    maximum_concurrency: int | None = 2
    reports_failures: bool = True
    function: str = "Function"
    queue: str = "Queue"


@dataclass
class OneQueue:
    """A queue whose messages stay hidden after a receive. ``refusal``: of a receive."""

    refusal: SqsRefusal | None = None
    visible: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def send(self, *bodies: str) -> None:
        for body in bodies:
            name = f"m{len(self.visible)}-{body[:3]}"
            self.visible.append({"messageId": name, "receiptHandle": name, "body": body})
        waiting, self.waiting = self.waiting, []
        for act in waiting:
            act()

    def receive(self, queue: str, count: int) -> list[dict[str, Any]]:
        if self.refusal is not None:
            raise self.refusal
        taken, self.visible = self.visible[:count], self.visible[count:]
        return taken

    def delete(self, queue: str, receipt: str) -> None:
        self.deleted.append(receipt)

    def when_visible(self, queue: str, act: Callable[[], None]) -> None:
        if self.visible:
            act()
        else:
            self.waiting.append(act)


class Bench:
    """A mapping over a queue, and invocations that end when a test says so."""

    def __init__(self, source: Source) -> None:
        self.scheduler = Scheduler(0.0)
        self.queue = OneQueue()
        self.begun: list[tuple[float, list[str], Callable[..., None]]] = []
        self.mapper = Mapper(source, "function", self.queue, self, self.scheduler)

    def invoke(
        self, function: str, event: dict[str, Any], done: Callable[[Invocation], None]
    ) -> Invocation:
        invocation = Invocation(function, event, None)  # type: ignore[arg-type]

        def end(response: Any = None, error: BaseException | None = None) -> None:
            invocation.response, invocation.error = response, error
            done(invocation)

        bodies = [record["body"] for record in event["Records"]]
        self.begun.append((self.scheduler.now, bodies, end))
        return invocation

    def run(self, seconds: float) -> None:
        self.scheduler.run(self.scheduler.now + seconds)

    @property
    def batches(self) -> list[list[str]]:
        return [bodies for _, bodies, _ in self.begun]


def test_messages_are_given_in_batches_while_the_concurrency_allows() -> None:
    bench = Bench(Source())
    bench.mapper.look()

    bench.queue.send(*"abcdefgh")
    bench.run(10)
    assert bench.batches == [["a", "b", "c"], ["d", "e", "f"]]
    bench.begun[0][2]()
    bench.run(1)

    assert bench.batches[2:] == [["g", "h"]]


def test_messages_when_too_many_are_in_flight_are_received_after_a_long_poll() -> None:
    bench = Bench(Source())
    bench.queue.refusal = SqsRefusal("OverLimit", "Too many messages in flight.")
    bench.mapper.look()
    bench.queue.send(*"abc")

    bench.run(LONG_POLL - 1)
    before = bench.batches
    bench.queue.refusal = None
    bench.run(2)

    assert before == []
    assert bench.batches == [["a", "b", "c"]]


def test_batch_that_has_begun_when_too_many_are_in_flight_waits_for_its_window_only() -> None:
    bench = Bench(Source(window=5))
    bench.mapper.look()
    bench.queue.send("a")
    bench.run(1)

    bench.queue.refusal = SqsRefusal("OverLimit", "Too many messages in flight.")
    bench.run(5)

    assert bench.batches == [["a"]]


def test_messages_when_sqs_refuses_for_another_reason_are_an_error_of_the_test() -> None:
    bench = Bench(Source())
    bench.queue.refusal = SqsRefusal("QueueDoesNotExist", "The specified queue does not exist.")

    with pytest.raises(SqsRefusal, match="does not exist"):
        bench.mapper.look()


def test_batch_when_it_is_not_full_waits_for_its_window() -> None:
    bench = Bench(Source(window=5))
    bench.mapper.look()

    bench.queue.send("a")
    bench.run(2)
    bench.queue.send("b")
    bench.run(10)

    ((at, bodies, _),) = bench.begun
    assert bodies == ["a", "b"]
    assert 5 <= at < 5.5


def test_batch_when_it_is_full_does_not_wait() -> None:
    bench = Bench(Source(window=5))
    bench.mapper.look()

    bench.queue.send(*"abc")
    bench.run(1)

    assert bench.batches == [["a", "b", "c"]]


def test_batch_when_it_would_be_too_large_for_an_event_is_cut() -> None:
    bench = Bench(Source(maximum_concurrency=9))
    bench.mapper.look()

    bench.queue.send(*(name * (MAXIMUM_PAYLOAD // 2) for name in "abc"))
    bench.run(1)

    assert [[body[0] for body in batch] for batch in bench.batches] == [["a"], ["b"], ["c"]]


@pytest.mark.parametrize(
    ("response", "kept"),
    [
        (None, []),
        ({}, []),
        ({"batchItemFailures": []}, []),
        ({"batchItemFailures": None}, []),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, ["b"]),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, ["a", "b"]),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, ["a", "b"]),
        ({"batchItemFailures": [{"identifier": "b"}]}, ["a", "b"]),
        ({"batchItemFailures": [{"itemIdentifier": "other"}]}, ["a", "b"]),
    ],
)
def test_response_is_read_as_lambda_reads_it(response: Any, kept: list[str]) -> None:
    batch = [{"messageId": name} for name in "ab"]

    assert sorted(failed_messages(batch, response)) == kept


@pytest.mark.parametrize("error", [ValueError("bug"), Killed()])
def test_messages_when_their_invocation_failed_are_not_deleted(error: BaseException) -> None:
    bench = Bench(Source())
    bench.mapper.look()
    bench.queue.send("a", "b")
    bench.run(1)

    bench.begun[0][2](error=error)

    assert bench.queue.deleted == []
    assert bench.mapper.is_idle


def test_messages_that_did_not_fail_are_deleted_and_all_without_partial_responses() -> None:
    for reports, expected in ((True, ["m0-a"]), (False, ["m0-a", "m1-b"])):
        bench = Bench(Source(reports_failures=reports))
        bench.mapper.look()
        bench.queue.send("a", "b")
        bench.run(1)

        bench.begun[0][2](response={"batchItemFailures": [{"itemIdentifier": "m1-b"}]})

        assert bench.queue.deleted == expected
