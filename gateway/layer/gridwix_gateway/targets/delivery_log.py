"""Stores the deliveries of partners' items to an external system (target), its lease and pause.

A delivery is recorded before it is sent. One worker at a time serves a target: it holds the
target's lease, which outlasts the worker's invocation. So when a lease has expired, its holder has
ended and has no request under way. All times are the table server's.

================  ============  =================================================================
partition key     sort key      item
================  ============  =================================================================
``T#name``        ``lease``     the worker that serves the target, and until when
``T#name``        ``position``  the number of the last event read (high-water mark)
``T#name``        ``pause``     the time until which nothing is sent, and the failures before it
``T#name#open``   number        a delivery that is due, claimed or condemned
``T#name#done``   number        a delivery that has ended, for ``HISTORY``
================  ============  =================================================================

A delivery is *open*, then *claimed* while it is sent. It becomes *done* (delivered or skipped), or
*open* again with a later due time (retry with backoff), or *condemned* (a dead letter), and then
*done* (dead) once it is in the dead-letter queue. If a new holder of the lease finds a delivery
claimed, the attempt was interrupted, and the item may have been sent or not.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from gridwix_gateway.documents import parse_timestamp, timestamp
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.dynamodb import COUNTER
from gridwix_gateway.store.table import Item, Key, Table
from gridwix_gateway.targets.partner_items import PartnerItem

HISTORY = timedelta(days=90)
"""Time for which completed deliveries are kept in the log."""

type Ending = Literal["delivered", "skipped", "dead"]


@dataclass(frozen=True, slots=True)
class TargetDelivery:
    """The delivery to a target of an item that a partner has sent, while it is not completed.

    Args:
        target: Name of the target.
        number: Number of the event that is delivered.
        item: The partner's item to deliver.
        planned_at: Time when the delivery was recorded.
        due_at: Time before which no attempt is made.
        attempts: Attempts so far, the present one included.
        is_claimed: Whether an attempt is under way, or was interrupted by a crash.
        reason: Reason why the last attempt failed; empty if none has.
        is_condemned: Whether it is a dead letter that has yet to reach the dead-letter queue.
    """

    target: str
    number: int
    item: PartnerItem
    planned_at: str
    due_at: str
    attempts: int = 0
    is_claimed: bool = False
    reason: str = ""
    is_condemned: bool = False

    @property
    def record(self) -> tuple[str, str]:
        """Collection and id of the record that the delivered item is about.

        Deliveries of one record keep their order.
        """
        return self.item.collection, self.item.record_id


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause of deliveries to an external system (target) after its failures (circuit breaker).

    Args:
        until: Time until which nothing is sent to the target; "" for no pause.
        failures: Number of failures in a row that concerned the whole target, such as a lost
            connection, and not a single delivery.
    """

    until: str = ""
    failures: int = 0


@dataclass(frozen=True, slots=True)
class TargetLease:
    """The lease of a target: one worker's right to deliver to this external system.

    ``holder`` is a unique id of the worker.
    """

    target: str
    holder: str


class DeliveryLog:
    """Log, in the gateway's table, of deliveries of partners' items to external systems (targets).

    Only a worker that holds a target's lease may call the methods, except :meth:`take_lease`.

    Args:
        commits: Runs commits.
        table: The gateway's table.
    """

    def __init__(self, commits: Commits, table: Table) -> None:
        self._commits = commits
        self._table = table

    def take_lease(self, target: str, seconds: float) -> TargetLease | None:
        """Take the lease of an external system (target): the right to deliver to that system.

        Returns None if another worker holds the lease.

        Args:
            target: Name of the target.
            seconds: Duration of the lease. The worker must have ended by then.
        """
        key = _own_key(target, "lease")
        current, now = self._table.get_with_time(key)
        lease = TargetLease(target, str(uuid.uuid4()))
        item = _lease_item(lease, timestamp(now + timedelta(seconds=seconds)))
        if current is None:
            taken = self._table.put(item, if_absent=True)
        elif str(current["until"]) > timestamp(now):
            taken = False
        else:
            taken = self._table.replace(item, "holder", current["holder"])
        return lease if taken else None

    def return_lease(self, lease: TargetLease) -> None:
        """Give a lease back before it expires, so that the next worker need not wait."""
        self._table.replace(_lease_item(lease, ""), "holder", lease.holder)

    def server_time(self) -> str:
        """Return the time of the table's server, in whole seconds."""
        return timestamp(self._table.get_with_time(COUNTER)[1])

    def read_position(self, target: str) -> int | None:
        """Return the number of the last event that was read for a target (high-water mark).

        None for a new target, an external system for which no event was read yet.
        """
        item = self._table.get(_own_key(target, "position"))
        return None if item is None else int(item["number"])

    def plan(self, target: str, position: int, items: Sequence[tuple[int, PartnerItem]]) -> None:
        """Record deliveries to a target for a page of events, and its new position, in one commit.

        Args:
            target: Name of the target.
            position: Number of the last event that was read for the page.
            items: Numbers of events, each with the partner's item to deliver. At most 90.
        """

        def work(draft: Draft) -> None:
            for number, item in items:
                delivery = TargetDelivery(target, number, item, draft.at, due_at="")
                draft.put_item(_open_item(delivery))
            key = _own_key(target, "position")
            draft.put_item({"pk": key.pk, "sk": key.sk, "number": position})

        self._commits.run(work)

    def list_open(self, target: str, limit: int) -> Sequence[TargetDelivery]:
        """Return up to ``limit`` deliveries of a target that are not completed, oldest first."""
        found: list[TargetDelivery] = []
        after = ""
        while len(found) < limit and (
            page := self._table.query(_open_partition(target), after=after, limit=limit)
        ):
            found += [_delivery(target, item) for item in page]
            after = str(page[-1]["sk"])
        return found[:limit]

    def claim(self, delivery: TargetDelivery) -> TargetDelivery:
        """Record that an attempt of a delivery begins, before anything is sent.

        Returns the claimed delivery, with one attempt more.
        """
        claimed = replace(delivery, attempts=delivery.attempts + 1, is_claimed=True)
        self._table.put(_open_item(claimed))
        return claimed

    def complete(
        self,
        delivery: TargetDelivery,
        ending: Ending,
        reference: str = "",
        record_result: Callable[[Draft], None] = lambda _: None,
    ) -> None:
        """Complete a delivery, and write its result to the gateway's record, in one commit.

        Args:
            delivery: The delivery.
            ending: Final state: delivered, skipped or dead.
            reference: Id of the created object in the target's system; "" for none.
            record_result: Changes the gateway's record in the same commit.
        """

        def work(draft: Draft) -> None:
            record_result(draft)
            draft.delete_item(_open_key(delivery.target, delivery.number))
            draft.put_item(_done_item(delivery, ending, reference, draft.at))

        self._commits.run(work)

    def postpone(self, claimed: TargetDelivery, reason: str, wait: float, *, counts: bool) -> None:
        """Schedule a retry of a claimed delivery, after an attempt that failed.

        Args:
            claimed: The delivery, as claimed for the attempt.
            reason: Code of the reason why the attempt failed.
            wait: Seconds until the retry is due (backoff).
            counts: Whether the attempt counts towards the maximum.
        """
        again = replace(
            claimed,
            due_at=_later(self.server_time(), wait),
            is_claimed=False,
            reason=reason,
            attempts=claimed.attempts if counts else claimed.attempts - 1,
        )
        self._table.put(_open_item(again))

    def condemn(self, delivery: TargetDelivery, reason: str) -> TargetDelivery:
        """Record that a delivery is a dead letter, and return the delivery so marked.

        No attempt follows until a redrive. This is written to the table before the message is sent
        to the dead-letter queue, so that a crash in between cannot cause another attempt.
        """
        condemned = replace(delivery, is_claimed=False, reason=reason, is_condemned=True)
        self._table.put(_open_item(condemned))
        return condemned

    def reopen(self, target: str, number: int) -> bool:
        """Make a dead delivery due again, when its message was redriven from the dead-letter queue.

        Returns:
            True if it is due again. False if there is no dead delivery with this number, because it
            was reopened before.
        """

        def work(draft: Draft) -> bool:
            key = _done_key(target, number)
            item = draft.get_item(key)
            if item is None or item["ending"] != "dead":
                return False
            draft.delete_item(key)
            delivery = TargetDelivery(target, number, _partner_item(item), draft.at, due_at="")
            draft.put_item(_open_item(delivery))
            return True

        return self._commits.run(work)

    def read_pause(self, target: str) -> Pause:
        """Return the pause of deliveries to an external system (target): a circuit breaker.

        The pause follows a failure that concerned the whole target, such as a lost connection. An
        empty :class:`Pause` if there was no such failure since the last successful delivery.
        """
        item = self._table.get(_own_key(target, "pause"))
        return Pause() if item is None else Pause(str(item["until"]), int(item["failures"]))

    def set_pause(self, target: str, wait: float, failures: int) -> None:
        """Pause all deliveries to an external system (target) for ``wait`` seconds.

        Circuit breaker: ``failures`` is the number of failures in a row that concerned the whole
        target, such as a lost connection, and not a single delivery.
        """
        key, until = _own_key(target, "pause"), _later(self.server_time(), wait)
        self._table.put({"pk": key.pk, "sk": key.sk, "until": until, "failures": failures})

    def end_pause(self, target: str) -> None:
        """End the pause of an external system (target), and reset its count of failures in a row.

        The count is of failures that concerned the whole target, not a single delivery.
        """
        self._table.delete(_own_key(target, "pause"))


def _lease_item(lease: TargetLease, until: str) -> Item:
    key = _own_key(lease.target, "lease")
    return {"pk": key.pk, "sk": key.sk, "holder": lease.holder, "until": until}


def _item_members(delivery: TargetDelivery) -> dict[str, str | int]:
    return {
        "kind": delivery.item.kind,
        "collection": delivery.item.collection,
        "recordId": delivery.item.record_id,
        "plannedAt": delivery.planned_at,
        "attempts": delivery.attempts,
        "reason": delivery.reason,
    }


def _open_item(delivery: TargetDelivery) -> Item:
    key = _open_key(delivery.target, delivery.number)
    return {
        **_item_members(delivery),
        "pk": key.pk,
        "sk": key.sk,
        "dueAt": delivery.due_at,
        "claimed": int(delivery.is_claimed),
        "condemned": int(delivery.is_condemned),
    }


def _done_item(delivery: TargetDelivery, ending: Ending, reference: str, at: str) -> Item:
    key = _done_key(delivery.target, delivery.number)
    return {
        **_item_members(delivery),
        "pk": key.pk,
        "sk": key.sk,
        "ending": ending,
        "endedAt": at,
        "reference": reference,
        "expiresAt": int((parse_timestamp(at) + HISTORY).timestamp()),
    }


def _delivery(target: str, item: Item) -> TargetDelivery:
    return TargetDelivery(
        target=target,
        number=int(item["sk"]),
        item=_partner_item(item),
        planned_at=str(item["plannedAt"]),
        due_at=str(item["dueAt"]),
        attempts=int(item["attempts"]),
        is_claimed=bool(item["claimed"]),
        reason=str(item["reason"]),
        is_condemned=bool(item["condemned"]),
    )


def _partner_item(item: Item) -> PartnerItem:
    kind: Any = item["kind"]
    return PartnerItem(kind, str(item["collection"]), str(item["recordId"]))


def _later(at: str, seconds: float) -> str:
    return timestamp(parse_timestamp(at) + timedelta(seconds=seconds))


def _own_key(target: str, name: str) -> Key:
    return Key(f"T#{target}", name)


def _open_partition(target: str) -> str:
    return f"T#{target}#open"


def _open_key(target: str, number: int) -> Key:
    return Key(_open_partition(target), f"{number:012}")


def _done_key(target: str, number: int) -> Key:
    return Key(f"T#{target}#done", f"{number:012}")
