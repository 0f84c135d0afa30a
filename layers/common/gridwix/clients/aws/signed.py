"""Calls of AWS's JSON protocol over the standard library, for functions that must start fast: no boto3, no botocore.

Protocol: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html. Signatures are made by AWS's own ``aws-sdk-signers``.
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

from aws_sdk_signers import URI, AWSRequest, Field, Fields, SigV4Signer, SigV4SigningProperties

from gridwix.clients.aws.answers import unavailable, upstream_error
from gridwix.clients.aws.credentials import LambdaCredentials
from gridwix.errors import ConfigurationError

MAX_ANSWER_BYTES = 1024 * 1024

MAX_IDLE = 15.0
"""Seconds for which an idle connection is used again. While Lambda has a function frozen, a connection can die unnoticed."""

_HUNG_UP = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""What a connection says that the other side has closed: RemoteDisconnected is a ConnectionError too."""


@dataclass(frozen=True, slots=True)
class Service:
    """An AWS service. ``name`` is the signing name and the first label of its host; ``endpoint_variable`` goes before ``AWS_ENDPOINT_URL``."""

    name: str
    target_prefix: str
    json_version: str
    endpoint_variable: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The members of an answer, and its error code ("" for a success)."""

    code: str
    members: Mapping[str, Any]


class SignedCaller:
    """Makes signed calls to AWS, over one kept connection per endpoint. Not for sharing between threads.

    Region, credentials and endpoints are read from Lambda's environment variables, and from the variables of the AWS SDKs that redirect endpoints. ``timeout``
    (seconds) bounds connecting and each wait for data. TLS certificates are verified; plain HTTP is spoken only to an endpoint whose URL says so.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ, *, clock: Callable[[], float] = time.time, timeout: float = 2.0) -> None:
        self._environment = environment
        self._clock = clock
        self._timeout = timeout
        self._credentials = LambdaCredentials(environment, clock, timeout=timeout)
        self._signer = SigV4Signer()
        # Made at the start, where Lambda gives a function a full CPU, and not in the first call.
        self._tls = ssl.create_default_context()
        self._idle: dict[str, tuple[http.client.HTTPConnection, float]] = {}

    def call(self, service: Service, operation: str, payload: Mapping[str, Any], *, expected_code: str = "") -> Answer:
        """The answer to one call. An error code other than ``expected_code`` is raised as :class:`gridwix.errors.UpstreamError`.

        A request is sent a second time only if a kept connection turns out to have been closed, which leaves open whether the first was carried out. Raises
        Unavailable if there is no usable answer, ConfigurationError if the environment lacks the region or credentials.
        """
        endpoint = endpoint_of(service, self._environment)
        body = json.dumps(payload, separators=(",", ":")).encode()
        headers = self._signed(service, operation, endpoint, body)
        answer, content = self._send(operation, endpoint, headers, body)
        members = _members(content)
        if answer.status == HTTPStatus.OK:
            if members is None:
                raise unavailable(operation, "the answer is not a JSON object", ambiguous=True)
            return Answer("", members)
        code = _code(answer.headers.get("x-amzn-errortype") or (members or {}).get("__type"))
        if code and code == expected_code:
            return Answer(code, members or {})
        raise upstream_error(operation, code, status=answer.status, request_id=answer.headers.get("x-amzn-requestid", ""))

    def _signed(self, service: Service, operation: str, endpoint: SplitResult, body: bytes) -> dict[str, str]:
        headers = {
            "Host": endpoint.netloc,
            "Content-Type": f"application/x-amz-json-{service.json_version}",
            "X-Amz-Target": f"{service.target_prefix}.{operation}",
        }
        request = AWSRequest(
            destination=URI(scheme=endpoint.scheme, host=endpoint.hostname or "", port=endpoint.port, path=endpoint.path or "/"),
            method="POST",
            body=BytesIO(body),
            fields=Fields([Field(name=name, values=[value]) for name, value in headers.items()]),
        )
        date = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y%m%dT%H%M%SZ")
        properties = SigV4SigningProperties(region=_region(self._environment), service=service.name, date=date)
        signed = self._signer.sign(request=request, identity=self._credentials.current(), properties=properties)
        return {field.name: field.as_string() for field in signed.fields}

    def _send(self, operation: str, endpoint: SplitResult, headers: Mapping[str, str], body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        connection, idle_since = self._idle.pop(endpoint.netloc, (None, 0.0))
        if connection is not None:
            if self._clock() - idle_since < MAX_IDLE:
                try:
                    return self._exchange(operation, connection, endpoint, headers, body)
                except _HUNG_UP:
                    pass
            connection.close()
        connection = self._connect(operation, endpoint)
        try:
            return self._exchange(operation, connection, endpoint, headers, body)
        except _HUNG_UP as error:
            raise unavailable(operation, type(error).__name__, ambiguous=True) from error

    def _connect(self, operation: str, endpoint: SplitResult) -> http.client.HTTPConnection:
        host = endpoint.hostname or ""
        if endpoint.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(host, endpoint.port, timeout=self._timeout, context=self._tls)
        else:
            connection = http.client.HTTPConnection(host, endpoint.port, timeout=self._timeout)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise unavailable(operation, f"no connection, {type(error).__name__}", ambiguous=False) from error
        return connection

    def _exchange(
        self, operation: str, connection: http.client.HTTPConnection, endpoint: SplitResult, headers: Mapping[str, str], body: bytes
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request and its answer; the connection is kept if it can be used again, and closed otherwise."""
        usable = False
        try:
            connection.request("POST", endpoint.path or "/", body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read(MAX_ANSWER_BYTES + 1)
            usable = not answer.will_close and answer.isclosed()
        except _HUNG_UP:
            raise
        except (OSError, http.client.HTTPException) as error:
            raise unavailable(operation, type(error).__name__, ambiguous=True) from error
        finally:
            if usable:
                self._idle[endpoint.netloc] = (connection, self._clock())
            else:
                connection.close()
        if len(content) > MAX_ANSWER_BYTES:
            raise unavailable(operation, "the answer is too large", ambiguous=True)
        return answer, content


def endpoint_of(service: Service, environment: Mapping[str, str]) -> SplitResult:
    """Where a service is reached: where the environment says, or else at its public endpoint in the region. Raises ConfigurationError."""
    url = environment.get(service.endpoint_variable) or environment.get("AWS_ENDPOINT_URL")
    if not url:
        region = _region(environment)
        url = f"https://{service.name}.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
    endpoint = urlsplit(url)
    if endpoint.scheme not in {"http", "https"} or not endpoint.hostname:
        raise ConfigurationError(f"the endpoint of {service.name} is not an HTTP URL")
    return endpoint


def _region(environment: Mapping[str, str]) -> str:
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not region:
        raise ConfigurationError("AWS_REGION is not set")
    return region


def _members(content: bytes) -> Mapping[str, Any] | None:
    # None rather than an error, as an error of the parser would carry what it could not parse.
    try:
        members = json.loads(content)
    except ValueError:
        return None
    return members if isinstance(members, dict) else None


def _code(error_type: object) -> str:
    """The bare error code of ``namespace#Code:url``."""
    return str(error_type or "").rpartition("#")[2].partition(":")[0]
