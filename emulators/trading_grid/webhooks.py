"""Webhooks by Standard Webhooks 1.0.0: endpoints, signatures, retries, deliveries.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

import asyncio
import base64
import contextlib
import json
import random
import secrets
import time
from datetime import UTC, datetime, timedelta

import httpx
from standardwebhooks import Webhook

from emulators.common.clock import Clock, rfc3339
from emulators.common.faults import FaultPlan
from emulators.trading_grid.problems import Problem
from emulators.trading_grid.store import Document, Store

SCHEDULE = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds between the attempts of one webhook delivery."""
TIMEOUT = 20.0
CONCURRENCY = 12
SOON = 30.0
"""Seconds ahead for which ``pending_count`` counts scheduled attempts."""
HELD_BACK = 1.0
"""Seconds by which a fault delays or reorders a webhook, on top of the retry schedule."""


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class Webhooks:
    """Delivers events to the registered webhook endpoints, with retries.

    ``scale`` multiplies the retry schedule, ``patience`` the timeout of an attempt.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        faults: FaultPlan,
        scale: float = 1.0,
        patience: float = 1.0,
    ) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._scale = scale
        self._timeout = TIMEOUT * patience
        self._wake = asyncio.Event()

    def register_endpoint(
        self, url: str, types: list[str] | None = None, secret: str | None = None
    ) -> Document:
        """Register a webhook endpoint, and return it.

        ``types`` restricts the endpoint to these event types; None or [] means all. ``secret`` is
        generated if it is None.
        """
        with self._store.transaction():
            endpoint = {
                "id": f"whe_{self._store.next_number('endpoint'):04}",
                "url": url,
                "types": types or [],
                "status": "enabled",
                "secrets": [secret or new_secret()],
                "createdAt": rfc3339(self._clock.now()),
            }
            self._save_endpoint(endpoint)
        return endpoint

    def get_endpoint(self, identifier: str) -> Document:
        row = self._store.connection.execute(
            "SELECT document FROM endpoint WHERE id = ?", (identifier,)
        ).fetchone()
        if row is None:
            raise Problem("not-found", f"There is no webhook endpoint {identifier}.")
        endpoint: Document = json.loads(row["document"])
        return endpoint

    def list_endpoints(self) -> list[Document]:
        return [
            json.loads(row["document"])
            for row in self._store.connection.execute("SELECT document FROM endpoint ORDER BY id")
        ]

    def delete_endpoint(self, identifier: str) -> None:
        self.get_endpoint(identifier)
        self._store.connection.execute("DELETE FROM endpoint WHERE id = ?", (identifier,))
        self._store.connection.execute(
            "UPDATE delivery SET status = 'dropped' WHERE endpoint = ? AND status = 'pending'",
            (identifier,),
        )

    def rotate_secret(self, identifier: str) -> Document:
        """Add a signing secret to an endpoint, and return the endpoint.

        Until the next rotation, webhooks are signed with the new secret and with the former one.
        """
        endpoint = self.get_endpoint(identifier)
        endpoint["secrets"] = [new_secret(), endpoint["secrets"][0]]
        self._save_endpoint(endpoint)
        return endpoint

    def replay_events(self, identifier: str, after: int) -> int:
        """Queue the events after number ``after`` for an endpoint again. Return their number.

        Events to which the endpoint does not subscribe are left out.
        """
        endpoint = self.get_endpoint(identifier)
        events = [
            number
            for number, event in self._store.events(after, -1)
            if _is_subscribed(endpoint, event["type"])
        ]
        with self._store.transaction():
            for number in events:
                self._queue_delivery(identifier, number, 0)
        return len(events)

    def deliveries(self, identifier: str, limit: int = 100) -> list[Document]:
        """Return the newest deliveries to an endpoint, newest first, at most ``limit``."""
        rows = self._store.connection.execute(
            "SELECT * FROM delivery WHERE endpoint = ? ORDER BY number DESC LIMIT ?",
            (identifier, limit),
        )
        return [
            {
                "id": f"dlv_{row['number']:08}",
                "eventId": self._store.event(row["event"])["id"],
                "eventType": self._store.event(row["event"])["type"],
                "status": row["status"],
                "attempts": row["attempts"],
                "responseStatus": row["answer"],
                "milliseconds": row["milliseconds"],
                "lastAttemptAt": None
                if row["at"] is None
                else rfc3339(datetime.fromtimestamp(row["at"], UTC)),
            }
            for row in rows
        ]

    def pending_count(self) -> int:
        """Return the number of deliveries in progress, or due within ``SOON`` seconds."""
        row = self._store.connection.execute(
            "SELECT count(*) FROM delivery WHERE status = 'pending' AND due <= ?",
            (time.time() + SOON,),
        ).fetchone()
        return int(row[0])

    def queue_deliveries(self, number: int) -> None:
        """Queue deliveries of event ``number`` to all endpoints that subscribe to its type.

        Call it inside the transaction that appends the event.
        """
        endpoints = [
            endpoint for endpoint in self.list_endpoints() if endpoint["status"] == "enabled"
        ]
        if not endpoints:
            return
        event_type = self._store.event(number)["type"]
        for endpoint in endpoints:
            if not _is_subscribed(endpoint, event_type) or self._faults.take_match("webhook_drop"):
                continue
            held_back = (
                HELD_BACK if self._faults.take_match("webhook_delay", "webhook_reorder") else 0.0
            )
            copies = 2 if self._faults.take_match("webhook_duplicate") else 1
            for _ in range(copies):
                self._queue_delivery(endpoint["id"], number, held_back)

    async def run(self) -> None:
        """Deliver queued events until the task is cancelled."""
        limits = httpx.Limits(max_connections=CONCURRENCY)
        async with httpx.AsyncClient(
            timeout=self._timeout, limits=limits, follow_redirects=False
        ) as client:
            while True:
                self._wake.clear()
                due = self._store.connection.execute(
                    "SELECT number, endpoint, event, attempts FROM delivery"
                    " WHERE status = 'pending' AND due <= ? ORDER BY due, number LIMIT ?",
                    (time.time(), 10 * CONCURRENCY),
                ).fetchall()
                if due:
                    gate = asyncio.Semaphore(CONCURRENCY)
                    await asyncio.gather(
                        *(
                            self._attempt_delivery(
                                client,
                                gate,
                                row["number"],
                                row["endpoint"],
                                row["event"],
                                row["attempts"],
                            )
                            for row in due
                        )
                    )
                else:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), 0.1)

    def _queue_delivery(self, endpoint: str, event: int, held_back: float) -> None:
        self._store.connection.execute(
            "INSERT INTO delivery (endpoint, event, due, status) VALUES (?, ?, ?, 'pending')",
            (endpoint, event, time.time() + held_back),
        )
        self._wake.set()

    async def _attempt_delivery(
        self,
        client: httpx.AsyncClient,
        gate: asyncio.Semaphore,
        number: int,
        identifier: str,
        event_number: int,
        attempts: int,
    ) -> None:
        async with gate:
            endpoint, event = self.get_endpoint(identifier), self._store.event(event_number)
            body = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
            begun = time.perf_counter()
            answer: httpx.Response | None = None
            with contextlib.suppress(httpx.HTTPError):
                answer = await client.post(
                    endpoint["url"],
                    content=body.encode(),
                    headers=self._signed_headers(endpoint, event["id"], body),
                )
            self._record_attempt(
                number, endpoint, attempts + 1, answer, (time.perf_counter() - begun) * 1000
            )

    def _signed_headers(self, endpoint: Document, event_id: str, body: str) -> dict[str, str]:
        at = datetime.now(UTC)
        if self._faults.take_match("webhook_old_timestamp"):
            at -= timedelta(minutes=10)
        # Signed with each current secret, so that a receiver can rotate without a gap.
        keys = (
            [new_secret()]
            if self._faults.take_match("webhook_bad_signature")
            else endpoint["secrets"]
        )
        return {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(Webhook(key).sign(event_id, at, body) for key in keys),
        }

    def _record_attempt(
        self,
        number: int,
        endpoint: Document,
        attempts: int,
        answer: httpx.Response | None,
        milliseconds: float,
    ) -> None:
        status, due = "pending", None
        code = None if answer is None else answer.status_code
        if code is not None and 200 <= code < 300:
            status = "delivered"
        # 410 Gone means that the receiver no longer wants webhooks.
        elif code == 410:
            status = "failed"
            self._save_endpoint({**endpoint, "status": "disabled"})
        elif attempts >= len(SCHEDULE):
            status = "failed"
        else:
            # Jitter, so that failed deliveries are not all retried in the same moment.
            wait = SCHEDULE[attempts] * self._scale * random.uniform(1.0, 1.1)
            asked = (
                answer.headers.get("retry-after", "")
                if answer is not None and code in (429, 502, 503, 504)
                else ""
            )
            # isascii: ``str.isdigit`` accepts superscripts, which ``float`` does not.
            stated = float(asked[:9]) if asked.isascii() and asked.isdigit() else 0.0
            due = time.time() + max(wait, stated * self._scale)
        self._store.connection.execute(
            "UPDATE delivery SET status = ?, due = ?, attempts = ?, answer = ?,"
            " milliseconds = ?, at = ? WHERE number = ?",
            (status, due, attempts, code, milliseconds, time.time(), number),
        )

    def _save_endpoint(self, endpoint: Document) -> None:
        self._store.connection.execute(
            "INSERT INTO endpoint VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET document = excluded.document",
            (endpoint["id"], json.dumps(endpoint)),
        )


def _is_subscribed(endpoint: Document, event_type: str) -> bool:
    return not endpoint["types"] or event_type in endpoint["types"]
