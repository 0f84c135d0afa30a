"""Receives webhooks of Trading Grid: verifies them, deduplicates them, puts changes on the bus.

Imports little, for a fast cold start.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from gridwix.edge.rejections import rejection
from gridwix.edge.responses import verify_with_rotation
from gridwix.edge.standard_webhooks import TOLERANCE, check_size, verify_signature
from gridwix.errors import InvalidEvent, Unavailable, WebhookRejected
from gridwix.mapping.cloud_events import KNOWN_TYPES, change_type, to_change
from gridwix.mapping.handovers import handover_key
from gridwix.models.key_claims import KeyClaim

POLL_REQUESTED = "feed.poll_requested"
"""``DetailType`` of a poll request, as in :mod:`gridwix.models.events`, which imports pydantic."""

DOORBELL_INTERVAL = 10
"""Rate limit of doorbell webhooks: one poll of the feed in this many seconds."""

LEASE_SECONDS = 15
"""Duration of the lease on a request, in seconds. After it, an unfinished request may be processed
again. It is longer than the function's timeout, so that its worker has stopped by then.
"""

MAX_REJECTIONS = 60
"""Maximum number of rejected webhooks that one execution environment writes into the journal in
``REJECTION_WINDOW`` seconds. The metric ``WebhooksRejected`` counts all of them.
"""

REJECTION_WINDOW = 60


def is_plain_id(text: str) -> bool:
    """Return True for an id that may be written to the journal, which must not contain free text.

    >>> is_plain_id("msg_2b.7"), is_plain_id("Ann Lee <ann@example.com>"), is_plain_id("")
    (True, False, False)
    """
    plain = text.replace("_", "").replace("-", "").replace(".", "").replace(":", "")
    return len(text) <= 100 and plain.isascii() and plain.isalnum()


class RateLimit:
    """Rate limit: admits a maximum number of calls in each window of time."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._window = -1.0
        self._admitted = 0

    def admit(self, now: float) -> bool:
        """Return True for a call that is within the limit. ``now`` is in Unix seconds.

        >>> limit = RateLimit(1, 60)
        >>> [limit.admit(now) for now in (0, 59, 60)]
        [True, False, True]
        """
        window = now // self._seconds
        if window != self._window:
            self._window, self._admitted = window, 0
        self._admitted += 1
        return self._admitted <= self._most


@dataclass(frozen=True, slots=True)
class Receipt:
    """Outcome of a webhook that was not rejected.

    ``accepted`` is the type of the event that is on the bus, "" if no event was needed.
    ``duplicate``: an earlier request had put the event on the bus. ``ignored``: this release does
    not use events of this type.
    """

    accepted: str = ""
    duplicate: bool = False
    ignored: bool = False

    def response_body(self) -> dict[str, Any]:
        """Return the receipt as the JSON object that the sender gets.

        >>> Receipt("case.created", duplicate=True).response_body()
        {'accepted': 'case.created', 'duplicate': True}
        """
        flags = {"duplicate": self.duplicate, "ignored": self.ignored}
        return {"accepted": self.accepted} | {name: True for name, holds in flags.items() if holds}


class TradingGridEdge(Protocol):
    """The AWS calls that the receiver of Trading Grid webhooks needs."""

    def secrets(self, *, refresh: bool = False) -> list[Any]:
        """Return the valid signing secrets, as JSON values.

        ``refresh`` fetches the secrets again, at most twice a minute.
        """

    def put_event(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        """Put one event on the bus. ``at`` is the event's time, in Unix seconds."""

    def claim_key(self, key: str, lease_seconds: int, now: float) -> KeyClaim:
        """Claim the key of a request or event for ``lease_seconds``; return the state of the claim.

        It is GRANTED, HELD by another invocation, or DONE (confirmed before). ``now`` is in Unix
        seconds.
        """

    def confirm_key(self, key: str, seconds: int, now: float) -> None:
        """Record that the request or event of a key is done, so that duplicates are recognized.

        The record is kept for ``seconds``. Never fails: without the record, a duplicate may be
        processed again.
        """

    def release_key(self, key: str, now: float) -> None:
        """Release the claim of ``key``. Never fails: an unreleased claim ends with its lease."""

    def record_handover(self, key: str, event_id: str, now: float) -> None:
        """Record that the bus has accepted an event, so that the feed reader leaves it out.

        ``key`` is the deduplication key of the event. Never fails: without the record, the feed
        reader puts the event on the bus again.
        """

    def record_rejection(self, identifier: str, reason: str, now: float) -> None:
        """Write the reason for which a webhook was rejected to the journal. Never fails."""


class WebhookReceiver:
    """Receives webhooks: verifies each, deduplicates it, and puts its change on the bus.

    A request is claimed, its change is put on the bus, and only then is the request recorded as
    done. So a retry with the same bytes after a failure puts its event on the bus, and the same
    bytes are published once, with one exception: if an invocation dies, or loses the bus's
    response, between the put and the record, it is uncertain whether the bus has the change, and
    the next request puts it there (again). Consumers are idempotent.

    | the claim of a request | response |
    |---|---|
    | granted | 202 once the change is on the bus; if that fails, 503 and the claim is released |
    | held by another invocation | 503: it is not known yet whether the change gets there |
    | done | 202 and ``"duplicate": true`` |
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

    def receive(self, headers: Mapping[str, str], body: bytes) -> Receipt:
        """Receive a webhook, and return the receipt with its outcome.

        A doorbell webhook is from a sender that cannot sign. It only triggers a poll of the event
        feed; its body is not read. Within ``DOORBELL_INTERVAL`` seconds of another one it triggers
        nothing, and the receipt is empty.

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

    def _receive_event(self, headers: Mapping[str, str], body: bytes) -> Receipt:
        now = self._clock()
        request = verify_with_rotation(
            lambda secrets: verify_signature(headers, body, secrets, now=now),
            self._edge.secrets,
            "secrets",
        )
        change = read_change(body, company_id=self._company_id, type_prefix=self._type_prefix)
        if change is None:
            return Receipt(ignored=True)
        event_type = str(change["type"])
        at = datetime.fromisoformat(change["occurredAt"]).timestamp()
        claim = self._edge.claim_key(request, LEASE_SECONDS, now)
        if claim is KeyClaim.DONE:
            return Receipt(event_type, duplicate=True)
        if claim is KeyClaim.HELD:
            raise Unavailable("the same request is being received", system="gridwix")
        # A timestamp is valid for TOLERANCE seconds either way, the last one included.
        self._put_claimed(request, 2 * TOLERANCE + 1, now, (event_type, change, at))
        key = handover_key(event_type, change["subject"], change.get("version"))
        if key is not None:
            self._edge.record_handover(key, change["eventId"], now)
        return Receipt(event_type)

    def _request_poll(self, body: bytes) -> Receipt:
        # The body is unsigned and is not read; its size is checked all the same.
        check_size(body)
        now = self._clock()
        key = f"doorbell.{int(now // DOORBELL_INTERVAL)}"
        if self._edge.claim_key(key, DOORBELL_INTERVAL, now) is not KeyClaim.GRANTED:
            return Receipt()
        request = {"contract": 1, "requestedAt": datetime.fromtimestamp(now, UTC).isoformat()}
        self._put_claimed(key, DOORBELL_INTERVAL, now, (POLL_REQUESTED, request, now))
        return Receipt(POLL_REQUESTED)

    def _put_claimed(
        self, key: str, seconds: int, now: float, event: tuple[str, Mapping[str, Any], float]
    ) -> None:
        """Put an event on the bus; then record its request as done, so that it is deduplicated.

        ``key`` names the request. The caller has claimed it: other invocations leave the request
        alone until the claim ends. The record is kept for ``seconds``. If the put fails, the claim
        is released, so that a retry of the request is accepted.
        """
        try:
            self._edge.put_event(*event)
        except Exception:
            self._edge.release_key(key, now)
            raise
        self._edge.confirm_key(key, seconds, now)


def read_change(body: bytes, *, company_id: str, type_prefix: str) -> dict[str, Any] | None:
    """Map the verified body of a webhook to a change: the JSON object that goes on the bus.

    Args:
        body: the raw bytes of the request.
        company_id: the id of the hub, the company that runs the network. Events of other companies
            are rejected.
        type_prefix: the vendor's prefix of event types.

    Returns:
        The change. None for an event of a type that this release does not use: its content is not
        checked, since the community gateway profile (the contract with the sender) does not define
        such a type. The sender must not see errors for these events, because it could switch the
        endpoint off.

    Raises:
        WebhookRejected: if the body is no event of the hub.
    """
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise rejection("malformed-body") from None
    if not isinstance(event, dict):
        raise rejection("malformed-body")
    named = event.get("type")
    if isinstance(named, str) and named and change_type(named, type_prefix) not in KNOWN_TYPES:
        return None
    try:
        change = to_change(event, prefix=type_prefix, via="webhook")
    except InvalidEvent:
        raise rejection("invalid-event") from None
    if change["companyId"] != company_id:
        raise rejection("unknown-company")
    return change
