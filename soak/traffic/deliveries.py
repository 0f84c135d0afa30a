"""Webhooks of Trading Grid, by Standard Webhooks 1.0.0: signed, retried, and some late or out of
order.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

import base64
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import orjson

from soak.kernel.tasks import Scheduler
from soak.traffic.ports import Entrance, Keys
from soak.traffic.shape import Webhooks

PATH = "/webhooks/trading-grid"
SCHEDULE = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds between the attempts of a webhook delivery."""
PATIENCE = 20.0
SOON = 0.2
"""Maximum seconds until a webhook is usually sent."""
REORDERED, LATE = 30.0, 1_200.0
"""Maximum delay of a reordered and of a late webhook, in seconds."""
OLD = 600


class Deliveries:
    """Sends each event of the hub to the stack's webhook.

    ``counts`` holds how many were sent, lost, doubled, reordered, late, old, delivered, refused,
    failed, and retried. A lost webhook is never sent: the feed has its event.

    Args:
        scheduler: Virtual time.
        random: The seeded source of chance.
        entrance: The stack's webhooks.
        keys: The signing secrets.
        shares: What happens to webhooks on their way, and how often.
        until: Unix seconds after which nothing happens to them.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        random: Random,
        entrance: Entrance,
        keys: Keys,
        shares: Webhooks,
        until: float = float("inf"),
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._scheduler = scheduler
        self._random = random
        self._entrance = entrance
        self._keys = keys
        self._shares = shares
        self._until = until

    def queue(self, event: Mapping[str, Any]) -> None:
        """Queue the deliveries of an event that the hub has just appended."""
        random, shares = self._random, self._shares
        delay = SOON * random.random()
        self.counts["sent"] += 1
        if self._scheduler.now >= self._until:
            self._queue(event, delay, 0.0)
            return
        chance = random.random()
        if self._happens("lost", chance, limit := shares.lost):
            return
        if self._happens("reordered", chance, limit := limit + shares.reordered):
            delay = REORDERED * random.random()
        elif self._happens("late", chance, limit := limit + shares.late):
            delay = LATE * random.random()
        elif self._happens("old", chance, limit + shares.old):
            self._queue(event, delay, OLD)
            return
        self._queue(event, delay, 0.0)
        if random.random() < shares.doubled:
            self.counts["doubled"] += 1
            self._queue(event, delay + REORDERED * random.random(), 0.0)

    def _happens(self, name: str, chance: float, limit: float) -> bool:
        if chance >= limit:
            return False
        self.counts[name] += 1
        return True

    def _queue(self, event: Mapping[str, Any], delay: float, age: float) -> None:
        # The first attempt takes the event's members as they are now: listeners must not keep them.
        # A copy: a kept result of orjson holds a buffer of 4 KB.
        body = bytes(memoryview(orjson.dumps(event)))
        identifier = event["id"]
        self._scheduler.after(delay, lambda: self._attempt(identifier, body, age, 1))

    def _attempt(self, identifier: str, body: bytes, age: float, number: int) -> None:
        headers = signed_headers(
            identifier, body, self._keys.hub_secrets(), self._scheduler.now - age
        )
        self._entrance.post(
            PATH,
            headers,
            body.decode(),
            PATIENCE,
            lambda status: self._answered(identifier, body, number, status),
        )

    def _answered(self, identifier: str, body: bytes, number: int, status: int | None) -> None:
        if status is not None and 200 <= status < 300:
            self.counts["delivered"] += 1
            return
        if status is not None and 400 <= status < 500:
            self.counts["refused"] += 1
        if number >= len(SCHEDULE):
            self.counts["failed"] += 1
            return
        self.counts["retried"] += 1
        # Jitter, so that failed deliveries are not all retried in the same moment.
        wait = SCHEDULE[number] * (1 + self._random.random() / 10)
        self._scheduler.after(wait, lambda: self._attempt(identifier, body, 0.0, number + 1))


def signed_headers(
    identifier: str, body: bytes, secrets: Sequence[str], at: float
) -> dict[str, str]:
    """Return the headers of a webhook, signed with each secret, so that a receiver can rotate.

    Args:
        identifier: The event's id.
        body: The body.
        secrets: The secrets (``whsec_...``).
        at: The time stamp, in Unix seconds.
    """
    stamp = str(int(at))
    content = b"%b.%b.%b" % (identifier.encode(), stamp.encode(), body)
    signatures = [
        base64.b64encode(hmac.digest(_key(secret), content, "sha256")).decode()
        for secret in secrets
    ]
    return {
        "content-type": "application/json",
        "webhook-id": identifier,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_"))
