"""Translates botocore's exceptions into gridwix's exceptions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004  # botocore's own: a connection that was never made.
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from gridwix.clients.aws.error_codes import SYSTEM, aws_error, no_response_error
from gridwix.errors import Unauthenticated, UpstreamError

_CONDITION = "ConditionalCheckFailed"
_IN_FLIGHT = "TransactionConflict"
_BUSY = "TransactionInProgressException"


def error_of_client_error(operation: str, error: ClientError) -> UpstreamError:
    """Map botocore's ClientError to an exception of gridwix, and return that exception.

    ``operation`` is the name of the API call, such as ``PutItem``.
    """
    metadata = error.response.get("ResponseMetadata", {})
    code = error.response.get("Error", {}).get("Code", "")
    return aws_error(
        operation,
        code,
        status=metadata.get("HTTPStatusCode", 0),
        request_id=metadata.get("RequestId", ""),
    )


def failed_conditions(operation: str, error: ClientError) -> Sequence[bool]:
    """Return, for each item of a canceled DynamoDB transaction, True if its condition failed.

    At least one of the returned values is True.

    Args:
        operation: The name of the API call.
        error: The TransactionCanceledException of the call.

    Raises:
        UpstreamError: No condition failed. The error is Throttled if another transaction was in
            flight on an item, so that a retry may succeed.
    """
    response: Mapping[str, Any] = error.response
    codes = [str(reason.get("Code")) for reason in response.get("CancellationReasons", [])]
    if _CONDITION in codes:
        return [code == _CONDITION for code in codes]
    code = next((code for code in codes if code != "None"), _IN_FLIGHT)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    raise aws_error(operation, _BUSY if code == _IN_FLIGHT else code, status=status) from error


@contextmanager
def translate_aws_errors(operation: str) -> Iterator[None]:
    """Raise :class:`gridwix.errors.UpstreamError` in place of botocore's exceptions in the block.

    ``operation`` is the name of the API call. Exceptions about a request that botocore itself finds
    malformed pass through, because they show a bug in gridwix.
    """
    try:
        yield
    except ClientError as error:
        raise error_of_client_error(operation, error) from error
    # Never connected: AWS has not seen the request.
    except ConnectionError as error:
        raise no_response_error(operation, type(error).__name__, ambiguous=False) from error
    # A timeout or a broken connection: AWS may have run the request.
    except HTTPClientError as error:
        raise no_response_error(operation, type(error).__name__, ambiguous=True) from error
    except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError) as error:
        raise Unauthenticated(f"{operation}: {type(error).__name__}", system=SYSTEM) from error
