"""What outlives an invocation: objects that are built once for each execution environment, until credentials are refused."""

import time
from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import TYPE_CHECKING

import boto3
import httpx

from gridwix.clients.aws.secrets import SecretStore
from gridwix.clients.http import new_client
from gridwix.errors import GridwixError, Unauthenticated
from gridwix.runtime.aws import AWS
from gridwix.runtime.garbage_collection import tune_garbage_collection

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_forget: list[Callable[[], None]] = []


def once[T](build: Callable[[], T]) -> Callable[[], T]:
    """Run a builder once for each execution environment, so that connections and tokens outlive an invocation. Use as a decorator.

    What it built is dropped when credentials are refused (:func:`forget_credentials_after`).
    """

    @cache
    @wraps(build)
    def built() -> T:
        _tune_once()
        return build()

    _forget.append(built.cache_clear)
    return built


def forget_credentials_after(errors: Iterable[GridwixError]) -> None:
    """Read the credentials anew at the next invocation if any of these errors says that they were refused: a secret was rotated."""
    if any(isinstance(error, Unauthenticated) for error in errors):
        for forget in _forget:
            forget()


@cache
def http() -> httpx.Client:
    """The connection pool of this environment."""
    return new_client()


@once
def secrets() -> SecretStore:
    """Credentials from Secrets Manager."""
    client: SecretsManagerClient = boto3.client("secretsmanager", config=AWS)
    return SecretStore(client, time.time)


@cache
def _tune_once() -> None:
    # By the first builder: all that a function imports is imported by then.
    tune_garbage_collection()
