"""Causes of dead letters: why each message of a dead-letter queue is there.

The journal is the table in which functions record each attempt at an event, with the code of its
error. The cause of a dead letter is the code of the newest attempt of the queue's function at the
event in the message. Reading the messages changes nothing: each is hidden in the queue while it is
read, and is made visible again at once.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.models.events import Change, PortalEvent
from gridwix.models.journal import JournalEntry
from ops.queues import HOLD, MAX_HELD, Holding
from ops.stack import QueuePair, Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MALFORMED, UNDELIVERED, UNKNOWN = "malformed", "undelivered", "unknown"
"""Causes that are in no journal: the function cannot parse the message; the bus could not put it
into the function's queue; nothing is known.
"""

ENTRIES = 300
"""Maximum number of journal entries to read for one event: all attempts of all functions, several
times.
"""

AT_ONCE = 8
"""Maximum number of concurrent reads of the journal."""

_PUBLISHER = "gridwix.runtime.publisher_runner:PublisherRunner"

RUNNERS: Mapping[str, str] = {
    "status_publisher": _PUBLISHER,
    "onboarding_sync": _PUBLISHER,
    "notice_publisher": _PUBLISHER,
    "request_publisher": _PUBLISHER,
    "activity_publisher": "gridwix.activity_publisher.queue:ActivityQueue",
    "transaction_monitor": "gridwix.transaction_monitor.queue:MonitorQueue",
    "trading_grid_feed": "gridwix.trading_grid_feed.queue:FeedQueue",
    "case_opener": "gridwix.case_opener.queue:CaseQueue",
    "form_intake": "gridwix.form_intake.queue:IntakeQueue",
    "document_sync": "gridwix.document_sync.queue:DocumentQueue",
    "partner_messenger": "gridwix.partner_messenger.queue:MessengerQueue",
    "portal_ringer": "gridwix.portal_ringer.queue:RingerQueue",
    "reconciler": "gridwix.reconciler.queue:ReconcilerQueue",
}
"""The queue runner of each function, as module and class. A message that its ``parse`` rejects is
malformed.
"""

type EntryReader = Callable[[str], Sequence[JournalEntry]]
"""Returns the newest entries of an event, oldest first."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message in a dead-letter queue, with its cause. ``sent_at`` is SQS's SentTimestamp.

    ``message_id`` is SQS's id, ``event_id`` the id of the event in the message ("" if there is
    none).
    """

    cause: str
    sent_at: datetime
    message_id: str = ""
    event_id: str = ""


class Letter(Protocol):
    """The properties by which a dead letter is selected: its cause, and when it was sent.

    Two kinds of objects have them: messages of a dead-letter queue, and dead letters that a stored
    redrive plan lists.
    """

    @property
    def cause(self) -> str: ...

    @property
    def sent_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Selection:
    """Filter of the dead letters to move: by cause, and by the earliest time of sending.

    ``cause`` or ``since`` is None if it does not restrict.
    """

    cause: str | None = None
    since: datetime | None = None

    @property
    def is_everything(self) -> bool:
        return self.cause is None and self.since is None

    def matches(self, letter: Letter) -> bool:
        """Return True if the filter selects this dead letter."""
        return (self.cause is None or letter.cause == self.cause) and (
            self.since is None or letter.sent_at >= self.since
        )


@dataclass(frozen=True, slots=True)
class CauseCount:
    """Number of dead letters with one cause, and their oldest and newest time of sending.

    ``selected`` is the number of those that a redrive would move.
    """

    number: int
    selected: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class Examination:
    """The dead letters of a queue, counted by cause.

    ``hidden`` is the number of dead letters that could not be made visible again; they become
    visible by themselves, within ``HOLD`` seconds. ``is_full`` is True if there may be more dead
    letters than were looked at. ``chosen`` are the dead letters that the selection matches.
    """

    causes: Mapping[str, CauseCount] = field(default_factory=dict)
    hidden: int = 0
    is_full: bool = False
    chosen: Sequence[DeadLetter] = ()

    @property
    def number(self) -> int:
        return sum(count.number for count in self.causes.values())

    @property
    def selected(self) -> int:
        return sum(count.selected for count in self.causes.values())


class CauseFinder:
    """Finds the cause of each dead letter of one function.

    Args:
        function: Name of the function, such as ``status_publisher``.
        read_entries: Returns the entries of the journal (the attempts of functions) for an event's
            id; None if the stack has no journal.
    """

    def __init__(self, function: str, read_entries: EntryReader | None) -> None:
        self._function = function
        self._read_entries = read_entries
        self._parse = _parser(function)

    @classmethod
    def of(cls, stack: Stack, function: str) -> "CauseFinder":
        """Return the cause finder for the dead letters of a function of a stack.

        It reads the stack's journal, in which functions record the result of each attempt. The
        stack of the gateway has no journal: there it finds only causes that the message itself
        shows.
        """
        if stack.is_gateway:
            return cls(function, None)
        journal = DynamoDBJournal(stack.aws.dynamodb, stack.output("JournalTableName"))
        return cls(function, lambda event: journal.of_event(event, limit=ENTRIES))

    def letters(self, messages: "Sequence[MessageTypeDef]") -> list[DeadLetter]:
        """Return each message of the dead-letter queue with its cause, in the given order.

        Raises UpstreamError if the journal cannot be read.
        """
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._letter, messages))

    def _letter(self, message: "MessageTypeDef") -> DeadLetter:
        try:
            body = self._parse(message["Body"])
        except ValueError:
            return DeadLetter(MALFORMED, _sent_at(message), message["MessageId"])
        event_id = body.event_id if isinstance(body, Change | PortalEvent) else ""
        return DeadLetter(
            self._cause(event_id, message), _sent_at(message), message["MessageId"], event_id
        )

    def _cause(self, event_id: str, message: "MessageTypeDef") -> str:
        if event_id and self._read_entries is not None:
            for entry in reversed(self._read_entries(event_id)):
                if entry.function == self._function:
                    return entry.reason or str(entry.outcome)
        # EventBridge adds this attribute to what it could not deliver.
        return UNDELIVERED if "ERROR_CODE" in message.get("MessageAttributes", {}) else UNKNOWN


def examine_dead_letters(
    stack: Stack,
    pair: QueuePair,
    finder: CauseFinder,
    selection: Selection,
    report: Callable[[int], None] = lambda _: None,
    *,
    most: int = MAX_HELD,
    hold: int = HOLD,
) -> Examination:
    """Count the dead letters of a queue by cause. Moves none.

    Args:
        stack: The deployed stack.
        pair: The queue and its dead-letter queue.
        finder: Finds the cause of a dead letter.
        selection: Selects the dead letters that a redrive would move.
        report: Receives the number of dead letters read so far, after each batch.
        most: Maximum number of dead letters to look at.
        hold: Seconds for which a dead letter stays hidden if it cannot be made visible again.

    Raises:
        UpstreamError: The journal cannot be read.
    """
    found: dict[str, CauseCount] = {}
    chosen: list[DeadLetter] = []
    holding = Holding(stack.aws.sqs, pair.dead_letter_url, seconds=hold)
    with holding:
        for messages in holding.receive(most):
            letters = finder.letters(messages)
            _count(found, letters, selection)
            chosen += [letter for letter in letters if selection.matches(letter)]
            report(holding.number)
    return Examination(found, holding.hidden, holding.is_full, chosen)


def _count(
    found: dict[str, CauseCount], letters: Iterable[DeadLetter], selection: Selection
) -> None:
    for letter in letters:
        known = found.get(letter.cause, CauseCount(0, 0, letter.sent_at, letter.sent_at))
        found[letter.cause] = CauseCount(
            known.number + 1,
            known.selected + selection.matches(letter),
            min(known.oldest, letter.sent_at),
            max(known.newest, letter.sent_at),
        )


def choose_letters(
    finder: CauseFinder, selection: Selection
) -> "Callable[[list[MessageTypeDef]], list[MessageTypeDef]]":
    """Return a filter for ``redrive_messages``: it returns the selected messages of a batch."""

    def choose(messages: "list[MessageTypeDef]") -> "list[MessageTypeDef]":
        letters = finder.letters(messages)
        return [
            message
            for message, letter in zip(messages, letters, strict=True)
            if selection.matches(letter)
        ]

    return choose


def _sent_at(message: "MessageTypeDef") -> datetime:
    return datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)


def _parser(function: str) -> Callable[[str], object]:
    """Return the function that parses a message body, as a given Lambda function does.

    It raises ValueError for a malformed body. For the gateway's functions, any JSON counts as
    well-formed.
    """
    place = RUNNERS.get(function)
    if place is None:
        return json.loads
    module, _, name = place.partition(":")
    runner: Any = getattr(import_module(module), name)

    # The parser of a queue runner depends on nothing but the body.
    def parse(body: str) -> object:
        return runner.parse(None, body)

    return parse
