"""Who has sent a body: signatures as of Standard Webhooks 1.0.0. Imports little, for it runs at the edge.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from gridwix.edge.rejections import rejection
from gridwix.errors import ConfigurationError

TOLERANCE = 300
"""Seconds by which a webhook's timestamp may differ from our clock, either way."""

MAX_BODY_BYTES = 256 * 1024
MAX_SIGNATURES = 10


def check_size(body: bytes) -> None:
    if len(body) > MAX_BODY_BYTES:
        raise rejection("body-too-large")


def verify_signature(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: float) -> str:
    """Check size, timestamp and signature of the raw bytes, and return what names this very request, for the refusal of replays.

    ``headers`` have lower-case names. Any of ``secrets`` may have signed, so that a secret can be rotated without a gap. Raises WebhookRejected, or
    ConfigurationError if there is no usable secret.
    """
    check_size(body)
    try:
        identifier, stamp, signatures = (headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature"))
    except KeyError:
        raise rejection("missing-header") from None
    timestamp = _timestamp(stamp)
    if timestamp < now - TOLERANCE:
        raise rejection("timestamp-too-old")
    if timestamp > now + TOLERANCE:
        raise rejection("timestamp-too-new")
    if not 0 < len(identifier) <= 200:
        raise rejection("malformed-header")
    expected = _expected(identifier, timestamp, body, secrets)
    given = [signature.encode() for signature in signatures.split(" ")[:MAX_SIGNATURES]]
    # Every pair is compared, so that the time taken says nothing about which secret or signature was close.
    if not sum(hmac.compare_digest(ours, theirs) for ours in expected for theirs in given):
        raise rejection("invalid-signature")
    return f"{identifier}.{timestamp}"


def _timestamp(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise rejection("malformed-header")
    return int(text)


def _expected(identifier: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> list[bytes]:
    if not secrets:
        raise ConfigurationError("the webhook secret holds no signing secret")
    try:
        data = body.decode()
    except UnicodeDecodeError:
        raise rejection("malformed-body") from None
    at = datetime.fromtimestamp(timestamp, UTC)
    try:
        return [Webhook(secret).sign(identifier, at, data).encode() for secret in secrets]
    except (binascii.Error, RuntimeError, EmptyWebhookSecretError) as error:
        raise ConfigurationError("a webhook signing secret is not base64") from error
