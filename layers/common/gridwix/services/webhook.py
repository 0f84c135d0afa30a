"""Deciding what to do with a webhook from Trading Grid: verify the raw bytes, then parse, then check. Imports little, for it runs at the edge.

Signatures follow Standard Webhooks 1.0.0, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

import binascii
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from gridwix.errors import ConfigurationError, InvalidEvent, WebhookRejected
from gridwix.mapping.cloud_events import KNOWN_TYPES, to_change

TOLERANCE = 300
"""Seconds by which a webhook's timestamp may differ from our clock, either way."""

MAX_BODY_BYTES = 256 * 1024
MAX_SIGNATURES = 10

REASONS: Mapping[str, tuple[HTTPStatus, str]] = {
    "body-too-large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than 256 KiB."),
    "missing-header": (HTTPStatus.BAD_REQUEST, "webhook-id, webhook-timestamp and webhook-signature are required."),
    "malformed-header": (HTTPStatus.BAD_REQUEST, "A webhook header is malformed."),
    "timestamp-too-old": (HTTPStatus.UNAUTHORIZED, "The timestamp is too old."),
    "timestamp-too-new": (HTTPStatus.UNAUTHORIZED, "The timestamp lies in the future."),
    "invalid-signature": (HTTPStatus.UNAUTHORIZED, "No signature fits."),
    "replayed": (HTTPStatus.CONFLICT, "This very request was received before."),
    "malformed-body": (HTTPStatus.BAD_REQUEST, "The body is not a JSON object."),
    "invalid-event": (HTTPStatus.UNPROCESSABLE_ENTITY, "The body is not a CloudEvents 1.0 event of the community gateway profile."),
    "unknown-company": (HTTPStatus.UNPROCESSABLE_ENTITY, "The event belongs to another company."),
    "unknown-type": (HTTPStatus.UNPROCESSABLE_ENTITY, "The event's type is not known."),
}
"""Every reason for a rejection, with the HTTP status and the sentence that the sender gets. Nothing of the request is repeated to it."""


def rejection(reason: str) -> WebhookRejected:
    return WebhookRejected(reason, status=REASONS[reason][0])


def problem(rejected: WebhookRejected) -> dict[str, Any]:
    """The RFC 9457 problem for a rejection."""
    status, detail = REASONS[rejected.reason]
    return {"type": "about:blank", "title": status.phrase, "status": status.value, "code": rejected.reason, "detail": detail}


def check_size(body: bytes) -> None:
    if len(body) > MAX_BODY_BYTES:
        raise rejection("body-too-large")


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: float) -> str:
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


def read_change(body: bytes, *, company_id: str, type_prefix: str) -> dict[str, Any]:
    """The change that a verified body tells of, as the JSON object for the bus. Raises WebhookRejected."""
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
