"""What AWS's error codes mean to gridwix. Shared by the boto3 adapters and by the edge, so it imports neither.

Source of the codes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html and the common errors of each service's API.
"""

from gridwix.errors import Conflict, Forbidden, NotFound, Refused, Throttled, Unauthenticated, Unavailable, UpstreamError

SYSTEM = "aws"

THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_UNAUTHENTICATED = frozenset(
    {
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)
_FORBIDDEN = frozenset({"AccessDenied", "AccessDeniedException"})
_NOT_FOUND = frozenset({"ResourceNotFoundException"})
_CONFLICT = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})


def upstream_error(operation: str, code: str, *, status: int, request_id: str = "") -> UpstreamError:
    """The error for an answer of AWS that is not a success. AWS's own message is left out, as it may repeat what was sent."""
    kind: type[UpstreamError]
    if code in THROTTLED or status == 429:
        kind = Throttled
    elif status >= 500:
        kind = Unavailable
    elif code in _UNAUTHENTICATED or status == 401:
        kind = Unauthenticated
    elif code in _FORBIDDEN or status == 403:
        kind = Forbidden
    elif code in _NOT_FOUND:
        kind = NotFound
    elif code in _CONFLICT:
        kind = Conflict
    else:
        kind = Refused
    return kind(f"{operation}: aws answered {status} {code}", system=SYSTEM, status=status, vendor_code=code, request_id=request_id)


def unavailable(operation: str, reason: str, *, ambiguous: bool) -> Unavailable:
    """The error for no answer at all. ``ambiguous``: the request may have been carried out."""
    error = Unavailable(f"{operation}: {reason}", system=SYSTEM)
    error.ambiguous = ambiguous
    return error
