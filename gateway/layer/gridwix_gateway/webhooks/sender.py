"""Sends one endpoint's webhooks: new events in the feed's order, retries, and replayed events.

Each attempt is written to the table before the next one begins, so that after a crash another
sender continues from there. At-least-once delivery: an event may be sent twice, and none
is left out.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gridwix_gateway.documents import Document, timestamp
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.feed import Feed, FeedPage
from gridwix_gateway.store.items import event_key, item_document
from gridwix_gateway.store.table import Item, Key, Table
from gridwix_gateway.webhooks.attempts import attempt_outcome, failure_pause
from gridwix_gateway.webhooks.deliveries import Deliveries, Delivery
from gridwix_gateway.webhooks.endpoints import DISABLED, REPLAYS, find_endpoint
from gridwix_gateway.webhooks.lease import Lease, LeaseLost
from gridwix_gateway.webhooks.ports import MAX_DELAY, Connect, Waker, WebhookClient
from gridwix_gateway.webhooks.signing import webhook_request

CHUNK = 10
"""Events or retries that are sent before the next kind gets its turn: new, due, replay."""

DROPPED_AT_ONCE = 100
"""Due deliveries of a disabled endpoint that are dropped between two checks of the time left."""

HOLE_SECONDS = 1.0
"""Seconds after which a sender looks again for events of a commit that is not yet visible."""


type Report = Counter[str]
"""Counts of a run's deliveries by status, and ``gaps``: how often events had left the feed
unsent.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderParts:
    """Dependencies of a webhook sender.

    Args:
        table: The gateway's table.
        feed: The gateway's event feed.
        connect: Opens a webhook client.
        waker: Starts a sender when a retry is due soon.
        clock: Returns Unix seconds.
        monotonic: Returns the seconds of a monotonic clock, which measures the duration of an
            attempt.
        jitter: Returns a number from 0 to 1, which lengthens the backoff.
        scale: Multiplies all waits. It is 1, except for tests against a real endpoint.
    """

    table: Table
    feed: Feed
    connect: Connect
    waker: Waker
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random  # noqa: S311 - no secret
    scale: float = 1.0


def send_webhooks(parts: SenderParts, endpoint: str, may_go_on: Callable[[], bool]) -> Report:
    """Send all webhooks of an endpoint that are due, under the endpoint's lease.

    Does nothing if another sender holds the lease.

    Args:
        parts: Dependencies of the sender.
        endpoint: The endpoint's id.
        may_go_on: Returns False when the time is up. Called before each attempt. When the time is
            up, the sender requests another run and ends.

    Returns:
        Number of attempts by the status of the delivery after the attempt, where ``dropped`` counts
        retries that were given up without an attempt; and ``gaps``: how often the sender found that
        the next events had expired from the feed, so that they are never sent.
    """
    report: Report = Counter()
    while (lease := Lease.take(parts.table, endpoint, parts.clock)) is not None:
        begun_at = lease.position
        try:
            with parts.connect() as client:
                _Run(parts, lease, client, may_go_on, report).send_all()
            lease.release()
        except LeaseLost:
            break
        except Exception:
            # The next sender need not wait for the end of the lease.
            with suppress(Exception):
                lease.release()
            raise
        if not may_go_on():
            parts.waker.wake_sender(endpoint, 0.0)
            break
        # A commit whose message found the lease taken may have come after the run's last look.
        if lease.is_paused or not has_new_events(parts.table, lease, parts.feed.last_number()):
            _wake_when_due(parts, lease)
            break
        if lease.position == begun_at:
            parts.waker.wake_sender(endpoint, HOLE_SECONDS * parts.scale)
            break
    return report


def has_new_events(table: Table, lease: Lease, last_number: int) -> bool:
    """Return True if the feed has events after the endpoint's position, or a replay has not ended.

    Args:
        table: The gateway's table.
        lease: The endpoint's lease, with its position in the feed.
        last_number: Number of the feed's last event.
    """
    return lease.position < last_number or _running_replay(table, lease.endpoint) is not None


class _Run:
    """One run of an endpoint's webhook sender, which holds the endpoint's lease."""

    def __init__(
        self,
        parts: SenderParts,
        lease: Lease,
        client: WebhookClient,
        may_go_on: Callable[[], bool],
        report: Report,
    ) -> None:
        self._parts = parts
        self._table = parts.table
        self._deliveries = Deliveries(parts.table)
        self._lease = lease
        self._client = client
        self._may_go_on = may_go_on
        self._report = report
        self._endpoint: Document = {}

    def send_all(self) -> None:
        """Send new events, due retries and a replay, until nothing is left or the time is up.

        The run also ends when the endpoint is paused or disabled.

        Raises:
            LeaseLost: Another sender has taken over, or the endpoint was deleted.
        """
        while self._may_attempt():
            found = find_endpoint(self._table, self._lease.endpoint)
            if found is None:
                raise LeaseLost
            self._endpoint = found
            if found["status"] == "disabled":
                self._drop_everything()
                return
            # Each kind gets its turn, so that neither a replay nor retries keep new events waiting.
            if not any([self._send_new(), self._send_due(), self._send_replay()]):
                return

    def _send_new(self) -> bool:
        """Send up to ``CHUNK`` new events of the feed. Return False if there are none."""
        begun_at = self._lease.position
        page = self._read_feed(begun_at)
        for event in page.events:
            if not self._may_attempt():
                return True
            number = int(event["sequence"])
            self._attempt(self._new_delivery(f"{number:012}", event), event)
            self._lease.position = number
            self._lease.save()
        if page.position != self._lease.position:
            self._lease.position = page.position
            self._lease.save()
        return page.position != begun_at

    def _send_due(self) -> bool:
        """Make up to ``CHUNK`` retries that are due. Return False if none is due."""
        done = 0
        for at, due_name in self._deliveries.list_due(self._lease.endpoint, CHUNK):
            if at > self._parts.clock() or not self._may_attempt():
                break
            done += 1
            delivery = self._deliveries.find_due(self._lease.endpoint, due_name)
            if delivery is None:
                self._deliveries.forget_due(self._lease.endpoint, due_name)
                continue
            item = self._table.get(event_key(delivery.number))
            if item is None:
                self._drop(delivery)
                continue
            self._attempt(delivery, item_document(item))
            self._lease.save()
        return done > 0

    def _send_replay(self) -> bool:
        """Send up to ``CHUNK`` past events of the endpoint's replay (events that are sent again).

        Returns False if no replay is under way, or if the replay cannot go on in this run: it never
        overtakes the first sending of new events.
        """
        replay = _running_replay(self._table, self._lease.endpoint)
        if replay is None:
            return False
        begun_at, until = int(replay["position"]), int(replay["until"])
        # A replay does not overtake the feed: first attempts are in order.
        end = min(until, self._lease.position)
        page = self._read_feed(begun_at)
        for event in page.events:
            number = int(event["sequence"])
            if number > end:
                break
            if not self._may_attempt():
                return True
            name = f"{until:012}#{int(replay['number']):06}#{number:012}"
            self._attempt(self._new_delivery(name, event), event)
            self._lease.save()
            if not self._move_replay(replay, number):
                # Another replay was asked for meanwhile.
                return True
        moved_to = max(begun_at, min(page.position, end))
        self._move_replay(replay, moved_to)
        return moved_to != begun_at

    def _move_replay(self, replay: Item, position: int) -> bool:
        return self._table.replace({**replay, "position": position}, "number", replay["number"])

    def _attempt(self, delivery: Delivery, event: Document) -> None:
        """Try to deliver an event once, and store the result.

        Depending on the result, it also schedules a retry, or pauses or disables the endpoint.
        """
        parts = self._parts
        headers, body = webhook_request(event, self._endpoint["secrets"], parts.clock())
        begun = parts.monotonic()
        answer = self._client.post(self._endpoint["url"], headers, body)
        milliseconds = round((parts.monotonic() - begun) * 1000)
        attempts = delivery.attempts + 1
        outcome = attempt_outcome(attempts, answer, parts.jitter(), parts.scale)
        now = parts.clock()
        if outcome.gone:
            self._table.put({"pk": DISABLED, "sk": self._lease.endpoint, "at": int(now)})
        attempted = replace(
            delivery,
            status=outcome.status,
            attempts=attempts,
            response_status=answer.status,
            milliseconds=milliseconds,
            attempted_at=timestamp(datetime.fromtimestamp(now, UTC)),
        )
        due = now + outcome.wait if outcome.status == "pending" else None
        self._deliveries.save(attempted, now, due)
        self._report[outcome.status] += 1
        self._lease.failures = 0 if outcome.status == "delivered" else self._lease.failures + 1
        pause = max(outcome.pause, failure_pause(self._lease.failures) * parts.scale)
        if pause:
            self._lease.paused_until = now + pause
        if outcome.gone:
            self._endpoint = {**self._endpoint, "status": "disabled"}

    def _may_attempt(self) -> bool:
        gone = self._endpoint.get("status") == "disabled"
        return not gone and not self._lease.is_paused and self._may_go_on()

    def _drop_everything(self) -> None:
        """Cancel all retries and the replay of a disabled endpoint, and skip to the feed's end."""
        while self._may_go_on():
            due = list(self._deliveries.list_due(self._lease.endpoint, DROPPED_AT_ONCE))
            for _, due_name in due:
                delivery = self._deliveries.find_due(self._lease.endpoint, due_name)
                if delivery is None:
                    self._deliveries.forget_due(self._lease.endpoint, due_name)
                else:
                    self._drop(delivery)
            if not due:
                break
        self._table.delete(Key(REPLAYS, self._lease.endpoint))
        self._lease.position = self._parts.feed.last_number()
        self._lease.save()

    def _drop(self, delivery: Delivery) -> None:
        self._deliveries.save(replace(delivery, status="dropped"), self._parts.clock(), None)
        self._report["dropped"] += 1

    def _new_delivery(self, name: str, event: Document) -> Delivery:
        number = int(event["sequence"])
        return Delivery(self._lease.endpoint, name, number, event["id"], event["type"])

    def _read_feed(self, position: int) -> FeedPage:
        """Return the next ``CHUNK`` events of the feed after a position.

        If the next events have expired from the feed, they are skipped, and ``gaps`` in the run's
        report increases by one.
        """
        types = self._endpoint["types"]
        try:
            return self._parts.feed.read_page(position, CHUNK, types)
        except Problem as problem:
            if problem.code != "cursor-expired":
                raise
        self._report["gaps"] += 1
        return self._parts.feed.read_page(self._parts.feed.start(), CHUNK, types)


def _running_replay(table: Table, endpoint: str) -> Item | None:
    replay = table.get(Key(REPLAYS, endpoint))
    if replay is None or int(replay["position"]) >= int(replay["until"]):
        return None
    return replay


def _wake_when_due(parts: SenderParts, lease: Lease) -> None:
    """Send a delayed message that starts the sender for the next retry, or at the end of a pause.

    Sends nothing if that is later than ``MAX_DELAY``: then the schedule starts the sender.
    """
    due = [at for at, _ in Deliveries(parts.table).list_due(lease.endpoint, 1)]
    if lease.is_paused:
        due = [lease.paused_until]
    for at in due:
        wait = max(at - parts.clock(), 0.0)
        if wait <= MAX_DELAY:
            parts.waker.wake_sender(lease.endpoint, wait)
