"""Deliveries of a target in the gateway's table: recorded before they are sent.

One worker at a time serves a target: it holds the target's lease, for as long as its invocation can
last. So the finder of an expired lease knows that its holder is gone, and has no request under way.
All times are the table server's.

================  ============  =================================================================
partition key     sort key      item
================  ============  =================================================================
``T#name``        ``lease``     the worker that serves the target, and until when
``T#name``        ``position``  the number of the last event that the target has read
``T#name``        ``pause``     the time until which nothing is sent, and the failures before it
``T#name#open``   number        a delivery that is due, claimed or condemned
``T#name#done``   number        a delivery that has ended, for ``HISTORY``
================  ============  =================================================================

A delivery is *open*, then *claimed* while it is sent. It becomes *done* (delivered or skipped), or
*open* again with a later due time, or *condemned*, and *done* (dead) once the dead-letter queue has
it. A delivery that a new holder of the lease finds claimed was interrupted: it may have been sent
or not.
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
"""Time for which deliveries that have ended are kept."""

type Ending = Literal["delivered", "skipped", "dead"]


@dataclass(frozen=True, slots=True)
class TargetDelivery:
    """A delivery that has not ended.

    Args:
        target: Name of the target.
        number: Number of the event that it delivers.
        item: What the partner has sent.
        planned_at: Time when it was recorded.
        due_at: Time before which it is not sent.
        attempts: Attempts so far, the present one included.
        is_claimed: Whether an attempt is under way, or was interrupted.
        reason: Reason why the last attempt failed; empty if none has.
        is_condemned: Whether it waits only for the dead-letter queue.
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
        """Collection and id of its record. Deliveries of one record keep their order."""
        return self.item.collection, self.item.record_id


@dataclass(frozen=True, slots=True)
class Pause:
    """A target to which nothing is sent until a time, after so many general failures."""

    until: str = ""
    failures: int = 0


@dataclass(frozen=True, slots=True)
class TargetLease:
    """The right to serve a target. ``holder`` is unique."""

    target: str
    holder: str


class DeliveryLog:
    """Records deliveries. All but :meth:`take_lease` is for the holder of the target's lease.

    Args:
        commits: Runs commits.
        table: The table.
    """

    def __init__(self, commits: Commits, table: Table) -> None:
        self._commits = commits
        self._table = table

    def take_lease(self, target: str, seconds: float) -> TargetLease | None:
        """Take a target's lease, or return None if another worker has it.

        Args:
            target: The target.
            seconds: Seconds that it lasts. The worker must have ended by then.
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
        """Give a lease back before it ends."""
        self._table.replace(_lease_item(lease, ""), "holder", lease.holder)

    def server_time(self) -> str:
        """Return the time of the table's server, in whole seconds."""
        return timestamp(self._table.get_with_time(COUNTER)[1])

    def read_position(self, target: str) -> int | None:
        """Return the number of the last event that a target has read, or None if it is new."""
        item = self._table.get(_own_key(target, "position"))
        return None if item is None else int(item["number"])

    def plan(self, target: str, position: int, items: Sequence[tuple[int, PartnerItem]]) -> None:
        """Record the deliveries of a page of the feed, and the position behind it, at once.

        Args:
            target: The target.
            position: The position behind the page.
            items: Numbers of events, and what partners have sent with them. At most 90.
        """

        def work(draft: Draft) -> None:
            for number, item in items:
                delivery = TargetDelivery(target, number, item, draft.at, due_at="")
                draft.put_item(_open_item(delivery))
            key = _own_key(target, "position")
            draft.put_item({"pk": key.pk, "sk": key.sk, "number": position})

        self._commits.run(work)

    def list_open(self, target: str, limit: int) -> Sequence[TargetDelivery]:
        """Return deliveries that have not ended, oldest first."""
        found: list[TargetDelivery] = []
        after = ""
        while len(found) < limit and (
            page := self._table.query(_open_partition(target), after=after, limit=limit)
        ):
            found += [_delivery(target, item) for item in page]
            after = str(page[-1]["sk"])
        return found[:limit]

    def claim(self, delivery: TargetDelivery) -> TargetDelivery:
        """Record that an attempt begins, and return the delivery with it."""
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
        """End a delivery, in one commit with what it changes.

        Args:
            delivery: The delivery.
            ending: How it ended.
            reference: Its id in the target's system.
            record_result: Changes the record.
        """

        def work(draft: Draft) -> None:
            record_result(draft)
            draft.delete_item(_open_key(delivery.target, delivery.number))
            draft.put_item(_done_item(delivery, ending, reference, draft.at))

        self._commits.run(work)

    def postpone(self, claimed: TargetDelivery, reason: str, wait: float, *, counts: bool) -> None:
        """Give a delivery back after an attempt that did not deliver, or may be repeated.

        Args:
            claimed: The delivery.
            reason: Code of the reason.
            wait: Seconds until it is due again.
            counts: Whether the attempt counts.
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
        """Mark a delivery for the dead-letter queue, and return it.

        Marked before it is there, so that a crash on the way cannot cause a second delivery.
        """
        condemned = replace(delivery, is_claimed=False, reason=reason, is_condemned=True)
        self._table.put(_open_item(condemned))
        return condemned

    def reopen(self, target: str, number: int) -> bool:
        """Bring a dead delivery back, as a redrive of the dead-letter queue asks.

        Returns:
            False if there is no dead delivery: it has been brought back already.
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
        """Return the target's pause; an empty one if it has none."""
        item = self._table.get(_own_key(target, "pause"))
        return Pause() if item is None else Pause(str(item["until"]), int(item["failures"]))

    def set_pause(self, target: str, wait: float, failures: int) -> None:
        """Pause a target for some seconds."""
        key, until = _own_key(target, "pause"), _later(self.server_time(), wait)
        self._table.put({"pk": key.pk, "sk": key.sk, "until": until, "failures": failures})

    def end_pause(self, target: str) -> None:
        """Forget a target's pause."""
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
