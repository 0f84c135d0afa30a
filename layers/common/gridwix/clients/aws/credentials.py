"""The credentials that Lambda gives a function: in the environment, or with SnapStart from an endpoint beside the function.

Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html#snapstart-credentials and
https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html.
"""

import http.client
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from aws_sdk_signers import AWSCredentialIdentity

from gridwix.clients.aws.answers import SYSTEM, unavailable
from gridwix.errors import ConfigurationError, Unauthenticated

RENEW_BEFORE = 300.0
"""Seconds before their end at which credentials are fetched anew."""

MAX_ANSWER_BYTES = 64 * 1024

_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class LambdaCredentials:
    """The credentials of the running function. ``clock`` gives Unix seconds, ``timeout`` is in seconds. Not for sharing between threads."""

    def __init__(self, environment: Mapping[str, str], clock: Callable[[], float], *, timeout: float) -> None:
        self._environment = environment
        self._clock = clock
        self._timeout = timeout
        self._fetched: AWSCredentialIdentity | None = None
        self._fetched_until = 0.0

    def current(self) -> AWSCredentialIdentity:
        """Credentials that are valid now. Raises ConfigurationError if the environment names none, Unavailable or Unauthenticated if the endpoint fails."""
        environment = self._environment
        if key := environment.get("AWS_ACCESS_KEY_ID"):
            return AWSCredentialIdentity(
                access_key_id=key, secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY", ""), session_token=environment.get("AWS_SESSION_TOKEN") or None
            )
        if self._fetched is None or self._clock() > self._fetched_until - RENEW_BEFORE:
            self._fetched, self._fetched_until = self._fetch()
        return self._fetched

    def _fetch(self) -> tuple[AWSCredentialIdentity, float]:
        url = urlsplit(self._environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", ""))
        if url.scheme != "http" or url.hostname not in _LOCAL:
            raise ConfigurationError("no AWS credentials: neither AWS_ACCESS_KEY_ID nor a local AWS_CONTAINER_CREDENTIALS_FULL_URI is set")
        headers = {"Authorization": token} if (token := self._environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")) else {}
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=self._timeout)
        try:
            connection.request("GET", f"{url.path}?{url.query}" if url.query else url.path, headers=headers)
            answer = connection.getresponse()
            status, body = answer.status, answer.read(MAX_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise unavailable("credentials", type(error).__name__, ambiguous=False) from error
        finally:
            connection.close()
        found = _parsed(body) if status == 200 else None
        if found is None:
            raise Unauthenticated(f"credentials: the endpoint answered {status}", system=SYSTEM, status=status)
        return found


def _parsed(body: bytes) -> tuple[AWSCredentialIdentity, float] | None:
    # None rather than an error, as an error of the parser would carry the credentials.
    try:
        found = json.loads(body)
        identity = AWSCredentialIdentity(access_key_id=found["AccessKeyId"], secret_access_key=found["SecretAccessKey"], session_token=found["Token"])
        return identity, datetime.fromisoformat(found["Expiration"]).timestamp()
    except (ValueError, KeyError, TypeError):
        return None
