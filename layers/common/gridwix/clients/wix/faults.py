"""What Wix's errors mean to gridwix, as tables. Sources: https://dev.wix.com/docs/rest/articles/get-started/errors and the Wix Data error codes."""

from collections.abc import Mapping
from typing import Any

from gridwix.clients.http import Answer, error_kind, field_name, members, parse_json, request_id, upstream_error, vendor_code
from gridwix.clients.wix.auth import SYSTEM
from gridwix.errors import Conflict, Forbidden, NotFound, Throttled, Unauthenticated, Unavailable, UpstreamError

MISSING_ITEM = "WDE0073"
MISSING_COLLECTION = "WDE0025"
TOO_LARGE = "WDE0009"

CODES: Mapping[str, type[UpstreamError]] = {
    "UNAUTHENTICATED": Unauthenticated,
    "PERMISSION_DENIED": Forbidden,
    "NOT_FOUND": NotFound,
    "ALREADY_EXISTS": Conflict,
    "ABORTED": Conflict,
    "RESOURCE_EXHAUSTED": Throttled,
    "WDE0014": Throttled,  # requests per minute
    "WDE0122": Throttled,  # processing time
    "WDE0028": Unavailable,  # time limit of an operation
    "WDE0053": Unavailable,
    "WDE0054": Unavailable,
    "WDE0055": Unavailable,
    "RESOURCE_NOT_FOUND": NotFound,  # a file, in a validation error
    MISSING_COLLECTION: NotFound,
    "WDE0026": NotFound,  # deleted collection
    MISSING_ITEM: NotFound,
    "WDE0074": Conflict,  # item exists
    "WDE0104": Conflict,  # collection exists
    "WDE0123": Conflict,  # unique index
    "WDE0178": Conflict,  # stale collection revision
    # What the site, as it stands, does not permit to anybody: no row is at fault, so these are not Refused.
    "WDE0027": Forbidden,
    "WDE0091": Forbidden,  # storage is full
    "WDE0110": Forbidden,  # the CMS app is not installed
    "WDE0117": Forbidden,  # the site has no Wix Data
    "WDE0119": Forbidden,
    "WDE0120": Forbidden,
}
"""The meaning of a code, whatever the status beside it. Of any other code the status decides."""

_MOST_FIELDS = 5


def quota_wait(now: float, told: float | None) -> float:
    """The seconds for which a quota that is used up stays so: as told, else to the end of the running minute, in which Wix counts."""
    return told or 60.0 - now % 60.0


def wix_error(operation: str, answer: Answer, now: float) -> UpstreamError:
    """The error for an answer that is not a success. Names of fields are in its message, values and Wix's own words are not."""
    details = members(members(parse_json(answer.body)).get("details"))
    said = vendor_code(members(details.get("applicationError")).get("code"))
    code = said or _rule(details)
    kind = CODES.get(code) or error_kind(answer.status)
    wait = answer.wait(now)
    message = f"{operation}: wix answered {answer.status} {said}".rstrip() + _fields(details)
    return upstream_error(
        kind,
        message,
        system=SYSTEM,
        status=answer.status,
        vendor_code=code,
        request_id=request_id(answer.headers.get("X-Wix-Request-Id")),
        wait=quota_wait(now, wait) if kind is Throttled else wait,
    )


def unusable(operation: str, reason: str, status: int = 200) -> Unavailable:
    """The error for a success whose body does not say what it should: the call may have been carried out."""
    return Unavailable(f"{operation}: {reason}", system=SYSTEM, status=status, ambiguous=True)


def is_quota(code: str) -> bool:
    return CODES.get(code) is Throttled


def _rule(details: Mapping[str, Any]) -> str:
    """The name of the first rule that a request breaks."""
    violations = members(details.get("validationError")).get("fieldViolations")
    return vendor_code(members(violations[0]).get("ruleName")) if isinstance(violations, list) and violations else ""


def _fields(details: Mapping[str, Any]) -> str:
    violations = members(details.get("validationError")).get("fieldViolations")
    if not isinstance(violations, list) or not violations:
        return ""
    named = [f"{field_name(violation.get('field'))} {vendor_code(violation.get('ruleName'))}".rstrip() for violation in map(members, violations[:_MOST_FIELDS])]
    more = f" and {len(violations) - _MOST_FIELDS} more" if len(violations) > _MOST_FIELDS else ""
    return f", wrong fields: {', '.join(named)}{more}"
