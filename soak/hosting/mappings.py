"""SQS event sources: Lambda's pollers, which invoke functions with batches of messages.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

from soak.cloud.messages import SqsRefusal
from soak.hosting.functions import Invocation
from soak.kernel.tasks import Scheduler

MAXIMUM_PAYLOAD = 6 * 1024 * 1024
"""Maximum size of an invocation's event, in bytes."""

_RECORD_BYTES = 700
"""Size of a record of the event without its body, in bytes."""

POLL = 0.1
"""Seconds from the arrival of a message until it is received. Others may join its batch
meanwhile.
"""

LONG_POLL = 20.0
"""Seconds until the next receive, after one that was refused because too many messages of the queue
are in flight.
"""


class Queues(Protocol):
    """The SQS calls that event sources make."""

    def receive(self, queue: str, count: int) -> list[dict[str, Any]]:
        """Receive up to ``count`` messages, as records of an event.

        Raises SqsRefusal with code OverLimit if too many messages are in flight.
        """

    def delete(self, queue: str, receipt: str) -> None:
        """Delete a received message."""

    def when_visible(self, queue: str, act: Callable[[], None]) -> None:
        """Call ``act`` once, as soon as a message can be received."""


class Invoker(Protocol):
    """The part of :class:`soak.hosting.functions.Functions` that event sources use."""

    def invoke(
        self, function: str, event: dict[str, Any], done: Callable[[Invocation], None]
    ) -> Invocation:
        """Start an invocation. ``done`` runs at its end."""


class EventSource(Protocol):
    """An event source mapping of the template. ``window`` is in seconds."""

    @property
    def function(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def window(self) -> int: ...
    @property
    def maximum_concurrency(self) -> int | None: ...
    @property
    def reports_failures(self) -> bool: ...


class Mapper:
    """Polls a queue for one event source mapping, and invokes its function with batches.

    Args:
        source: Its settings.
        folder: The function's folder.
        queues: The queues.
        functions: Runs invocations.
        scheduler: Virtual time.
    """

    def __init__(
        self,
        source: EventSource,
        folder: str,
        queues: Queues,
        functions: Invoker,
        scheduler: Scheduler,
    ) -> None:
        self.running = 0
        self.source = source
        self._folder = folder
        self._queues = queues
        self._functions = functions
        self._scheduler = scheduler
        self._most = source.maximum_concurrency or 10
        self._batch: list[dict[str, Any]] = []
        self._began = 0.0
        self._next_look: float | None = None
        self._waits = False
        self._over_limit = False

    @property
    def is_idle(self) -> bool:
        """True if no message of the queue is being handled."""
        return not self.running and not self._batch

    def look(self) -> None:
        """Receive as many messages as fit, and invoke the function for each complete batch."""
        source = self.source
        while self.running < self._most:
            if len(self._batch) < source.batch_size:
                received = self._receive()
                if received and not self._batch:
                    self._began = self._scheduler.now
                self._batch += received
            waited = self._scheduler.now - self._began
            if self._batch and (len(self._batch) >= source.batch_size or waited >= source.window):
                self._invoke(self._take_batch())
                continue
            if self._batch:
                self._look_after(source.window - waited)
            if self._over_limit:
                self._look_after(LONG_POLL)
            else:
                self._look_at_arrival()
            return
        # All are busy: the end of one of them looks again.

    def _receive(self) -> list[dict[str, Any]]:
        source, self._over_limit = self.source, False
        try:
            return self._queues.receive(source.queue, source.batch_size - len(self._batch))
        except SqsRefusal as refusal:
            if refusal.code != "OverLimit":
                raise
            # SQS answers a long poll with nothing then, and Lambda polls long.
            self._over_limit = True
            return []

    def _look_at_arrival(self) -> None:
        if not self._waits:
            self._waits = True
            self._queues.when_visible(self.source.queue, self._arrived)

    def _arrived(self) -> None:
        self._waits = False
        self._look_after(POLL)

    def _look_after(self, seconds: float) -> None:
        when = self._scheduler.now + seconds
        if self._next_look is None or when < self._next_look:
            self._next_look = when
            self._scheduler.at(when, lambda: self._look_as_planned(when))

    def _look_as_planned(self, when: float) -> None:
        # An earlier look may have taken its place.
        if self._next_look == when:
            self._next_look = None
            self.look()

    def _take_batch(self) -> list[dict[str, Any]]:
        """Return the messages that fit into one event. The others start the next batch."""
        size = 0
        for number, record in enumerate(self._batch):
            size += len(record["body"]) + _RECORD_BYTES
            if number and size > MAXIMUM_PAYLOAD:
                batch, self._batch = self._batch[:number], self._batch[number:]
                return batch
        batch, self._batch = self._batch, []
        return batch

    def _invoke(self, batch: list[dict[str, Any]]) -> None:
        self.running += 1
        self._functions.invoke(self._folder, {"Records": batch}, partial(self._end, batch))

    def _end(self, batch: list[dict[str, Any]], invocation: Invocation) -> None:
        """Delete the messages that were handled. Failed ones become visible after the visibility
        timeout.
        """
        self.running -= 1
        self._look_after(0.0)
        if invocation.error is not None:
            return
        failed = (
            failed_messages(batch, invocation.response)
            if self.source.reports_failures
            else frozenset()
        )
        for record in batch:
            if record["messageId"] not in failed:
                self._queues.delete(self.source.queue, record["receiptHandle"])


class Mappings:
    """All event source mappings of the stack.

    Args:
        sources: Their settings; ``function`` is a key of ``folders``.
        folders: The functions' folders.
        queues: The queues.
        functions: Runs invocations.
        scheduler: Virtual time.
    """

    def __init__(
        self,
        sources: Iterable[EventSource],
        folders: Mapping[str, str],
        queues: Queues,
        functions: Invoker,
        scheduler: Scheduler,
    ) -> None:
        self.by_function = {
            folders[one.function]: Mapper(one, folders[one.function], queues, functions, scheduler)
            for one in sources
        }

    @property
    def are_idle(self) -> bool:
        """True if no message of any queue is being handled."""
        return all(mapper.is_idle for mapper in self.by_function.values())

    def start(self) -> None:
        """Start to poll all queues."""
        for mapper in self.by_function.values():
            mapper.look()


def failed_messages(batch: Iterable[Mapping[str, Any]], response: Any) -> frozenset[str]:
    """Return the ids of the messages that a response gives back to the queue, as Lambda reads it.

    None of them for an empty response; all of them for one that Lambda cannot read, or that names
    a message that is not of the batch.

    >>> batch = [{"messageId": "a"}, {"messageId": "b"}]
    >>> failed_messages(batch, {"batchItemFailures": [{"itemIdentifier": "b"}]})
    frozenset({'b'})
    >>> sorted(failed_messages(batch, {"batchItemFailures": [{"itemIdentifier": "c"}]}))
    ['a', 'b']
    """
    identifiers = frozenset(record["messageId"] for record in batch)
    failures = response.get("batchItemFailures") if isinstance(response, dict) else None
    if not failures:
        return frozenset()
    try:
        failed = frozenset(failure["itemIdentifier"] for failure in failures)
    except (KeyError, TypeError):
        return identifiers
    if failed <= identifiers:
        return failed
    return identifiers
