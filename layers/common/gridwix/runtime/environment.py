"""Objects that outlive an invocation, built once per execution environment.

They are built again after credentials were refused or the configuration has changed.
"""

import time
from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import TYPE_CHECKING, cast

import httpx

from gridwix.clients.aws.secrets import SecretStore
from gridwix.clients.http import new_client
from gridwix.errors import GridwixError, Unauthenticated
from gridwix.runtime.aws import AWS, aws_clock, session
from gridwix.runtime.correlation import correlation_headers
from gridwix.runtime.garbage_collection import tune_garbage_collection

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_forget: list[Callable[[], None]] = []
_before_batch: list[Callable[[], None]] = []


def once[T](build: Callable[[], T]) -> Callable[[], T]:
    """Decorate a builder so that it runs once per execution environment.

    Later invocations get the same result, with its connections and tokens. The result is dropped
    when credentials are refused (:func:`forget_credentials_after`).
    """

    @cache
    @wraps(build)
    def built() -> T:
        _tune_once()
        return build()

    _forget.append(built.cache_clear)
    return built


def forget_credentials_after(errors: Iterable[GridwixError]) -> None:
    """Drop everything that :func:`once` has built if an error says that credentials were refused.

    The next invocation then reads the secret again, which may have been rotated.
    """
    if any(isinstance(error, Unauthenticated) for error in errors):
        forget_built()


def forget_built() -> None:
    """Drop everything that :func:`once` has built. Call it between batches."""
    for forget in _forget:
        forget()


def before_each_batch(act: Callable[[], None]) -> Callable[[], None]:
    """Decorate a function to run before each batch, in each Lambda function that imports it.

    The function must not raise: a batch must not fail before it has begun.
    """
    _before_batch.append(act)
    return act


@before_each_batch
def _forget_time() -> None:
    aws_clock().forget()


def prepare_batch() -> None:
    """Run all functions that :func:`before_each_batch` has decorated."""
    for act in _before_batch:
        act()


@cache
def http() -> httpx.Client:
    """Return the HTTP client of this execution environment, with its connection pool."""
    return new_client(correlation=correlation_headers)


@once
def secrets() -> SecretStore:
    """Return the reader of credentials in Secrets Manager."""
    client = session().create_client("secretsmanager", config=AWS)
    return SecretStore(cast("SecretsManagerClient", client), time.time)


@cache
def _tune_once() -> None:
    # At the first builder all imports of a function are done, so gc.freeze covers them.
    tune_garbage_collection()
