"""The queue runner: processes an SQS batch in one run and returns a partial batch response.

Each queue-triggered function has a subclass of :class:`QueueRunner` in its ``queue.py``. The
subclass defines the message body, the run, and the metrics; the order of the steps and every rule
about retries are here, once:

1. Parse the messages. A malformed one fails alone and reaches the dead-letter queue. Then a
   function with a configuration loads the version in effect, for the whole batch.
2. Run the use case. A :class:`GridwixError` that it raises fails every message of the batch.
3. Report: drop refused credentials, remember a call budget that is used up, emit metrics, store
   record faults.
4. Defer: failed messages become visible again after a backoff.
5. Write the journal: the result of each message, and its reason.
6. Return ``batchItemFailures``.
"""

import random
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from gridwix.errors import GridwixError, InvalidEvent, UpstreamError
from gridwix.models.journal import JournalEntry
from gridwix.ports import Clock, Journal
from gridwix.runtime.closed_budget import closed_budget
from gridwix.runtime.correlation import begin_correlation
from gridwix.runtime.environment import forget_credentials_after, prepare_batch
from gridwix.runtime.journal_entries import MessageAttempt, attempt_entry, log_received, trace_of
from gridwix.runtime.observability import (
    count,
    count_by_reason,
    count_unknown_values,
    log_fields,
    logger,
)
from gridwix.runtime.record_faults import report_record_faults
from gridwix.runtime.refused_items import refused_items

SYSTEM_CLOCK: Clock = time.time
"""The machine's clock, in Unix seconds. ``queue.py`` of a function may not import ``time`` itself.
"""

MAX_DELAY = 900.0
"""Upper bound of the backoff of a failed message, in seconds."""


class Envelope[Detail](BaseModel):
    """An EventBridge event as a rule puts it into a queue. Only its ``detail`` is read.

    Source: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """

    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="ignore"
    )

    detail: Detail


class ScheduledEnvelope[Detail](BaseModel):
    """An EventBridge event in a queue (:class:`Envelope`), or the message of a schedule.

    The message of a schedule has no ``detail``: it is None.
    """

    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="ignore"
    )

    detail: Detail | None = None


class Redelivery(Protocol):
    """Sets when failed messages become visible again."""

    def defer(self, delays: Mapping[str, float]) -> None:
        """Set the visibility timeouts of failed messages. Raises UpstreamError.

        ``delays`` has the seconds until a message becomes visible again, by receipt handle.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Message[Body]:
    """One SQS message: the record that Lambda passed in, and its parsed body."""

    record: Mapping[str, Any]
    body: Body

    @property
    def id(self) -> str:
        """The SQS message id: the same at each redelivery, new if the message is sent again."""
        return str(self.record["messageId"])

    @property
    def receipt_handle(self) -> str:
        """The SQS handle of this delivery, by which its visibility timeout is set."""
        return str(self.record["receiptHandle"])

    @property
    def receives(self) -> int:
        """Number of deliveries so far, this one included."""
        return int(self.record["attributes"]["ApproximateReceiveCount"])

    @property
    def sent(self) -> datetime:
        """Time at which the message was first sent, in UTC; the same at each delivery."""
        return datetime.fromtimestamp(int(self.record["attributes"]["SentTimestamp"]) / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Batch[Body]:
    """The messages of one invocation.

    ``malformed`` has the error of each message with a body that cannot be parsed, by message id.
    """

    messages: Sequence[Message[Body]]
    malformed: Mapping[str, InvalidEvent]

    @property
    def bodies(self) -> list[Body]:
        """The bodies, in the order of the messages."""
        return [message.body for message in self.messages]


class QueueRunner[Body, Report](ABC):
    """Runs one use case on SQS batches, with retries, backoff, metrics and journal.

    Subclasses define the message body, the run, its failures and its metrics.

    Args:
        redelivery: Sets backoffs; None leaves failed messages to the queue's visibility timeout.
        jitter: Returns a random number from 0 to 1, which spreads the backoffs.
        clock: Returns Unix seconds.
    """

    def __init__(
        self,
        redelivery: Callable[[], Redelivery] | None,
        jitter: Callable[[], float] = random.random,  # noqa: S311 - no secret
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._redelivery = redelivery
        self._jitter = jitter
        self._clock = clock

    @abstractmethod
    def parse(self, body: str) -> Body:
        """Parse a message body. Raises pydantic's ValidationError."""

    @abstractmethod
    def run(self, batch: Batch[Body]) -> Report:
        """Run the use case once for the whole batch.

        Raises GridwixError if the run failed as a whole.
        """

    @abstractmethod
    def empty_report(self) -> Report:
        """Return the report of a run that did nothing, for metrics after :meth:`run` has raised."""

    @abstractmethod
    def failures(self, report: Report, batch: Batch[Body]) -> Mapping[str, GridwixError]:
        """Return the error of each failed message, by message id."""

    def failures_of_all(
        self, error: GridwixError, batch: Batch[Body]
    ) -> Mapping[str, GridwixError]:
        """Return the error of each failed message after :meth:`run` has raised ``error``.

        All messages fail. A subclass may leave out messages that need no retry, because a schedule
        will send the same message again.
        """
        return dict.fromkeys((message.id for message in batch.messages), error)

    @abstractmethod
    def emit_metrics(
        self, report: Report, batch: Batch[Body], failures: Mapping[str, GridwixError]
    ) -> None:
        """Emit the log lines and metrics of a run.

        ``failures``: as :meth:`failures` returned them.
        """

    def errors(self, report: Report) -> Iterable[GridwixError]:
        """Return errors of a run that made no message fail, but have to be reported.

        They name a faulty record or refused credentials.
        """
        del report
        return ()

    def returned(self, failures: Mapping[str, GridwixError], batch: Batch[Body]) -> Iterable[str]:
        """Return the ids of the failed messages that go back to the queue to be retried.

        These are all failed messages, unless a subclass drops some.
        """
        del batch
        return failures

    def rows(self, report: Report, message: Message[Body]) -> Mapping[str, str]:
        """Return what the run did with each portal row that a message concerns, for the journal.

        The journal is the stored record of each attempt to process a message. Maps the row's name,
        ``collection#item``, to a result such as ``written`` or ``deferred:row_held``. Empty unless
        a subclass overrides this method.
        """
        del report, message
        return {}

    def entries(
        self, report: Report, batch: Batch[Body], attempts: Mapping[str, MessageAttempt]
    ) -> Iterable[JournalEntry]:
        """Return the journal's entries of a run: one per message, unless a subclass adds others.

        ``attempts``: the result of each message's attempt, by message id.
        """
        for message in batch.messages:
            rows = self.rows(report, message)
            entry = attempt_entry(message.body, attempts[message.id], rows)
            if entry is not None:
                yield entry

    def process(
        self, event: Mapping[str, Any], journal: Callable[[], Journal] | None = None
    ) -> dict[str, list[dict[str, str]]]:
        """Handle an SQS event and return the partial batch response.

        ``journal`` builds the journal in which the results are written; None writes no journal.
        """
        batch = parse_batch(event, self.parse)
        request_id = begin_correlation(map(trace_of, batch.bodies))
        prepare_batch()
        log_received(batch.bodies)
        try:
            report = self.run(batch)
            failures = self.failures(report, batch)
        except GridwixError as error:
            report, failures = self.empty_report(), self.failures_of_all(error, batch)
            _report_failed_run(error, failures)
        errors = [*self.errors(report), *failures.values()]
        forget_credentials_after(errors)
        closed_budget.note(errors, self._clock())
        self.emit_metrics(report, batch, failures)
        report_record_faults(errors, refused_items)
        returned = frozenset(self.returned(failures, batch))
        delays = {
            message: retry_delay(failures[message.id], message.receives, self._jitter())
            for message in batch.messages
            if message.id in returned and self._redelivery is not None
        }
        self._defer(delays)
        if journal is not None:
            waits = {message.id: delay for message, delay in delays.items()}
            attempts = {
                message.id: MessageAttempt(
                    **_delivery_facts(message.record),
                    ended_at=self._clock(),
                    error=failures.get(message.id),
                    wait=waits.get(message.id),
                    request_id=request_id,
                )
                for message in batch.messages
            }
            _write_journal(journal, self.entries(report, batch, attempts))
        identifiers = [
            *batch.malformed,
            *(message.id for message in batch.messages if message.id in returned),
        ]
        return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}

    def _defer(self, delays: Mapping[Message[Body], float]) -> None:
        if self._redelivery is None or not delays:
            return
        try:
            self._redelivery().defer(
                {message.receipt_handle: delay for message, delay in delays.items()}
            )
        except UpstreamError as error:
            # The messages are redelivered after the queue's visibility timeout: late, but what was
            # done stays done.
            logger.warning(
                "redelivery_not_set", extra={"messages": len(delays), **log_fields(error)}
            )


def _report_failed_run(error: GridwixError, failures: Mapping[str, GridwixError]) -> None:
    """Count a run that failed as a whole; log its error if it made no message fail.

    The errors of failed messages are logged elsewhere. But a subclass may let no message fail after
    a failed run, if a schedule sends the message again.
    """
    count("RunsFailed")
    if not failures:
        logger.error("run_failed", extra=log_fields(error))


def _delivery_facts(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the number and the time of a message's delivery, for the journal.

    If SQS does not give them, the number is 1 and the time None.
    """
    attributes = record.get("attributes", {})
    sent = attributes.get("SentTimestamp")
    return {
        "number": int(attributes.get("ApproximateReceiveCount", 1)),
        "queued_at": None if sent is None else int(sent) / 1000,
    }


def _write_journal(journal: Callable[[], Journal], entries: Iterable[JournalEntry]) -> None:
    try:
        # Most runs of a schedule find nothing to do, and then the journal is not even built.
        if found := list(entries):
            journal().add(found)
    except GridwixError as error:
        # Nothing reads the journal but people, so a gap in it must not repeat work.
        logger.warning("journal_not_written", extra=log_fields(error))


def parse_batch[Body](event: Mapping[str, Any], parse: Callable[[str], Body]) -> Batch[Body]:
    """Parse the records of an SQS event to messages.

    Messages that cannot be parsed are in ``malformed``; their errors name fields of the JSON, never
    content.
    """
    messages: list[Message[Body]] = []
    malformed: dict[str, InvalidEvent] = {}
    for record in event["Records"]:
        try:
            messages.append(Message(record, parse(record["body"])))
        except ValidationError as error:
            faults = error.errors(include_input=False, include_context=False, include_url=False)
            members = sorted({".".join(map(str, fault["loc"])) for fault in faults})
            malformed[record["messageId"]] = InvalidEvent(
                "; ".join(filter(None, members)) or "body"
            )
    return Batch(messages, malformed)


def retry_delay(error: GridwixError, receives: int, jitter: float) -> float:
    """Return the seconds until the next delivery of a message that failed for ``error``.

    >>> from gridwix.errors import RowPaced
    >>> retry_delay(RowPaced(wait=0.4), receives=5, jitter=1.0)
    0.4

    Args:
        error: Why the message failed.
        receives: The number of the message's deliveries so far.
        jitter: From 0 to 1, as in :func:`redelivery_backoff`.
    """
    if error.exact_wait and error.wait is not None:
        return error.wait
    return redelivery_backoff(receives, error.wait, jitter)


def redelivery_backoff(receives: int, wait: float | None, jitter: float) -> float:
    """Return the seconds until the next delivery of a failed message.

    That is ``wait`` if the other system asked for it and it is longer, else an exponential backoff.
    ``jitter`` (0 to 1) adds up to a quarter. Never more than ``MAX_DELAY``.

    >>> redelivery_backoff(receives=3, wait=None, jitter=0.0)
    8.0
    >>> redelivery_backoff(receives=3, wait=42, jitter=1.0)
    52.5
    """
    return min(MAX_DELAY, max(wait or 0.0, 2.0 ** min(receives, 10)) * (1 + jitter / 4))


def emit_queue_metrics[Body](
    batch: Batch[Body],
    failures: Mapping[str, GridwixError],
    unknown: Mapping[str, int],
    calls: Iterable[GridwixError] = (),
) -> Mapping[str, int]:
    """Emit the metrics that all queues share; return the number of failed messages by reason.

    Args:
        batch: The messages, and the malformed ones.
        failures: The error of each failed message, by message id.
        unknown: Number of occurrences of each coded value for which the configuration has no label
            (a text for people), by ``field=value``.
        calls: Errors of the run beside those in ``failures``. Each upstream error among both is
            logged once.
    """
    count("MessagesMalformed", len(batch.malformed))
    reasons = Counter(error.code for error in failures.values())
    for reason, messages in reasons.items():
        count_by_reason("MessagesDeferred", reason, messages)
    count_unknown_values(unknown)
    for error in dict.fromkeys([*calls, *failures.values()]):
        if isinstance(error, UpstreamError):
            logger.warning("call_failed", extra=log_fields(error))
    for identifier, invalid in batch.malformed.items():
        logger.error("message_malformed", extra={"message_id": identifier, "members": str(invalid)})
    return dict(reasons)
