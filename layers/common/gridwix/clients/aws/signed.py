"""Makes signed calls to AWS's JSON APIs with the standard library: no boto3, for a fast cold start.

Protocol: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html. Signatures (SigV4) are
made by AWS's own ``aws-sdk-signers``.
"""

import http.client
import json
import os
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import SplitResult, urlsplit

from gridwix.clients.aws.credentials import LambdaCredentials
from gridwix.clients.aws.error_codes import aws_error, no_response_error
from gridwix.clients.aws.signer import (
    URI,
    AWSRequest,
    Field,
    Fields,
    SigV4Signer,
    SigV4SigningProperties,
)
from gridwix.errors import ConfigurationError

MAX_RESPONSE_BYTES = 1024 * 1024
"""Maximum size of a response body."""

MAX_IDLE = 15.0
"""Maximum idle time, in seconds, after which a connection is reused. A connection can break
unnoticed while Lambda has frozen the function."""

_CLOSED_BY_PEER = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""Errors of a connection that the other side has closed. RemoteDisconnected is among them, as a
ConnectionError."""


@dataclass(frozen=True, slots=True)
class Service:
    """An AWS service that is called by its JSON protocol.

    ``name`` is the service's signing name and the first label of its host name. ``target_prefix``
    precedes the operation in the header ``X-Amz-Target``. ``json_version`` is the version of the
    JSON protocol. ``endpoint_variable`` is the environment variable with the service's endpoint,
    which takes precedence over ``AWS_ENDPOINT_URL``.
    """

    name: str
    target_prefix: str
    json_version: str
    endpoint_variable: str


@dataclass(frozen=True, slots=True)
class AwsResponse:
    """A response of AWS: the members of its JSON body, and its error code ("" for a success)."""

    code: str
    members: Mapping[str, Any]


class SignedCaller:
    """Makes signed calls to AWS, over one keep-alive connection per endpoint.

    Not thread-safe. TLS certificates are verified. Plain HTTP is used only for an endpoint with an
    ``http`` URL.

    Args:
        environment: Lambda's environment variables: region, credentials, and the variables of
            the AWS SDKs that redirect endpoints.
        clock: Returns Unix seconds.
        timeout: Maximum duration, in seconds, of connecting and of each wait for data.
    """

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        *,
        clock: Callable[[], float] = time.time,
        timeout: float = 2.0,
    ) -> None:
        self._environment = environment
        self._clock = clock
        self._timeout = timeout
        self._credentials = LambdaCredentials(environment, clock, timeout=timeout)
        self._signer = SigV4Signer()
        # Built here and not in the first call: Lambda gives a full CPU to the init phase.
        self._tls = ssl.create_default_context()
        self._idle: dict[str, tuple[http.client.HTTPConnection, float]] = {}

    def call(
        self,
        service: Service,
        operation: str,
        payload: Mapping[str, Any],
        *,
        expected_code: str = "",
    ) -> AwsResponse:
        """Send one signed request and return its response.

        The request is sent a second time only if a reused connection turns out to be closed. AWS
        may have carried out the first copy all the same.

        Args:
            service: The service to call.
            operation: The API call's name, such as ``PutItem``.
            payload: The members of the request's JSON body.
            expected_code: An error code for which the response is returned and no error raised.

        Raises:
            Unavailable: There is no usable response.
            UpstreamError: AWS responded with any other error code.
            ConfigurationError: The environment lacks the region or credentials.
        """
        endpoint = endpoint_of(service, self._environment)
        body = json.dumps(payload, separators=(",", ":")).encode()
        headers = self._signed_headers(service, operation, endpoint, body)
        response, content = self._send_request(operation, endpoint, headers, body)
        members = _json_members(content)
        if response.status == HTTPStatus.OK:
            if members is None:
                raise no_response_error(
                    operation, "the answer is not a JSON object", ambiguous=True
                )
            return AwsResponse("", members)
        code = _error_code(
            response.headers.get("x-amzn-errortype") or (members or {}).get("__type")
        )
        if code and code == expected_code:
            return AwsResponse(code, members or {})
        raise aws_error(
            operation,
            code,
            status=response.status,
            request_id=response.headers.get("x-amzn-requestid", ""),
        )

    def _signed_headers(
        self, service: Service, operation: str, endpoint: SplitResult, body: bytes
    ) -> dict[str, str]:
        headers = {
            "Host": endpoint.netloc,
            "Content-Type": f"application/x-amz-json-{service.json_version}",
            "X-Amz-Target": f"{service.target_prefix}.{operation}",
        }
        request = AWSRequest(
            destination=URI(
                scheme=endpoint.scheme,
                host=endpoint.hostname or "",
                port=endpoint.port,
                path=endpoint.path or "/",
            ),
            method="POST",
            body=BytesIO(body),
            fields=Fields([Field(name=name, values=[value]) for name, value in headers.items()]),
        )
        date = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y%m%dT%H%M%SZ")
        properties = SigV4SigningProperties(
            region=_aws_region(self._environment), service=service.name, date=date
        )
        signed = self._signer.sign(
            request=request, identity=self._credentials.current_credentials(), properties=properties
        )
        return {field.name: field.as_string() for field in signed.fields}

    def _send_request(
        self, operation: str, endpoint: SplitResult, headers: Mapping[str, str], body: bytes
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection, idle_since = self._idle.pop(endpoint.netloc, (None, 0.0))
        if connection is not None:
            if self._clock() - idle_since < MAX_IDLE:
                try:
                    return self._exchange_once(operation, connection, endpoint, headers, body)
                except _CLOSED_BY_PEER:
                    pass
            connection.close()
        connection = self._open_connection(operation, endpoint)
        try:
            return self._exchange_once(operation, connection, endpoint, headers, body)
        except _CLOSED_BY_PEER as error:
            raise no_response_error(operation, type(error).__name__, ambiguous=True) from error

    def _open_connection(self, operation: str, endpoint: SplitResult) -> http.client.HTTPConnection:
        host = endpoint.hostname or ""
        if endpoint.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, endpoint.port, timeout=self._timeout, context=self._tls
            )
        else:
            connection = http.client.HTTPConnection(host, endpoint.port, timeout=self._timeout)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise no_response_error(
                operation, f"no connection, {type(error).__name__}", ambiguous=False
            ) from error
        return connection

    def _exchange_once(
        self,
        operation: str,
        connection: http.client.HTTPConnection,
        endpoint: SplitResult,
        headers: Mapping[str, str],
        body: bytes,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send one request and read its response.

        Keeps the connection for reuse if the server allows it, else closes it.
        """
        usable = False
        try:
            connection.request("POST", endpoint.path or "/", body=body, headers=headers)
            response = connection.getresponse()
            content = response.read(MAX_RESPONSE_BYTES + 1)
            usable = not response.will_close and response.isclosed()
        except _CLOSED_BY_PEER:
            raise
        except (OSError, http.client.HTTPException) as error:
            raise no_response_error(operation, type(error).__name__, ambiguous=True) from error
        finally:
            if usable:
                self._idle[endpoint.netloc] = (connection, self._clock())
            else:
                connection.close()
        if len(content) > MAX_RESPONSE_BYTES:
            raise no_response_error(operation, "the answer is too large", ambiguous=True)
        return response, content


def endpoint_of(service: Service, environment: Mapping[str, str]) -> SplitResult:
    """Return the endpoint of an AWS service, from the environment or else the region's public one.

    Raises ConfigurationError if the URL is not HTTP, or if the region is needed and not set.
    """
    url = environment.get(service.endpoint_variable) or environment.get("AWS_ENDPOINT_URL")
    if not url:
        region = _aws_region(environment)
        suffix = ".cn" if region.startswith("cn-") else ""
        url = f"https://{service.name}.{region}.amazonaws.com{suffix}"
    endpoint = urlsplit(url)
    if endpoint.scheme not in {"http", "https"} or not endpoint.hostname:
        raise ConfigurationError(
            f"is not an HTTP URL, and is the endpoint of {service.name}",
            setting=service.endpoint_variable,
            remedy="remove it, or AWS_ENDPOINT_URL, or correct it",
        )
    return endpoint


def _aws_region(environment: Mapping[str, str]) -> str:
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not region:
        raise ConfigurationError(
            "is not set", setting="AWS_REGION", remedy="set it to the region of the stack"
        )
    return region


def _json_members(content: bytes) -> Mapping[str, Any] | None:
    # None rather than an exception: the parser's would carry the text.
    try:
        members = json.loads(content)
    except ValueError:
        return None
    return members if isinstance(members, dict) else None


def _error_code(error_type: object) -> str:
    """Extract the error code from an AWS error type such as ``namespace#Code:url``.

    >>> _error_code("com.amazonaws.dynamodb.v20120810#ResourceNotFoundException")
    'ResourceNotFoundException'
    """
    return str(error_type or "").rpartition("#")[2].partition(":")[0]
