"""Planted faults of webhooks: the layer stands between the gateway and the receiver."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook

from ops.waiting import STANDSTILL
from tests.fakes.gateway.faulty import Answer, Forward, Request

RELAY = "relay"
SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature", "content-type")


@dataclass(frozen=True)
class Sent:
    """A webhook on its way. ``secrets`` are those of its endpoint, the newest first."""

    headers: dict[str, str]
    body: bytes
    secrets: tuple[str, ...]
    attempt: int

    def signed(
        self,
        *,
        identifier: str | None = None,
        at: int | None = None,
        body: bytes | None = None,
        secrets: tuple[str, ...] | None = None,
    ) -> "Sent":
        """Return another webhook, signed by itself."""
        name = identifier or self.headers["webhook-id"]
        stamp = at or int(self.headers["webhook-timestamp"])
        content = self.body if body is None else body
        signatures = [
            Webhook(secret).sign(name, datetime.fromtimestamp(stamp, UTC), content.decode())
            for secret in (self.secrets if secrets is None else secrets)
        ]
        headers = {
            **self.headers,
            "webhook-id": name,
            "webhook-timestamp": str(stamp),
            "webhook-signature": " ".join(signatures),
        }
        return Sent(headers, content, self.secrets, self.attempt)


class SpoiltWebhooks:
    """A fault that relays webhooks and changes them, or the receiver's status.

    Args:
        spoil: Returns the webhook that is delivered; None delivers none.
        status: Returns the status that the gateway sees, from that of the receiver.
    """

    def __init__(
        self,
        spoil: Callable[[Sent], Sent | None] = lambda sent: sent,
        status: Callable[[int], int] = lambda status: status,
    ) -> None:
        self._spoil = spoil
        self._status = status
        self._targets: dict[str, str] = {}
        self._secrets: dict[str, tuple[str, ...]] = {}
        self._attempts: dict[str, int] = {}
        self._registered = asyncio.Lock()

    async def __call__(self, request: Request, forward: Forward) -> Answer:
        if not request.inside and request.parts[0] == RELAY:
            return await self._relay(request)
        if request.method == "POST" and request.path == "/webhook-endpoints":
            return await self._register(request, forward)
        answer = await forward(request)
        if request.parts[-1] == "rotate-secret" and answer.status == 200:
            endpoint = answer.document
            number = endpoint["url"].rpartition("/")[2]
            self._secrets[number] = tuple(endpoint["secrets"])
        return answer

    async def _register(self, request: Request, forward: Forward) -> Answer:
        async with self._registered:
            number = str(len(self._targets) + 1)
            fields = request.document
            self._targets[number] = fields["url"]
            fields["url"] = f"http://{request.headers['host']}/{RELAY}/{number}"
            answer = await forward(request.with_document(fields))
            self._secrets[number] = tuple(answer.document["secrets"])
        return answer

    async def _relay(self, request: Request) -> Answer:
        # The gateway can deliver before the caller has its secrets.
        async with self._registered:
            number = request.parts[1]
        headers = {name: request.headers[name] for name in SIGNED}
        key = f"{number} {headers['webhook-id']}"
        self._attempts[key] = self._attempts.get(key, 0) + 1
        sent = self._spoil(Sent(headers, request.body, self._secrets[number], self._attempts[key]))
        if sent is None:
            return Answer(202, {}, b"")
        async with httpx.AsyncClient(timeout=STANDSTILL) as client:
            response = await client.post(
                self._targets[number], content=sent.body, headers=sent.headers
            )
        return Answer(self._status(response.status_code), {}, b"")


def with_wrong_signature(sent: Sent) -> Sent:
    """Sign with a secret that is not the endpoint's."""
    return sent.signed(secrets=("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",))


def with_newest_signature(sent: Sent) -> Sent:
    """Sign with the newest secret only."""
    return sent.signed(secrets=sent.secrets[:1])


def with_new_id_on_retry(sent: Sent) -> Sent:
    """Give each attempt after the first an id of its own."""
    if sent.attempt == 1:
        return sent
    return sent.signed(identifier=f"{sent.headers['webhook-id']}-{sent.attempt}")


def with_other_id(sent: Sent) -> Sent:
    """Give the webhook an id that is not the event's."""
    return sent.signed(identifier="msg_1")


def with_first_signature_on_retry(first: dict[str, str]) -> Callable[[Sent], Sent]:
    """Send the retry with a new time, and the signature of the first attempt."""

    def spoil(sent: Sent) -> Sent:
        name = sent.headers["webhook-id"]
        signature = first.setdefault(name, sent.headers["webhook-signature"])
        if sent.attempt == 1:
            return sent
        later = str(int(sent.headers["webhook-timestamp"]) + 1)
        headers = {
            **sent.headers,
            "webhook-signature": signature,
            "webhook-timestamp": later,
        }
        return Sent(headers, sent.body, sent.secrets, sent.attempt)

    return spoil


def with_old_time(sent: Sent) -> Sent:
    """Sign for a time ten minutes ago."""
    return sent.signed(at=int(time.time()) - 600)


def with_other_event(sent: Sent) -> Sent:
    """Deliver an event that differs from that of the feed."""
    event = json.loads(sent.body)
    event["data"]["before"] = {"spoilt": True}
    return sent.signed(body=json.dumps(event).encode())


def drop_webhook(_: Sent) -> None:
    """Deliver nothing."""
