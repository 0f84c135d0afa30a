"""Translates botocore's exceptions into gridwix's error tree."""

from collections.abc import Iterator
from contextlib import contextmanager

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


def error_of_client_error(operation: str, error: ClientError) -> UpstreamError:
    """The gridwix error for an error response of AWS. ``operation`` is the API call's name."""
    metadata = error.response.get("ResponseMetadata", {})
    code = error.response.get("Error", {}).get("Code", "")
    return aws_error(
        operation,
        code,
        status=metadata.get("HTTPStatusCode", 0),
        request_id=metadata.get("RequestId", ""),
    )


@contextmanager
def translate_aws_errors(operation: str) -> Iterator[None]:
    """Raise :class:`gridwix.errors.UpstreamError` instead of botocore's exceptions.

    ``operation`` is the API call's name. A request that botocore itself finds malformed is a bug
    in gridwix, so that exception passes through.
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
