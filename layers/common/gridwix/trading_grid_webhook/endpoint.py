"""Wiring of the Trading Grid webhook: settings, AWS calls, and the receiver of webhooks.

Imports neither boto3 nor pydantic nor httpx: the sender waits for the response, cold start
included.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from gridwix.clients.aws import edge
from gridwix.clients.aws.edge import add_handover, get_secret, put_event, put_item
from gridwix.clients.aws.secret_cache import SecretCache
from gridwix.clients.aws.signed import SignedCaller
from gridwix.edge.responses import EdgeSettings
from gridwix.errors import ConfigurationError, UpstreamError
from gridwix.mapping.handovers import TTL_SECONDS
from gridwix.mapping.secret_entries import read_signing_key
from gridwix.models.key_claims import KeyClaim
from gridwix.runtime.observability import log_fields, logger
from gridwix.runtime.secret_entries import EntryWatch
from gridwix.trading_grid_webhook.service import TradingGridEdge, WebhookReceiver

SOURCE = "gridwix.trading_grid"
"""``Source`` of the bus events, as in :mod:`gridwix.models.events`, which imports pydantic."""

DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class TradingGridEdgeSettings(EdgeSettings):
    """Environment variables of the Trading Grid webhook function, as strings."""

    bus_name: str
    handover_table: str
    webhook_inbox_table: str
    journal_table: str
    journal_days: str
    trading_grid_company_id: str
    trading_grid_event_type_prefix: str
    trading_grid_webhook_mode: str
    trading_grid_webhook_secret: str


class AwsTradingGridEdge(TradingGridEdge):
    """The AWS calls of the Trading Grid webhook, as signed HTTP requests without an AWS SDK.

    The connection to each AWS service is kept open.
    """

    def __init__(
        self, settings: TradingGridEdgeSettings, caller: SignedCaller, clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._caller = caller
        self._secrets = SecretCache(partial(get_secret, caller), clock)
        self._entries = EntryWatch("secrets", read_signing_key)

    def secrets(self, *, refresh: bool = False) -> list[Any]:
        fetch = self._secrets.refresh if refresh else self._secrets.get
        secret = self._entries.watch(fetch(self._settings.trading_grid_webhook_secret))
        found = secret.get("secrets")
        if not isinstance(found, list):
            raise ConfigurationError(
                "has no list secrets",
                secret=self._settings.trading_grid_webhook_secret,
                remedy="store it with `gridwix secret set trading-grid/webhook`",
            )
        return found

    def put_event(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        put_event(
            self._caller,
            self._settings.bus_name,
            source=SOURCE,
            detail_type=detail_type,
            detail_json=json.dumps(detail),
            time=at,
        )

    def claim_key(self, key: str, lease_seconds: int, now: float) -> KeyClaim:
        table = self._settings.webhook_inbox_table
        return edge.claim_key(self._caller, table, key, lease_seconds=lease_seconds, now=now)

    def confirm_key(self, key: str, seconds: int, now: float) -> None:
        table = self._settings.webhook_inbox_table
        try:
            edge.confirm_key(self._caller, table, key, ttl_seconds=seconds, now=now)
        except UpstreamError as error:
            logger.warning("claim_not_confirmed", extra=log_fields(error))

    def release_key(self, key: str, now: float) -> None:
        try:
            edge.release_key(self._caller, self._settings.webhook_inbox_table, key, now=now)
        except UpstreamError as error:
            logger.warning("claim_not_released", extra=log_fields(error))

    def record_handover(self, key: str, event_id: str, now: float) -> None:
        try:
            add_handover(
                self._caller,
                self._settings.handover_table,
                key,
                event_id,
                ttl_seconds=TTL_SECONDS,
                now=now,
            )
        except UpstreamError as error:
            logger.warning("handovers_not_recorded", extra=log_fields(error))

    def record_rejection(self, identifier: str, reason: str, now: float) -> None:
        # Imported here: an accepted webhook, whose sender waits for the cold start, needs neither.
        from gridwix.clients.aws.journal_items import entry_item
        from gridwix.models.journal import JournalEntry, JournalOutcome, webhook_name

        entry = JournalEntry(
            record=webhook_name(identifier),
            at=now,
            function="trading_grid_webhook",
            outcome=JournalOutcome.REJECTED,
            event_id=identifier,
            event_type="",
            via="webhook",
            reason=reason,
        )
        item = entry_item(entry, int(self._settings.journal_days) * DAY)
        try:
            put_item(self._caller, self._settings.journal_table, item)
        except UpstreamError as error:
            logger.warning("rejection_not_recorded", extra=log_fields(error))


@cache
def webhook_receiver() -> WebhookReceiver:
    """Return the webhook receiver; built once for each execution environment."""
    settings = TradingGridEdgeSettings.from_environment()
    return WebhookReceiver(
        AwsTradingGridEdge(settings, SignedCaller(), time.time),
        company_id=settings.trading_grid_company_id,
        type_prefix=settings.trading_grid_event_type_prefix,
        is_doorbell=settings.trading_grid_webhook_mode == "doorbell",
        clock=time.time,
    )
