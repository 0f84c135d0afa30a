"""Verifies webhook signatures (Standard Webhooks 1.0.0), with replay protection by timestamp.

Imports little, for a fast cold start.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from gridwix.edge.rejections import rejection
from gridwix.errors import ConfigurationError
from gridwix.mapping.secret_entries import read_signing_key, usable_entries
from gridwix.models.secret_names import TRADING_GRID_WEBHOOK, WIX_WEBHOOK

TOLERANCE = 300
"""Maximum difference between a webhook's timestamp and our clock, in seconds, either way."""

MAX_BODY_BYTES = 1024 * 1024
"""Maximum size of a webhook's body, in bytes.

API Gateway passes on 10 MB, and a function takes 6 MB, in which base64 needs a third more:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html,
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. The limits of the bus do
not matter, as its events carry no content.
"""

MAX_SIGNATURES = 10
"""Maximum number of signatures of one request that are compared; the others are ignored."""


def check_size(body: bytes, most: int = MAX_BODY_BYTES) -> None:
    """Raise WebhookRejected if a request's body has more than ``most`` bytes."""
    if len(body) > most:
        raise rejection("body-too-large")


def verify_signature(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[object], *, now: float
) -> str:
    """Verify size, timestamp and signature of a webhook, over the raw bytes of its body.

    Return the request's deduplication key. Requests that differ in id, timestamp or any byte of the
    body have different keys.

    A timestamp that differs from ``now`` by more than ``TOLERANCE`` seconds is rejected, so that an
    intercepted request cannot be replayed later.

    Any of ``secrets`` may have signed, so that a secret can be rotated without a gap. A malformed
    secret is skipped.

    Args:
        headers: the headers, by lower-case name.
        body: the raw bytes of the request.
        secrets: the valid signing secrets (``whsec_...``), as JSON values of the secret.
        now: Unix seconds.

    Raises:
        WebhookRejected: if a header is missing or malformed, the timestamp is out of tolerance, or
            no signature matches.
        ConfigurationError: if there is no usable secret.
    """
    check_size(body)
    try:
        identifier, stamp, signatures = (
            headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        )
    except KeyError:
        raise rejection("missing-header") from None
    timestamp = _parse_timestamp(stamp)
    if timestamp < now - TOLERANCE:
        raise rejection("timestamp-too-old")
    if timestamp > now + TOLERANCE:
        raise rejection("timestamp-too-new")
    if not 0 < len(identifier) <= 200:
        raise rejection("malformed-header")
    expected = _compute_signatures(identifier, timestamp, body, secrets)
    given = [signature.encode() for signature in signatures.split(" ")[:MAX_SIGNATURES]]
    # Compare every pair, so that the time taken does not reveal which one was close.
    if not sum(hmac.compare_digest(ours, theirs) for ours in expected for theirs in given):
        raise rejection("invalid-signature")
    return f"{identifier}.{timestamp}.{hashlib.sha256(body).hexdigest()[:32]}"


def _parse_timestamp(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise rejection("malformed-header")
    return int(text)


def _compute_signatures(
    identifier: str, timestamp: int, body: bytes, secrets: Sequence[object]
) -> list[bytes]:
    keys = usable_entries(secrets, read_signing_key)
    if not keys:
        raise ConfigurationError(
            "has no signing secret that can be used",
            secret=f"{TRADING_GRID_WEBHOOK} or {WIX_WEBHOOK}",
            remedy="`gridwix secret check` names it, and `gridwix secret set` adds an entry",
        )
    try:
        data = body.decode()
    except UnicodeDecodeError:
        raise rejection("malformed-body") from None
    at = datetime.fromtimestamp(timestamp, UTC)
    return [Webhook(key).sign(identifier, at, data).encode() for key in keys]
