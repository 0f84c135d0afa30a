"""A model of SQS with all queues of the template. ``sqs.py`` is boto's client for them."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from soak.cloud.messages import NO_CHANCES, Chances, SqsRefusal
from soak.cloud.standard_queue import StandardQueue
from soak.kernel.tasks import Scheduler
from soak.template import Template

type Record = dict[str, Any]


class Queues:
    """The queues of the template, by logical id. All methods act at once: no latency and no faults.

    Args:
        template: The template of the stack.
        scheduler: Virtual time.
        random: The seeded source of chance.
        chances: How often messages come twice, late or out of order.
    """

    def __init__(
        self,
        template: Template,
        scheduler: Scheduler,
        random: Random,
        chances: Chances = NO_CHANCES,
    ) -> None:
        self.scheduler = scheduler
        self.random = random
        self._queues: dict[str, StandardQueue] = {}
        numbers = count(1)
        # Dead-letter queues first: the others lead to them.
        for about in sorted(template.queues.values(), key=lambda one: one.dead_letters or ""):
            dead_letters = self._queues[about.dead_letters] if about.dead_letters else None
            self._queues[about.name] = StandardQueue(
                about, scheduler, random, chances, numbers, dead_letters
            )

    def __getitem__(self, queue: str) -> StandardQueue:
        """Return a queue. Raises SqsRefusal if there is none of this name."""
        try:
            return self._queues[queue]
        except KeyError:
            raise SqsRefusal("QueueDoesNotExist", "The specified queue does not exist.") from None

    @property
    def names(self) -> Sequence[str]:
        """The names of all queues."""
        return sorted(self._queues)

    def send(
        self,
        queue: str,
        body: str,
        delay: float = 0.0,
        attributes: Mapping[str, Any] | None = None,
    ) -> str:
        """Send a message to a queue.

        Args:
            queue: Its queue.
            body: Its text.
            delay: Seconds until it can be received.
            attributes: Message attributes, as Lambda's records have them.

        Returns:
            Its id.
        """
        return self[queue].send(body, delay, attributes)

    def receive(self, queue: str, limit: int, visibility: float | None = None) -> list[Record]:
        """Receive messages from a queue, and hide them for its visibility time-out.

        Args:
            queue: Their queue.
            limit: How many at most.
            visibility: Seconds in place of the queue's own time-out.

        Returns:
            Records of Lambda's SQS event.
        """
        return self[queue].receive(limit, visibility)

    def delete(self, queue: str, receipt: str) -> None:
        """Delete a message by its latest receipt; an older one does nothing."""
        self[queue].delete(receipt)

    def change_visibility(self, queue: str, receipt: str, seconds: float) -> None:
        """Let a message in flight become visible in ``seconds``."""
        self[queue].change_visibility(receipt, seconds)

    def when_visible(self, queue: str, act: Callable[[], None]) -> None:
        """Call ``act`` once, as soon as a message of the queue can be received."""
        self[queue].when_visible(act)

    def depth(self, queue: str) -> int:
        """Return the number of messages of a queue: visible, delayed and in flight."""
        return self[queue].depth

    def oldest_age(self, queue: str) -> float:
        """Return the seconds since the oldest message came to a queue; 0 without messages."""
        return self[queue].oldest_age

    def bodies(self, queue: str) -> list[str]:
        """Return the texts of all messages of a queue, oldest first."""
        return [message.body for message in self[queue].messages()]

    def redrive(self, dead_letter_queue: str) -> int:
        """Send the messages of a dead-letter queue to their source again, as new ones.

        Returns their number.
        """
        (source,) = (
            one for one in self._queues.values() if one.about.dead_letters == dead_letter_queue
        )
        messages = self[dead_letter_queue].take_all()
        for message in messages:
            source.send(message.body, 0.0, message.attributes)
        return len(messages)
