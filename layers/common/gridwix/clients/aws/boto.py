"""botocore's errors, as ours."""

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

from gridwix.clients.aws.answers import SYSTEM, unavailable, upstream_error
from gridwix.errors import Unauthenticated, UpstreamError


def translated(operation: str, error: ClientError) -> UpstreamError:
    """The gridwix error for an answer of AWS that is not a success."""
    answer = error.response.get("ResponseMetadata", {})
    return upstream_error(
        operation, error.response.get("Error", {}).get("Code", ""), status=answer.get("HTTPStatusCode", 0), request_id=answer.get("RequestId", "")
    )


@contextmanager
def aws_errors(operation: str) -> Iterator[None]:
    """Raise :class:`gridwix.errors.UpstreamError` where botocore raises. A call that botocore itself finds malformed is a fault of ours and passes through."""
    try:
        yield
    except ClientError as error:
        raise translated(operation, error) from error
    except ConnectionError as error:
        raise unavailable(operation, type(error).__name__, ambiguous=False) from error
    except HTTPClientError as error:
        raise unavailable(operation, type(error).__name__, ambiguous=True) from error
    except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError) as error:
        raise Unauthenticated(f"{operation}: {type(error).__name__}", system=SYSTEM) from error
