"""Queues as stores of personal data: dead letters that name the person or partner to erase.

Messages that still wait for a function are reported only.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, override

from ops.erasure.ports import Findings, PersonalStore, Remainder, TooLarge
from ops.erasure.retention import QUEUE_DAYS
from ops.erasure.subject import Subject
from ops.queues import BRIEF_HOLD, MAX_HELD, Holding, delete_messages, read_depth
from ops.stack import QueuePair

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

WAITING_STAYS = (
    "they are about to be processed. A message names at most an id, and receiving it here would"
    " bring it nearer to the dead-letter queue"
)


HELD_STAYS = (
    "another command looks at them, or has just looked, so they are hidden. Run this one again when"
    " it has ended: they are visible again within 15 minutes"
)


class DeadLetterStore(PersonalStore):
    """Messages of the dead-letter queues that name the person or partner to erase.

    All other messages are made visible in their queue again at once. An id is
    ``function/message id``.
    """

    name = "dead-letter queues"

    def __init__(self, sqs: "SQSClient", queues: Sequence[QueuePair]) -> None:
        self._sqs = sqs
        self._queues = queues

    @override
    def find(self, subject: Subject) -> Findings:
        found, held = list[str](), list[str]()
        for pair in self._queues:
            depth = read_depth(self._sqs, pair.dead_letter_url)
            if depth.in_flight:
                held.append(pair.name)
            if depth.total:
                found += [
                    f"{pair.name}/{message['MessageId']}"
                    for message in self._matching(pair, subject, remove=False)
                ]
        stays = Remainder("dead letters that were not looked at", HELD_STAYS, ids=tuple(held))
        return Findings(tuple(sorted(found)), (stays,) if held else ())

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        named = {one.partition("/")[0] for one in ids}
        return sum(
            len(self._matching(pair, subject, remove=True))
            for pair in self._queues
            if pair.name in named
        )

    def _matching(
        self, pair: QueuePair, subject: Subject, *, remove: bool
    ) -> "list[MessageTypeDef]":
        found: list[MessageTypeDef] = []
        holding = Holding(self._sqs, pair.dead_letter_url, seconds=BRIEF_HOLD)
        with holding:
            for messages in holding.receive(MAX_HELD):
                own = [one for one in messages if subject.is_named_in(*_message_texts(one))]
                if remove:
                    kept = delete_messages(self._sqs, pair.dead_letter_url, own)
                    own = [one for one in own if one not in kept]
                    holding.forget(own)
                found += own
            if holding.is_full:
                raise TooLarge(
                    f"{pair.name} has more than {MAX_HELD:,} dead letters, which are not"
                    " looked through",
                    "redrive some of them first, with --limit",
                )
        return found


class WaitingMessages(PersonalStore):
    """Messages that wait in the functions' queues. An erasure only reports those queues."""

    name = "queues"

    def __init__(self, sqs: "SQSClient", queues: Sequence[QueuePair], now: datetime) -> None:
        self._sqs = sqs
        self._queues = queues
        self._now = now

    @override
    def find(self, subject: Subject) -> Findings:
        waiting = tuple(pair.name for pair in self._queues if read_depth(self._sqs, pair.url).total)
        until = self._now + timedelta(days=QUEUE_DAYS)
        stays = Remainder("messages that wait", WAITING_STAYS, until, waiting)
        return Findings((), (stays,) if waiting and subject.ids else ())

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        return 0


def _message_texts(message: "MessageTypeDef") -> list[str]:
    attributes = message.get("MessageAttributes", {}).values()
    return [message["Body"], *(value.get("StringValue", "") for value in attributes)]
