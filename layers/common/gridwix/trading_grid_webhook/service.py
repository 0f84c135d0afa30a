"""Receives webhooks of Trading Grid: verify, reject replays, put the change on the bus.

Imports little, for a fast cold start.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from gridwix.edge.rejections import rejection
from gridwix.edge.responses import verify_with_rotation
from gridwix.edge.standard_webhooks import TOLERANCE, check_size, verify_signature
from gridwix.errors import InvalidEvent, WebhookRejected
from gridwix.mapping.cloud_events import KNOWN_TYPES, to_change
from gridwix.mapping.handovers import handover_key

POLL_REQUESTED = "feed.poll_requested"
"""``DetailType`` of a poll request, as in :mod:`gridwix.models.events`, which imports pydantic."""

DOORBELL_INTERVAL = 10
"""Rate limit of doorbell webhooks: one poll of the feed in this many seconds."""

MAX_REJECTIONS = 60
"""Most rejected webhooks that one execution environment writes into the journal in
``REJECTION_WINDOW`` seconds. The metric ``WebhooksRejected`` counts all of them.
"""

REJECTION_WINDOW = 60


def is_plain_id(text: str) -> bool:
    """True for an id that may stand in the journal, which holds no free text.

    >>> is_plain_id("msg_2b.7"), is_plain_id("Ann Lee <ann@example.com>"), is_plain_id("")
    (True, False, False)
    """
    plain = text.replace("_", "").replace("-", "").replace(".", "").replace(":", "")
    return len(text) <= 100 and plain.isascii() and plain.isalnum()


class RateLimit:
    """Admits a number of calls in each window of time."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._window = -1.0
        self._admitted = 0

    def admit(self, now: float) -> bool:
        """Return True for a call that may go on. ``now`` is in Unix seconds.

        >>> limit = RateLimit(1, 60)
        >>> [limit.admit(now) for now in (0, 59, 60)]
        [True, False, True]
        """
        window = now // self._seconds
        if window != self._window:
            self._window, self._admitted = window, 0
        self._admitted += 1
        return self._admitted <= self._most


class TradingGridEdge(Protocol):
    """The calls to AWS that the webhook needs."""

    def secrets(self, *, refresh: bool = False) -> list[str]:
        """The signing secrets. ``refresh`` fetches them again, at most twice a minute."""

    def put_event(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        """Put one event on the bus. ``at`` is its time, in Unix seconds."""

    def claim_key(self, key: str, seconds: int, now: float) -> bool:
        """Remember ``key`` for ``seconds``; False if it was claimed before and is remembered."""

    def record_handover(self, key: str, event_id: str, now: float) -> None:
        """Remember that the bus has accepted an event, so that the feed leaves it out.

        Never fails: an event that is not remembered passes once more.
        """

    def record_rejection(self, identifier: str, reason: str, now: float) -> None:
        """Write into the journal why a webhook was rejected. Never fails."""


class WebhookReceiver:
    """Receives a webhook: verify it, reject a replay, put its change on the bus.

    A request is remembered before its change is put on the bus. If that fails, the sender gets an
    error and retries with a new timestamp, which is a new request. So no change is lost, and equal
    bytes are never accepted twice.
    """

    def __init__(
        self,
        edge: TradingGridEdge,
        *,
        company_id: str,
        type_prefix: str,
        is_doorbell: bool,
        clock: Callable[[], float],
    ) -> None:
        self._edge = edge
        self._company_id = company_id
        self._type_prefix = type_prefix
        self._is_doorbell = is_doorbell
        self._clock = clock
        self._rejections = RateLimit(MAX_REJECTIONS, REJECTION_WINDOW)

    def receive(self, headers: Mapping[str, str], body: bytes) -> str:
        """Receive a webhook. Return the type of the event that was put on the bus.

        It is "" for a doorbell webhook within ``DOORBELL_INTERVAL`` of another.

        Args:
            headers: the headers, by lower-case name.
            body: the raw bytes of the request.

        Raises:
            WebhookRejected: if it must not reach the bus.
            UpstreamError: if AWS fails.
            ConfigurationError: if there is no usable secret.
        """
        if self._is_doorbell:
            return self._request_poll(body)
        try:
            return self._receive_event(headers, body)
        except WebhookRejected as rejected:
            self._record_rejection(headers.get("webhook-id", ""), rejected.reason)
            raise

    def _record_rejection(self, identifier: str, reason: str) -> None:
        # Anybody can send a request that is rejected, with any text as its id.
        now = self._clock()
        if is_plain_id(identifier) and self._rejections.admit(now):
            self._edge.record_rejection(identifier, reason, now)

    def _receive_event(self, headers: Mapping[str, str], body: bytes) -> str:
        now = self._clock()
        request = verify_with_rotation(
            lambda secrets: verify_signature(headers, body, secrets, now=now), self._edge.secrets
        )
        change = read_change(body, company_id=self._company_id, type_prefix=self._type_prefix)
        # A timestamp is valid for TOLERANCE seconds either way, so keys are kept for twice as long.
        if not self._edge.claim_key(request, 2 * TOLERANCE, now):
            raise rejection("replayed")
        self._edge.put_event(
            change["type"], change, datetime.fromisoformat(change["occurredAt"]).timestamp()
        )
        # The claim above does not say that the bus has the change: it is older than the put.
        key = handover_key(change["type"], change["subject"], change.get("version"))
        if key is not None:
            self._edge.record_handover(key, change["eventId"], now)
        return str(change["type"])

    def _request_poll(self, body: bytes) -> str:
        # The body is unsigned and is not read; its size is checked all the same.
        check_size(body)
        now = self._clock()
        if not self._edge.claim_key(
            f"doorbell.{int(now // DOORBELL_INTERVAL)}", DOORBELL_INTERVAL, now
        ):
            return ""
        self._edge.put_event(
            POLL_REQUESTED,
            {"contract": 1, "requestedAt": datetime.fromtimestamp(now, UTC).isoformat()},
            now,
        )
        return POLL_REQUESTED


def read_change(body: bytes, *, company_id: str, type_prefix: str) -> dict[str, Any]:
    """Map a verified body to a change, as the JSON object that goes on the bus.

    Args:
        body: the raw bytes of the request.
        company_id: the hub's own id. Events of other companies are rejected.
        type_prefix: the vendor's prefix of event types.

    Raises:
        WebhookRejected: if the body is no event of the hub of a known type.
    """
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise rejection("malformed-body") from None
    if not isinstance(event, dict):
        raise rejection("malformed-body")
    try:
        change = to_change(event, prefix=type_prefix, via="webhook")
    except InvalidEvent:
        raise rejection("invalid-event") from None
    if change["companyId"] != company_id:
        raise rejection("unknown-company")
    if change["type"] not in KNOWN_TYPES:
        raise rejection("unknown-type")
    return change
