"""AWS credentials of a Lambda function, without boto3.

The credentials are in environment variables or, with SnapStart, at a local HTTP endpoint. Sources:
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html#snapstart-credentials and
https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html.
"""

import http.client
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from gridwix.clients.aws.error_codes import SYSTEM, no_response_error
from gridwix.clients.aws.signer import AWSCredentialIdentity
from gridwix.errors import ConfigurationError, Unauthenticated

RENEW_BEFORE = 300.0
"""Seconds before their expiration at which credentials are fetched again."""

MAX_RESPONSE_BYTES = 64 * 1024

_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class LambdaCredentials:
    """Provides the running function's AWS credentials, cached until shortly before they expire.

    Not thread-safe.

    Args:
        environment: Lambda's environment variables.
        clock: Returns Unix seconds.
        timeout: Maximum duration, in seconds, of connecting to the local endpoint and of each wait
            for data.
    """

    def __init__(
        self, environment: Mapping[str, str], clock: Callable[[], float], *, timeout: float
    ) -> None:
        self._environment = environment
        self._clock = clock
        self._timeout = timeout
        self._fetched: AWSCredentialIdentity | None = None
        self._fetched_until = 0.0

    def current_credentials(self) -> AWSCredentialIdentity:
        """Return credentials that are valid now.

        Raises:
            ConfigurationError: The environment names neither credentials nor a local endpoint.
            Unavailable: The local endpoint does not respond.
            Unauthenticated: The local endpoint responds without credentials.
        """
        environment = self._environment
        if key := environment.get("AWS_ACCESS_KEY_ID"):
            return AWSCredentialIdentity(
                access_key_id=key,
                secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY", ""),
                session_token=environment.get("AWS_SESSION_TOKEN") or None,
            )
        if self._fetched is None or self._clock() > self._fetched_until - RENEW_BEFORE:
            self._fetched, self._fetched_until = self._fetch_credentials()
        return self._fetched

    def _fetch_credentials(self) -> tuple[AWSCredentialIdentity, float]:
        url = urlsplit(self._environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", ""))
        # Anything but a local address would send the authorization token over the network.
        if url.scheme != "http" or url.hostname not in _LOCAL:
            raise ConfigurationError(
                "is not set, and no local AWS_CONTAINER_CREDENTIALS_FULL_URI is",
                setting="AWS_ACCESS_KEY_ID",
                remedy="give the function a role, or the environment credentials",
            )
        headers = (
            {"Authorization": token}
            if (token := self._environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN"))
            else {}
        )
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=self._timeout)
        try:
            connection.request(
                "GET", f"{url.path}?{url.query}" if url.query else url.path, headers=headers
            )
            response = connection.getresponse()
            status, body = response.status, response.read(MAX_RESPONSE_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise no_response_error("credentials", type(error).__name__, ambiguous=False) from error
        finally:
            connection.close()
        found = _parse_credentials(body) if status == 200 else None
        if found is None:
            raise Unauthenticated(
                f"credentials: the endpoint answered {status}", system=SYSTEM, status=status
            )
        return found


def _parse_credentials(body: bytes) -> tuple[AWSCredentialIdentity, float] | None:
    # None rather than an exception: the parser's would carry the credentials.
    try:
        found = json.loads(body)
        identity = AWSCredentialIdentity(
            access_key_id=found["AccessKeyId"],
            secret_access_key=found["SecretAccessKey"],
            session_token=found["Token"],
        )
        return identity, datetime.fromisoformat(found["Expiration"]).timestamp()
    except (ValueError, KeyError, TypeError):
        return None
