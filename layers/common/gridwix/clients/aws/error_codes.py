"""Maps AWS error codes to gridwix's exceptions.

Used by the boto3 adapters and by the webhook functions, which do without boto3 for a fast cold
start. So it imports neither boto3 nor botocore. Sources:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html and the
common errors of each service's API.
"""

from collections.abc import Mapping

from gridwix.errors import (
    Forbidden,
    NotFound,
    Refused,
    Throttled,
    TransactionInFlight,
    Unauthenticated,
    Unavailable,
    UpstreamConflict,
    UpstreamError,
)

SYSTEM = "aws"

THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""AWS error codes that mean a rate limit, with any HTTP status: those that botocore knows, and
more.
"""

_CODES: Mapping[str, type[UpstreamError]] = {
    "ExpiredTokenException": Unauthenticated,
    "IncompleteSignature": Unauthenticated,
    "InvalidClientTokenId": Unauthenticated,
    "InvalidSignatureException": Unauthenticated,
    "MissingAuthenticationTokenException": Unauthenticated,
    "UnrecognizedClientException": Unauthenticated,
    "AccessDenied": Forbidden,
    "AccessDeniedException": Forbidden,
    "NoSuchKey": NotFound,
    "ResourceNotFoundException": NotFound,
    "ConditionalCheckFailedException": UpstreamConflict,
    "TransactionConflictException": TransactionInFlight,
}


def aws_error(operation: str, code: str, *, status: int, request_id: str = "") -> UpstreamError:
    """Map an error response of AWS to an exception of gridwix, and return the exception.

    AWS's own message is left out, as it may repeat parts of the request.

    Args:
        operation: The API call's name, such as ``PutItem``.
        code: AWS's error code, "" if there is none.
        status: HTTP status, 0 if unknown.
        request_id: The id that AWS support asks for.
    """
    kind = _error_type(code, status)
    return kind(
        f"{operation}: aws answered {status} {code}",
        system=SYSTEM,
        status=status,
        vendor_code=code,
        request_id=request_id,
    )


def no_response_error(operation: str, reason: str, *, ambiguous: bool) -> Unavailable:
    """Return the error for a missing or unusable response of AWS.

    ``ambiguous`` says that AWS may have carried out the request all the same.
    """
    error = Unavailable(f"{operation}: {reason}", system=SYSTEM)
    error.ambiguous = ambiguous
    return error


def _error_type(code: str, status: int) -> type[UpstreamError]:
    # A rate limit goes before the status: DynamoDB throttles with 400.
    if code in THROTTLED or status == 429:
        return Throttled
    # A 5xx goes before the other codes: a service that fails cannot be trusted to say why.
    if status >= 500:
        return Unavailable
    by_code = _CODES.get(code, Refused)
    if status == 401:
        return Unauthenticated
    # AWS answers 403 to expired credentials as well: there only the code tells.
    if status == 403 and by_code is not Unauthenticated:
        return Forbidden
    return by_code
