"""Webhook rejection reasons and their HTTP responses. Responses never echo request data."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from gridwix.errors import WebhookRejected

REASONS: Mapping[str, tuple[HTTPStatus, str]] = {
    "body-too-large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large."),
    "missing-header": (
        HTTPStatus.BAD_REQUEST,
        "webhook-id, webhook-timestamp and webhook-signature are required.",
    ),
    "malformed-header": (HTTPStatus.BAD_REQUEST, "A webhook header is malformed."),
    "timestamp-too-old": (HTTPStatus.UNAUTHORIZED, "The timestamp is too old."),
    "timestamp-too-new": (HTTPStatus.UNAUTHORIZED, "The timestamp lies in the future."),
    "invalid-signature": (HTTPStatus.UNAUTHORIZED, "No signature fits."),
    "malformed-body": (HTTPStatus.BAD_REQUEST, "The body is not a JSON object."),
    "invalid-event": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The body is not a CloudEvents 1.0 event of the community gateway profile.",
    ),
    "unknown-company": (HTTPStatus.UNPROCESSABLE_ENTITY, "The event belongs to another company."),
    "malformed-token": (HTTPStatus.BAD_REQUEST, "The body is no JSON Web Token."),
    "wrong-algorithm": (HTTPStatus.UNAUTHORIZED, "The token is not signed with RS256."),
    "expired": (HTTPStatus.UNAUTHORIZED, "The token has expired."),
    "not-yet-valid": (HTTPStatus.UNAUTHORIZED, "The token was issued in the future."),
    "missing-claim": (HTTPStatus.UNAUTHORIZED, "The token lacks exp, iat or data."),
    "malformed-event": (HTTPStatus.UNPROCESSABLE_ENTITY, "The token holds no event of Wix."),
    "unknown-instance": (HTTPStatus.FORBIDDEN, "The event belongs to another site."),
    "unknown-form": (HTTPStatus.NOT_FOUND, "There is no such form."),
    "answers-too-large": (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The answers are too large to be kept. Shorten them, and send files as files.",
    ),
    "too-many-answers": (HTTPStatus.UNPROCESSABLE_ENTITY, "The submission has too many answers."),
}
"""Rejection reasons, each with its HTTP status and the sentence in the response."""

UNTRUSTED = frozenset(
    {
        "invalid-signature",
        "timestamp-too-old",
        "timestamp-too-new",
        "unknown-company",
        "unknown-instance",
    }
)
"""Rejection reasons that point to a misconfiguration (a wrong secret, clock or id on either side),
which rejects every webhook of a sender. They have an alarm. Requests of strangers mostly fail for
other reasons, such as a missing header.
"""


def rejection(reason: str) -> WebhookRejected:
    """Return the error to raise for a rejection reason, with the HTTP status of that reason."""
    return WebhookRejected(reason, status=REASONS[reason][0])


def problem_details(rejected: WebhookRejected) -> dict[str, Any]:
    """Return the problem details (RFC 9457) of a rejection: the body of its HTTP response.

    >>> problem_details(rejection("body-too-large"))["status"]
    413
    """
    status, detail = REASONS[rejected.reason]
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": rejected.reason,
        "detail": detail,
    }
