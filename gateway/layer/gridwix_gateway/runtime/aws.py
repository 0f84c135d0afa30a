"""Clients of AWS, each made once per process."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from gridwix_gateway.content.s3 import CONFIG as S3_CONFIG


@cache
def aws_client(service: str) -> Any:
    """Return botocore's client of a service.

    It gives up a call within seconds, so that the function can still answer, and repeats by itself
    what is safe to repeat. ``AWS_ENDPOINT_URL`` leads to a local cloud.
    """
    config = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4}
    )
    return botocore.session.get_session().create_client(service, config=config)


@cache
def s3_client() -> Any:
    """Return botocore's client of S3. A copy of a large object takes seconds."""
    timeouts = Config(
        connect_timeout=2, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 2}
    )
    return botocore.session.get_session().create_client("s3", config=S3_CONFIG.merge(timeouts))
