"""Reads credentials for the external systems that the gateway delivers to (targets).

They are JSON secrets in Secrets Manager, named ``STACK/targets/NAME``.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from gridwix_gateway.targets.rest.authenticators import MissingSecret, SecretReader

KEPT_SECONDS = 60.0
"""Seconds for which a secret is cached. A rotated secret may be used for so long."""

ABSENT = frozenset({"ResourceNotFoundException", "AccessDeniedException", "DecryptionFailure"})
"""Error codes of Secrets Manager for a secret that a person must create or permit."""


class SecretsManagerReader(SecretReader):
    """Reads credentials for external systems (targets) from Secrets Manager.

    A secret is cached for a minute.

    Args:
        client: botocore's client of Secrets Manager.
        prefix: Beginning of the name of each secret, such as ``gateway/targets/``.
        monotonic: Returns seconds of a monotonic clock.
    """

    def __init__(
        self,
        client: BaseClient,
        prefix: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client: Any = client
        self._prefix = prefix
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, Mapping[str, str]]] = {}

    def read_secret(self, name: str) -> Mapping[str, str]:
        read_at, kept = self._kept.get(name, (0.0, None))
        if kept is None or self._monotonic() - read_at > KEPT_SECONDS:
            kept = self._read(name)
            self._kept[name] = (self._monotonic(), kept)
        return kept

    def _read(self, name: str) -> Mapping[str, str]:
        try:
            text = self._client.get_secret_value(SecretId=self._prefix + name)["SecretString"]
            document = json.loads(text)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            raise MissingSecret(f"the secret {name} cannot be read") from None
        except (KeyError, ValueError):
            raise MissingSecret(f"the secret {name} is no JSON") from None
        if not isinstance(document, dict):
            raise MissingSecret(f"the secret {name} is no JSON object")
        return document
