"""What runs behind Trading Grid's webhook. Imports neither boto3 nor pydantic nor httpx: somebody waits for the answer, cold start included."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Protocol

from gridwix.clients.aws.edge import get_secret, put_event, remember_once
from gridwix.clients.aws.secret_cache import SecretCache
from gridwix.clients.aws.signed import SignedCaller
from gridwix.edge.rejections import rejection
from gridwix.edge.responses import EdgeSettings, verify_with_rotation
from gridwix.edge.standard_webhooks import TOLERANCE, check_size, verify_signature
from gridwix.errors import ConfigurationError
from gridwix.trading_grid_webhook.service import read_change

SOURCE = "gridwix.trading_grid"
POLL_REQUESTED = "feed.poll_requested"
DOORBELL_INTERVAL = 10
"""Seconds in which any number of rings of a doorbell make one reading of the feed."""


@dataclass(frozen=True, slots=True)
class TradingGridEdgeSettings(EdgeSettings):
    """The environment variables of the webhook function, as strings."""

    bus_name: str
    webhook_inbox_table: str
    trading_grid_company_id: str
    trading_grid_event_type_prefix: str
    trading_grid_webhook_mode: str
    trading_grid_webhook_secret: str


class Edge(Protocol):
    """What the webhook needs of AWS."""

    def secrets(self, *, refresh: bool = False) -> list[str]:
        """The signing secrets, fetched anew with ``refresh`` (at most twice a minute)."""

    def put(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        """Put one event on the bus."""

    def first_time(self, key: str, seconds: int, now: float) -> bool:
        """Whether ``key`` was not seen in the last ``seconds``; it is remembered from now on."""


class AwsEdge:
    """The edge's AWS: three signed calls over one kept connection each."""

    def __init__(self, settings: TradingGridEdgeSettings, caller: SignedCaller, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._caller = caller
        self._secrets = SecretCache(partial(get_secret, caller), clock)

    def secrets(self, *, refresh: bool = False) -> list[str]:
        fetch = self._secrets.refresh if refresh else self._secrets.get
        found = fetch(self._settings.trading_grid_webhook_secret).get("secrets")
        if not isinstance(found, list) or not all(isinstance(secret, str) for secret in found):
            raise ConfigurationError('the webhook secret is not of the form {"secrets": ["whsec_..."]}')
        return found

    def put(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        put_event(self._caller, self._settings.bus_name, source=SOURCE, detail_type=detail_type, detail_json=json.dumps(detail), time=at)

    def first_time(self, key: str, seconds: int, now: float) -> bool:
        return remember_once(self._caller, self._settings.webhook_inbox_table, key, seconds, now)


class WebhookReceiver:
    """Takes one webhook: verify, refuse a replay, put the change on the bus.

    A request is remembered before its change is put on the bus. If that fails, the sender gets an error and tries again with a new timestamp, which is a new
    request; so nothing is lost, and the very same bytes are never taken twice.
    """

    def __init__(self, settings: TradingGridEdgeSettings, edge: Edge, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._edge = edge
        self._clock = clock

    def receive(self, headers: Mapping[str, str], body: bytes) -> str:
        """Take the webhook and return what was put on the bus: an event type, or "" if a doorbell has rung just before.

        Raises WebhookRejected; UpstreamError if AWS fails; ConfigurationError if there is no usable secret.
        """
        if self._settings.trading_grid_webhook_mode == "doorbell":
            return self._ring(body)
        now = self._clock()
        request = verify_with_rotation(lambda secrets: verify_signature(headers, body, secrets, now=now), self._edge.secrets)
        change = read_change(body, company_id=self._settings.trading_grid_company_id, type_prefix=self._settings.trading_grid_event_type_prefix)
        if not self._edge.first_time(request, 2 * TOLERANCE, now):
            raise rejection("replayed")
        self._edge.put(change["type"], change, datetime.fromisoformat(change["occurredAt"]).timestamp())
        return str(change["type"])

    def _ring(self, body: bytes) -> str:
        check_size(body)
        now = self._clock()
        if not self._edge.first_time(f"doorbell.{int(now // DOORBELL_INTERVAL)}", DOORBELL_INTERVAL, now):
            return ""
        self._edge.put(POLL_REQUESTED, {"contract": 1, "requestedAt": datetime.fromtimestamp(now, UTC).isoformat()}, now)
        return POLL_REQUESTED


@cache
def webhook_receiver() -> WebhookReceiver:
    """The receiver of this sandbox."""
    settings = TradingGridEdgeSettings.read()
    return WebhookReceiver(settings, AwsEdge(settings, SignedCaller(), time.time), time.time)
