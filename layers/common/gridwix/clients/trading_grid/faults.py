"""What Trading Grid's errors mean to gridwix. Two shapes are read: problem details (RFC 9457), and the ``{"status", "message", "error-code"}`` that is the
only error shape published for Trading Grid (Cartographer collections of github.com/opentext/BN-Trading-Grid)."""

from collections.abc import Mapping
from typing import Any

from gridwix.clients.http import Answer, error_kind, field_name, members, parse_json, request_id, upstream_error, vendor_code
from gridwix.clients.trading_grid.auth import SYSTEM
from gridwix.errors import Conflict, CursorExpired, Forbidden, NotFound, Refused, Throttled, Unauthenticated, Unavailable, UpstreamError

CODES: Mapping[str, type[UpstreamError]] = {
    "unauthenticated": Unauthenticated,
    "forbidden": Forbidden,
    "not-found": NotFound,
    "invalid-transition": Conflict,
    "version-conflict": Conflict,
    "precondition-required": Conflict,
    "cursor-expired": CursorExpired,
    # A cursor that the gateway does not understand any more is as useless as one that is too old, and the cure is the same.
    "cursor-invalid": CursorExpired,
    "payload-too-large": Refused,
    "media-type": Refused,
    "validation": Refused,
    "idempotency-key-reused": Refused,
    "rate-limited": Throttled,
    "upstream": Unavailable,
    "unavailable": Unavailable,
}
"""The meaning of a code, whatever the status beside it. Of any other code the status decides."""

_MOST_FIELDS = 5


def trading_grid_error(operation: str, answer: Answer, sent_id: str, now: float, *, gone: type[UpstreamError]) -> UpstreamError:
    """The error for an answer that is not a success. ``gone`` is what a 410 without a code means: an old cursor, or a deleted record.

    Pointers to fields are in its message, values and Trading Grid's own words are not.
    """
    body = members(parse_json(answer.body))
    code = vendor_code(body.get("code")) or vendor_code(body.get("error-code"))
    kind = CODES.get(code) or (gone if answer.status == 410 else error_kind(answer.status))
    return upstream_error(
        kind,
        f"{operation}: trading_grid answered {answer.status} {code}".rstrip() + _fields(body),
        system=SYSTEM,
        status=answer.status,
        vendor_code=code,
        request_id=request_id(answer.headers.get("X-Request-ID")) or request_id(body.get("requestId")) or sent_id,
        wait=answer.wait(now),
    )


def unusable(operation: str, reason: str, sent_id: str = "") -> Unavailable:
    """The error for a success whose body does not say what it should. Nothing was changed, as it was a read."""
    return Unavailable(f"{operation}: {reason}", system=SYSTEM, status=200, vendor_code="malformed-answer", request_id=sent_id)


def _fields(body: Mapping[str, Any]) -> str:
    errors = body.get("errors")
    if not isinstance(errors, list) or not errors:
        return ""
    named = [f"{field_name(error.get('pointer'))} {vendor_code(error.get('code'))}".rstrip() for error in map(members, errors[:_MOST_FIELDS])]
    more = f" and {len(errors) - _MOST_FIELDS} more" if len(errors) > _MOST_FIELDS else ""
    return f", wrong fields: {', '.join(named)}{more}"
