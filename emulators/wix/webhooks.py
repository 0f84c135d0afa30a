"""Webhooks as Wix delivers them to an app: subscriptions, signatures, retries, deliveries.

Source: https://dev.wix.com/docs/rest/articles/getting-started/webhook-resend-policy. A delivery
succeeds with HTTP 200 within 1250 ms; otherwise it is retried up to 12 times. Delivery is at least
once and unordered.

Faults of :mod:`emulators.common.faults` that apply here, by ``kind``; their ``path`` is a pattern
of event types:

``webhook_drop``, ``webhook_duplicate``
    A webhook does not get one event, or gets it twice.
``webhook_delay``, ``webhook_reorder``
    A webhook gets one event ``seconds`` (1 by default) late, after the following ones.
``webhook_bad_signature``, ``webhook_expired``
    One attempt is signed with a wrong key, or its token has expired.
"""

import fnmatch
import itertools
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from emulators.common.clock import rfc3339
from emulators.common.faults import FaultPlan
from emulators.wix.errors import WixError
from emulators.wix.outgoing import Outgoing
from emulators.wix.signing import LIFETIME, Signer
from emulators.wix.wire import Data

SCHEDULE = (60, 600, 3_600, 7_200, 7_200, 7_200, 14_400, 14_400, 14_400, 28_800, 28_800, 43_200)
"""Seconds from each failed attempt of a delivery to the next."""
TIMEOUT = 1.25
HELD_BACK = 1.0
UNASKED = "wix.data."
"""Prefix of event types that a webhook gets only if it subscribes to them by name.

A site writes mostly data items.
"""
HEADERS = {"content-type": "text/plain; charset=utf-8", "user-agent": "wix-emulator"}

SCHEMA = """
CREATE TABLE IF NOT EXISTS webhook (id TEXT PRIMARY KEY, url TEXT NOT NULL, types TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, entity TEXT NOT NULL,
  data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS event_by_id ON event (id);
CREATE TABLE IF NOT EXISTS delivery (
  number INTEGER PRIMARY KEY, webhook TEXT NOT NULL, event INTEGER NOT NULL, due REAL,
  status TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  answer INTEGER, milliseconds REAL, at REAL
);
"""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A registered callback URL.

    ``types`` are patterns of event types; empty means all event types but those of data items.
    """

    id: str
    url: str
    types: tuple[str, ...]

    def is_subscribed(self, event_type: str) -> bool:
        if not self.types:
            return not event_type.startswith(UNASKED)
        return any(fnmatch.fnmatchcase(event_type, pattern) for pattern in self.types)

    def to_json(self) -> Data:
        return {"id": self.id, "url": self.url, "types": list(self.types)}


@dataclass(frozen=True, slots=True)
class Event:
    """One stored event. ``data`` is the text to sign. Each new event has a greater ``number``."""

    number: int
    id: str
    type: str
    entity: str
    data: str


class Webhooks:
    """Delivers events to registered callback URLs, with retries.

    ``scale`` multiplies the delays between attempts.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        faults: FaultPlan,
        outgoing: Outgoing,
        signer: Signer,
        scale: float,
    ) -> None:
        self._connection = connection
        self._faults = faults
        self._outgoing = outgoing
        self._signer = signer
        self._scale = scale
        connection.executescript(SCHEMA)
        rows = connection.execute("SELECT id, url, types FROM webhook ORDER BY rowid")
        self._webhooks = {
            row["id"]: Webhook(row["id"], row["url"], tuple(row["types"].split())) for row in rows
        }
        # Numbers continue after a restart: receivers use them to detect outdated events.
        (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM event").fetchone()
        self._numbers: Iterator[int] = itertools.count(last + 1)
        self._wanted: dict[str, bool] = {}

    def register(self, url: str, types: list[str]) -> Data:
        number = (
            max((int(identifier.rpartition("-")[2]) for identifier in self._webhooks), default=0)
            + 1
        )
        webhook = Webhook(f"webhook-{number}", url, tuple(types))
        self._connection.execute(
            "INSERT INTO webhook VALUES (?, ?, ?)", (webhook.id, url, " ".join(types))
        )
        self._webhooks[webhook.id] = webhook
        self._wanted.clear()
        return webhook.to_json()

    def remove_webhooks(self, identifier: str | None = None) -> None:
        """Remove one webhook, or all without ``identifier``. Pending deliveries are cancelled."""
        for name in list(self._webhooks) if identifier is None else [identifier]:
            if self._webhooks.pop(name, None) is None:
                raise WixError("NOT_FOUND", f"There is no webhook {name[:64]}")
            self._connection.execute("DELETE FROM webhook WHERE id = ?", (name,))
            self._connection.execute(
                "UPDATE delivery SET status = 'dropped', due = NULL"
                " WHERE webhook = ? AND status = 'pending'",
                (name,),
            )
        self._wanted.clear()

    def all(self) -> list[Data]:
        return [webhook.to_json() for webhook in self._webhooks.values()]

    def is_wanted(self, event_type: str) -> bool:
        """Return True if any webhook subscribes to the event type."""
        known = self._wanted.get(event_type)
        if known is None:
            known = self._wanted[event_type] = any(
                webhook.is_subscribed(event_type) for webhook in self._webhooks.values()
            )
        return known

    def next_number(self) -> int:
        return next(self._numbers)

    def queue_event(self, event: Event) -> int:
        """Store an event and queue its deliveries to the subscribed webhooks.

        Returns the number of deliveries.
        """
        row = (event.number, event.id, event.type, event.entity, event.data)
        self._connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?)", row)
        queued = 0
        for webhook in self._webhooks.values():
            if not webhook.is_subscribed(event.type) or self._faults.take_match(
                "webhook_drop", path=event.type
            ):
                continue
            late = self._faults.take_match("webhook_delay", "webhook_reorder", path=event.type)
            copies = 2 if self._faults.take_match("webhook_duplicate", path=event.type) else 1
            for _ in range(copies):
                self._queue_delivery(
                    webhook.id, event.number, (late.seconds or HELD_BACK) if late else 0.0
                )
            queued += copies
        return queued

    def redeliver(self, event_id: str | None) -> int:
        """Queue one event for delivery again, or all events if ``event_id`` is None.

        Returns the number of deliveries.
        """
        events = self._connection.execute(
            "SELECT number, type FROM event WHERE ? IS NULL OR id = ? ORDER BY number",
            (event_id, event_id),
        ).fetchall()
        if event_id is not None and not events:
            raise WixError("NOT_FOUND", f"There is no event {event_id[:64]}")
        wanting = [
            (webhook.id, event["number"])
            for event in events
            for webhook in self._webhooks.values()
            if webhook.is_subscribed(event["type"])
        ]
        for webhook_id, number in wanting:
            self._queue_delivery(webhook_id, number, 0.0)
        return len(wanting)

    def resume(self) -> None:
        """Schedule the deliveries that were pending when the emulator was stopped."""
        now = time.time()
        for number, due in self._connection.execute(
            "SELECT number, due FROM delivery WHERE status = 'pending' ORDER BY due, number"
        ).fetchall():
            self._outgoing.schedule(due - now, partial(self._attempt_delivery, number))

    def deliveries(
        self,
        *,
        event_id: str | None = None,
        event_type: str | None = None,
        status: str | None = None,
        limit: int = 1000,
    ) -> list[Data]:
        """Return the deliveries that match the filters, newest first, each with its last attempt.

        A filter that is None matches all deliveries.
        """
        rows = self._connection.execute(
            "SELECT delivery.*, event.id AS event_id, event.type, event.entity FROM delivery"
            " JOIN event ON event.number = delivery.event"
            " WHERE (:id IS NULL OR event.id = :id) AND (:type IS NULL OR event.type = :type)"
            " AND (:status IS NULL OR status = :status)"
            " ORDER BY delivery.number DESC LIMIT :limit",
            {"id": event_id, "type": event_type, "status": status, "limit": limit},
        )
        return [
            {
                "id": row["number"],
                "webhookId": row["webhook"],
                "eventId": row["event_id"],
                "eventType": row["type"],
                "entityId": row["entity"],
                "status": row["status"],
                "attempts": row["attempts"],
                "responseStatus": row["answer"],
                "milliseconds": row["milliseconds"],
                "lastAttemptAt": _format_timestamp(row["at"]),
                "nextAttemptAt": _format_timestamp(row["due"]),
            }
            for row in rows
        ]

    def counts(self) -> dict[str, int]:
        """Return the number of deliveries by status."""
        return dict(
            self._connection.execute(
                "SELECT status, count(*) FROM delivery GROUP BY status"
            ).fetchall()
        )

    def _queue_delivery(self, webhook_id: str, event_number: int, held_back: float) -> None:
        cursor = self._connection.execute(
            "INSERT INTO delivery (webhook, event, due, status) VALUES (?, ?, ?, 'pending')",
            (webhook_id, event_number, time.time() + held_back),
        )
        assert cursor.lastrowid is not None
        self._outgoing.schedule(held_back, partial(self._attempt_delivery, cursor.lastrowid))

    async def _attempt_delivery(self, number: int) -> None:
        row = self._connection.execute(
            "SELECT webhook, status, attempts, type, data FROM delivery"
            " JOIN event ON event.number = delivery.event WHERE delivery.number = ?",
            (number,),
        ).fetchone()
        if row["status"] != "pending":
            return
        url, body = (
            self._webhooks[row["webhook"]].url,
            partial(self._signed_body, row["type"], row["data"]),
        )
        answer = await self._outgoing.post(url, body, HEADERS, TIMEOUT)
        attempts, status, due = row["attempts"] + 1, "delivered", None
        if answer.status != 200:
            status = "failed" if attempts > len(SCHEDULE) else "pending"
        if status == "pending":
            due = time.time() + SCHEDULE[attempts - 1] * self._scale
        changed = self._connection.execute(
            "UPDATE delivery SET status = ?, due = ?, attempts = ?, answer = ?,"
            " milliseconds = ?, at = ? WHERE number = ? AND status = 'pending'",
            (
                status,
                due,
                attempts,
                answer.status,
                round(answer.milliseconds, 1),
                time.time(),
                number,
            ),
        )
        if due is not None and changed.rowcount:
            self._outgoing.schedule(due - time.time(), partial(self._attempt_delivery, number))

    def _signed_body(self, event_type: str, data: str) -> bytes:
        """Return an event as a signed token. Each attempt of a delivery gets a new token.

        A token from the first attempt would expire long before the last attempt.
        """
        expired, forged = (
            self._faults.take_match(kind, path=event_type) is not None
            for kind in ("webhook_expired", "webhook_bad_signature")
        )
        return self._signer.sign_jwt(
            data, time.time() - (2 * LIFETIME if expired else 0), forged=forged
        ).encode()


def _format_timestamp(at: float | None) -> str | None:
    return None if at is None else rfc3339(datetime.fromtimestamp(at, UTC))
