"""Secrets Manager adapter, through boto3."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.secret_cache import SecretCache
from gridwix.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretStore(SecretCache):
    """Reads secrets (JSON objects) by name or ARN, and caches them for ``max_age`` seconds."""

    def __init__(
        self, client: "SecretsManagerClient", clock: Callable[[], float], *, max_age: float = 300.0
    ) -> None:
        super().__init__(partial(_fetch_secret, client), clock, max_age=max_age)


def _fetch_secret(client: "SecretsManagerClient", name: str) -> str:
    with translate_aws_errors("GetSecretValue"):
        response = client.get_secret_value(SecretId=name)
    # A binary secret has no SecretString.
    if "SecretString" not in response:
        raise ConfigurationError(
            "has no text", secret=name, remedy="store one with `gridwix secret set`"
        )
    return response["SecretString"]
