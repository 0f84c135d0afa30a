"""Secrets Manager, through boto3."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from gridwix.clients.aws.boto import aws_errors
from gridwix.clients.aws.secret_cache import SecretCache
from gridwix.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretStore(SecretCache):
    """Secrets of Secrets Manager that are JSON objects, by name or ARN, kept for ``max_age`` seconds."""

    def __init__(self, client: "SecretsManagerClient", clock: Callable[[], float], *, max_age: float = 300.0) -> None:
        super().__init__(partial(_fetch, client), clock, max_age=max_age)


def _fetch(client: "SecretsManagerClient", name: str) -> str:
    with aws_errors("GetSecretValue"):
        answer = client.get_secret_value(SecretId=name)
    if "SecretString" not in answer:
        raise ConfigurationError(f"secret {name} has no text")
    return answer["SecretString"]
