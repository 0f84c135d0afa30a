"""Maps error responses of Wix and Trading Grid to gridwix's exceptions: one table per vendor.

If the vendor's error code is in the table, the code decides, regardless of the HTTP status. For any
other code the status decides (:data:`STATUS_ERRORS`). Messages name the operation, the status, the
code and the wrong fields. Values of fields and the vendor's own messages are left out, as they may
repeat the request's data.

Sources:

- Wix: https://dev.wix.com/docs/rest/articles/get-started/errors and the Wix Data error codes.
- Trading Grid: two shapes are read. The community gateway sends problem details (RFC 9457).
  OpenText's own services send ``{"status", "message", "error-code"}``, the only error shape that
  OpenText publishes (Cartographer collections of github.com/opentext/BN-Trading-Grid).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridwix.clients.http_messages import HttpResponse
from gridwix.clients.json_values import (
    json_object,
    parse_json,
    safe_code,
    safe_field_name,
    safe_request_id,
)
from gridwix.errors import (
    CursorExpired,
    Forbidden,
    NotFound,
    Refused,
    Throttled,
    Unauthenticated,
    Unavailable,
    UpstreamConflict,
    UpstreamError,
)
from gridwix.models.wix import EXISTING_ITEM, MISSING_ITEM

STATUS_ERRORS: Mapping[int, type[UpstreamError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    408: Unavailable,
    409: UpstreamConflict,
    410: NotFound,
    412: UpstreamConflict,
    428: UpstreamConflict,
    429: Throttled,
}
"""Error by HTTP status. Any other 5xx is Unavailable, anything else Refused."""

MISSING_COLLECTION = "WDE0025"
TOO_LARGE = "WDE0009"

_MOST_FIELDS = 5
"""Maximum number of wrong fields that a message names."""


@dataclass(frozen=True, slots=True)
class VendorErrors:
    """Table that maps the error codes of one vendor to gridwix's exceptions.

    ``system`` is the vendor's name in errors. ``codes`` has the class of the exception for each
    error code. ``malformed_code`` is the ``vendor_code`` of the error for a malformed response.
    ``malformed_is_ambiguous`` says that a call with a malformed response may have been carried out,
    so that a retry may repeat it.
    """

    system: str
    codes: Mapping[str, type[UpstreamError]]
    malformed_code: str
    malformed_is_ambiguous: bool

    def malformed_response(
        self, operation: str, reason: str, *, status: int = 200, request_id: str = ""
    ) -> Unavailable:
        """Return the error for a successful response with a body that violates the API's contract.

        Args:
            operation: The operation's name in errors.
            reason: What is wrong with the body, without any value of it.
            status: HTTP status of the response.
            request_id: The id that the vendor's support asks for.
        """
        return Unavailable(
            f"{operation}: {reason}",
            system=self.system,
            status=status,
            vendor_code=self.malformed_code,
            request_id=request_id,
            ambiguous=self.malformed_is_ambiguous,
        )


WIX_ERRORS = VendorErrors(
    system="wix",
    codes={
        "UNAUTHENTICATED": Unauthenticated,
        "PERMISSION_DENIED": Forbidden,
        "NOT_FOUND": NotFound,
        "ALREADY_EXISTS": UpstreamConflict,
        "ABORTED": UpstreamConflict,
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
        EXISTING_ITEM: UpstreamConflict,
        "WDE0104": UpstreamConflict,  # collection exists
        "WDE0123": UpstreamConflict,  # unique index
        "WDE0178": UpstreamConflict,  # stale collection revision
        # Faults of the site as a whole and of no row, so these are not Refused.
        "WDE0027": Forbidden,
        "WDE0091": Forbidden,  # storage is full
        "WDE0110": Forbidden,  # the CMS app is not installed
        "WDE0117": Forbidden,  # the site has no Wix Data
        "WDE0119": Forbidden,
        "WDE0120": Forbidden,
    },
    malformed_code="",
    # Wix has no idempotency keys: a write may have been carried out.
    malformed_is_ambiguous=True,
)
"""Error table of Wix, by the code of ``details.applicationError``, or the name of the first broken
rule.
"""

TRADING_GRID_ERRORS = VendorErrors(
    system="trading_grid",
    codes={
        "unauthenticated": Unauthenticated,
        "forbidden": Forbidden,
        "not-found": NotFound,
        "invalid-transition": UpstreamConflict,
        "version-conflict": UpstreamConflict,
        "precondition-required": UpstreamConflict,
        "cursor-expired": CursorExpired,
        # A cursor that the gateway no longer understands: useless as an expired one, same recovery.
        "cursor-invalid": CursorExpired,
        "payload-too-large": Refused,
        "media-type": Refused,
        "validation": Refused,
        "idempotency-key-reused": Refused,
        "rate-limited": Throttled,
        "upstream": Unavailable,
        "unavailable": Unavailable,
    },
    malformed_code="malformed-answer",
    # A read, or a write that is idempotent: a retry is safe.
    malformed_is_ambiguous=False,
)
"""Error table of Trading Grid and the gateway profile, by the member ``code`` or ``error-code``."""


def error_type(status: int) -> type[UpstreamError]:
    """Return the class of the error for a vendor's HTTP status, by :data:`STATUS_ERRORS`.

    Used if the response has no error code that the vendor's table (:class:`VendorErrors`) knows.
    """
    return STATUS_ERRORS.get(status, Unavailable if status >= 500 else Refused)


def upstream_error(
    kind: type[UpstreamError],
    message: str,
    *,
    system: str,
    status: int,
    vendor_code: str = "",
    request_id: str = "",
    wait: float | None = None,
) -> UpstreamError:
    """Build an error of class ``kind`` from the fields of an error response.

    An Unavailable error is ambiguous: the request has arrived, so the vendor may have carried it
    out. ``wait`` is in seconds. The other arguments are those of
    :class:`gridwix.errors.UpstreamError`.
    """
    if issubclass(kind, Unavailable):
        return kind(
            message,
            system=system,
            status=status,
            vendor_code=vendor_code,
            request_id=request_id,
            wait=wait,
            ambiguous=True,
        )
    return kind(
        message,
        system=system,
        status=status,
        vendor_code=vendor_code,
        request_id=request_id,
        wait=wait,
    )


def wix_error(operation: str, response: HttpResponse, now: float) -> UpstreamError:
    """Map an error response of Wix to an exception, and return the exception.

    ``now`` is in Unix seconds. The ``wait`` of a Throttled error is never None: see
    :func:`quota_wait`.
    """
    details = json_object(json_object(parse_json(response.body)).get("details"))
    application_code = safe_code(json_object(details.get("applicationError")).get("code"))
    violations = json_object(details.get("validationError")).get("fieldViolations")
    first_rule = (
        safe_code(json_object(violations[0]).get("ruleName"))
        if isinstance(violations, list) and violations
        else ""
    )
    code = application_code or first_rule
    kind = WIX_ERRORS.codes.get(code) or error_type(response.status)
    wait = response.retry_after(now)
    return upstream_error(
        kind,
        f"{operation}: wix answered {response.status} {application_code}".rstrip()
        + _wrong_fields(violations, "field", "ruleName"),
        system=WIX_ERRORS.system,
        status=response.status,
        vendor_code=code,
        request_id=safe_request_id(response.headers.get("X-Wix-Request-Id")),
        wait=quota_wait(now, wait) if kind is Throttled else wait,
    )


def trading_grid_error(
    operation: str, response: HttpResponse, sent_id: str, now: float, *, gone: type[UpstreamError]
) -> UpstreamError:
    """Map an error response of Trading Grid or the community gateway to an exception; return it.

    Args:
        operation: The operation's name in errors.
        response: The error response.
        sent_id: The ``X-Request-ID`` of the request, which counts if the response names no id.
        now: The current time, in Unix seconds.
        gone: Class of the error for a 410 without a known error code: CursorExpired for a list,
            NotFound for a record.
    """
    body = json_object(parse_json(response.body))
    code = safe_code(body.get("code")) or safe_code(body.get("error-code"))
    kind = TRADING_GRID_ERRORS.codes.get(code) or (
        gone if response.status == 410 else error_type(response.status)
    )
    return upstream_error(
        kind,
        f"{operation}: trading_grid answered {response.status} {code}".rstrip()
        + _wrong_fields(body.get("errors"), "pointer", "code"),
        system=TRADING_GRID_ERRORS.system,
        status=response.status,
        vendor_code=code,
        request_id=safe_request_id(response.headers.get("X-Request-ID"))
        or safe_request_id(body.get("requestId"))
        or sent_id,
        wait=response.retry_after(now),
    )


def trading_grid_redirect_error(
    operation: str, response: HttpResponse, sent_id: str
) -> UpstreamError:
    """Return the error (Refused) for a redirect of Trading Grid that is not followed."""
    return upstream_error(
        Refused,
        f"{operation}: trading_grid answered {response.status}, a redirect that is not followed:"
        " it leads to another origin (scheme, host or port), in circles or nowhere",
        system=TRADING_GRID_ERRORS.system,
        status=response.status,
        request_id=sent_id,
    )


def quota_wait(now: float, stated: float | None) -> float:
    """Return the seconds until a used-up quota of Wix is available again.

    Args:
        now: The current time, in Unix seconds.
        stated: The seconds that Wix states; None if it states none. Then the wait lasts to the end
            of the current minute, since Wix counts calls by the minute.

    >>> quota_wait(91.0, None), quota_wait(91.0, 20.0)
    (29.0, 20.0)
    """
    return stated or 60.0 - now % 60.0


def is_quota_code(code: str) -> bool:
    """Return True for an error code by which Wix reports that a quota is used up (rate limit)."""
    return WIX_ERRORS.codes.get(code) is Throttled


def _wrong_fields(errors: object, name: str, code: str) -> str:
    """Return a list of the request's wrong fields, as text for the end of an error message.

    ``errors`` comes from the response. ``name`` and ``code`` are the names of the members in which
    each of the errors has the field's name and the error code.

    >>> _wrong_fields([{"pointer": "/to", "code": "blocked"}, "x"], "pointer", "code")
    ', wrong fields: /to blocked, ?'
    """
    if not isinstance(errors, list) or not errors:
        return ""
    shown: list[Mapping[str, Any]] = [json_object(error) for error in errors[:_MOST_FIELDS]]
    named = [
        f"{safe_field_name(error.get(name))} {safe_code(error.get(code))}".rstrip()
        for error in shown
    ]
    more = f" and {len(errors) - _MOST_FIELDS} more" if len(errors) > _MOST_FIELDS else ""
    return f", wrong fields: {', '.join(named)}{more}"
