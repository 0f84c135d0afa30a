"""Clients of AWS services (botocore), each made once per process, with bounded timeouts."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from gridwix_gateway.content.s3 import CONFIG as S3_CONFIG


@cache
def aws_client(service: str) -> Any:
    """Return botocore's client of a service, with timeouts of seconds and bounded retries. Cached.

    A call fails within seconds, so that the function can still answer its caller. The client itself
    retries failed calls. With ``AWS_ENDPOINT_URL`` in the environment, it calls a local cloud.
    """
    return _new_client(service, _limits(read_timeout=5, attempts=4))


@cache
def s3_client() -> Any:
    """Return botocore's client of S3. Its timeout allows for a copy of a large object. Cached."""
    return _new_client("s3", S3_CONFIG.merge(_limits(read_timeout=20, attempts=2)))


@cache
def copying_client() -> Any:
    """Return botocore's client of S3 for copies of up to a gigabyte: a long timeout. Cached."""
    return _new_client("s3", S3_CONFIG.merge(_limits(read_timeout=30, attempts=2)))


@cache
def waking_client() -> Any:
    """Return botocore's client of SQS for messages that may be lost: a short timeout. Cached."""
    return _new_client("sqs", _limits(read_timeout=2, attempts=2))


def _limits(*, read_timeout: int, attempts: int) -> Config:
    retries: Any = {"mode": "standard", "total_max_attempts": attempts}
    return Config(connect_timeout=2, read_timeout=read_timeout, retries=retries)


def _new_client(service: str, config: Config) -> Any:
    return botocore.session.get_session().create_client(service, config=config)
