"""A model of one standard queue of SQS. Every operation takes O(log n) of its messages, or less.

Semantics: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ (ReceiveMessage,
DeleteMessage, ChangeMessageVisibility), and in the developer guide "visibility timeout",
"dead-letter queues" and "standard queues".
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from itertools import count
from random import Random
from typing import Any, Final

from soak.cloud import messages
from soak.cloud.messages import Chances, Message, SqsRefusal, State, lambda_record
from soak.kernel.tasks import Scheduler
from soak.resources import Queue

MAX_IN_FLIGHT = 120_000
"""Maximum number of messages of a standard queue that are in flight at a time."""

_SLACK = 1000
"""Maximum number of entries of deleted messages in a heap before it is rebuilt without them."""
_READY, _HIDDEN, _DELAYED = State
_NO_ATTRIBUTES: Final[Mapping[str, Any]] = {}


class StandardQueue:
    """A standard queue of SQS, with duplicates, delays and reordering by chance.

    Args:
        about: Its resource in the template.
        scheduler: Virtual time.
        random: The seeded source of chance.
        chances: How often messages come twice, late or out of order.
        numbers: Numbers for messages, shared by all queues.
        dead_letters: Where messages go after their last receive.
    """

    def __init__(
        self,
        about: Queue,
        scheduler: Scheduler,
        random: Random,
        chances: Chances,
        numbers: "count[int]",
        dead_letters: "StandardQueue | None",
    ) -> None:
        self.about = about
        self.sent = self.received = self.deleted = 0
        self.doubled = self.expired = self.dead_lettered = 0
        self.hidden = self.delayed = 0
        self._scheduler = scheduler
        self._random = random
        self._chances = chances
        self._numbers = numbers
        self._dead_letters = dead_letters
        self._live: OrderedDict[int, Message] = OrderedDict()
        self._ready: deque[Message] = deque()
        self._waiting: list[tuple[float, int, int, Message]] = []
        self._expiring: list[tuple[float, int, Message]] = []
        self._waiters: list[Callable[[], None]] = []
        self._wake_at = float("inf")

    @property
    def visible(self) -> int:
        """Number of messages that a consumer can receive now."""
        self._advance()
        return len(self._live) - self.hidden - self.delayed

    @property
    def depth(self) -> int:
        """Number of all messages: visible, delayed and in flight."""
        self._advance()
        return len(self._live)

    @property
    def oldest_age(self) -> float:
        """Seconds since the oldest message came to this queue; 0 without messages."""
        self._advance()
        for message in self._live.values():
            return self._scheduler.now - message.entered
        return 0.0

    def messages(self) -> Iterator[Message]:
        """Yield all messages, oldest first."""
        self._advance()
        yield from self._live.values()

    def send(self, body: str, delay: float, attributes: Mapping[str, Any] | None) -> str:
        """Add a message, visible after ``delay`` seconds. Returns its id."""
        now = self._scheduler.now
        chances = self._chances
        if chances.late and now < chances.until and self._random.random() < chances.late:
            delay += chances.within * self._random.random()
        bits = f"{self._random.getrandbits(128):032x}"
        id_ = f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"
        self.sent += 1
        message = Message(next(self._numbers), id_, body, attributes or _NO_ATTRIBUTES, now)
        self._enter(message, delay)
        return id_

    def receive(self, limit: int, visibility: float | None = None) -> list[dict[str, Any]]:
        """Receive up to ``limit`` messages, which are then in flight for ``visibility`` seconds.

        Returns them as records of Lambda's SQS event.

        Raises:
            SqsRefusal: Too many messages are in flight.
        """
        self._advance()
        if self.hidden >= MAX_IN_FLIGHT:
            raise SqsRefusal("OverLimit", "Too many messages in flight.")
        now = self._scheduler.now
        ready, chances = self._ready, self._chances
        most = self.about.receives
        seconds = self.about.visibility if visibility is None else visibility
        odd = chances.out_of_order if now < chances.until else 0.0
        records: list[dict[str, Any]] = []
        while ready and len(records) < limit:
            newest = odd and self._random.random() < odd
            message = ready.pop() if newest else ready.popleft()
            if message.gone:
                continue
            if most is not None and message.receives >= most and self._dead_letters is not None:
                self._give_up(message, self._dead_letters)
                continue
            self._hide(message, now, seconds)
            records.append(lambda_record(message, self.about.arn))
        return records

    def delete(self, receipt: str) -> None:
        """Delete a message by its receipt. Nothing happens if it is deleted, or was received again
        since.

        Raises SqsRefusal for a receipt that is not of this queue.
        """
        message = self._live.get(messages.number_of_receipt(receipt, self.about.name))
        if message is None or message.receipt != receipt:
            return
        self.deleted += 1
        self._remove(message)
        chances = self._chances
        if chances.comes_back and self._scheduler.now < chances.until:
            self._double(message, chances.comes_back)

    def change_visibility(self, receipt: str, seconds: float) -> None:
        """Let a message in flight become visible in ``seconds``.

        Raises:
            SqsRefusal: The message is not in flight, or would be hidden for too long.
        """
        self._advance()
        now = self._scheduler.now
        message = self._live.get(messages.number_of_receipt(receipt, self.about.name))
        if message is None or message.receipt != receipt or message.state != _HIDDEN:
            raise SqsRefusal(
                "InvalidParameterValue",
                f"Value {receipt} for parameter ReceiptHandle is invalid. Reason: Message does not"
                " exist or is not available for visibility timeout change.",
            )
        messages.check_visibility(message, seconds, now)
        self.hidden -= 1
        if seconds:
            self._wait(message, _HIDDEN, now + seconds)
        else:
            self._show(message)

    def when_visible(self, act: Callable[[], None]) -> None:
        """Call ``act`` once, as an action of the scheduler, as soon as a message can be
        received.
        """
        self._waiters.append(act)
        self._arm()

    def take_all(self) -> list[Message]:
        """Remove all messages and return them, oldest first."""
        taken = list(self.messages())
        for message in taken:
            self._remove(message)
        return taken

    def _enter(self, message: Message, delay: float) -> None:
        now = self._scheduler.now
        message.entered = now
        self._live[message.number] = message
        if len(self._expiring) > 2 * len(self._live) + _SLACK:
            self._expiring = [one for one in self._expiring if one[1] in self._live]
            heapify(self._expiring)
        # The age counts from the first send, also in a dead-letter queue.
        expiration = message.sent + self.about.retention
        heappush(self._expiring, (expiration, message.number, message))
        if delay > 0:
            self._wait(message, _DELAYED, now + delay)
        else:
            self._show(message)

    def _remove(self, message: Message) -> None:
        message.gone = True
        message.timer += 1
        self._live.pop(message.number)
        if message.state == _HIDDEN:
            self.hidden -= 1
        elif message.state == _DELAYED:
            self.delayed -= 1

    def _show(self, message: Message) -> None:
        message.timer += 1
        message.state = _READY
        self._ready.append(message)
        if self._waiters:
            self._arm()

    def _wait(self, message: Message, state: State, until: float) -> None:
        message.timer += 1
        message.state = state
        if state == _HIDDEN:
            self.hidden += 1
        else:
            self.delayed += 1
        if len(self._waiting) > 2 * (self.hidden + self.delayed) + _SLACK:
            self._waiting = [one for one in self._waiting if one[2] == one[3].timer]
            heapify(self._waiting)
        heappush(self._waiting, (until, message.number, message.timer, message))
        if self._waiters:
            self._arm()

    def _hide(self, message: Message, now: float, seconds: float) -> None:
        message.receives += 1
        message.first_received = message.first_received or now
        message.received = now
        message.receipt = f"{self.about.name}/{message.number}/{message.receives}"
        self.received += 1
        self._wait(message, _HIDDEN, now + seconds)
        chances = self._chances
        if chances.received_twice and now < chances.until:
            self._double(message, chances.received_twice)

    def _double(self, message: Message, share: float) -> None:
        """By chance, add a duplicate of a received message, as if one of SQS's servers had missed
        the receive.
        """
        if self._random.random() >= share:
            return
        copy = Message(
            next(self._numbers), message.id, message.body, message.attributes, message.sent
        )
        copy.receives, copy.first_received = message.receives, message.first_received
        self.doubled += 1
        self._enter(copy, self._chances.within * self._random.random())

    def _give_up(self, message: Message, dead_letters: "StandardQueue") -> None:
        self.dead_lettered += 1
        del self._live[message.number]
        dead_letters._enter(message, 0.0)

    def _advance(self) -> None:
        """Make messages visible that are due, and drop those that are older than the retention."""
        now = self._scheduler.now
        waiting = self._waiting
        while waiting and waiting[0][0] <= now:
            _, _, timer, message = heappop(waiting)
            if message.timer == timer:
                if message.state == _HIDDEN:
                    self.hidden -= 1
                else:
                    self.delayed -= 1
                self._show(message)
        expiring = self._expiring
        while expiring and expiring[0][0] <= now:
            _, number, message = heappop(expiring)
            if number in self._live:
                self.expired += 1
                self._remove(message)

    def _arm(self) -> None:
        """Schedule the call of the waiters, at the time of the next visible message."""
        if self._ready:
            when = self._scheduler.now
        else:
            while self._waiting and self._waiting[0][3].timer != self._waiting[0][2]:
                heappop(self._waiting)
            if not self._waiting:
                return
            when = self._waiting[0][0]
        if when < self._wake_at:
            self._wake_at = when
            self._scheduler.at(when, lambda: self._wake(when))

    def _wake(self, planned: float) -> None:
        # An earlier time has been planned since.
        if planned != self._wake_at:
            return
        self._wake_at = float("inf")
        if self.visible:
            waiters, self._waiters = self._waiters, []
            for act in waiters:
                act()
        else:
            # What is left there was deleted.
            self._ready.clear()
            if self._waiters:
                self._arm()
