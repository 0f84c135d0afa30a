"""AWS clients of this execution environment, each built at its first use.

They are clients of botocore, not boto3. boto3 returns the same objects, and adds resources and
transfers of large files that no function uses: see
``docs/adr/0024-no-snapstart-and-botocore-for-consumers.md``.
"""

import time
from functools import cache
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.session import Session

from gridwix.clients.aws.queue import SqsRedelivery
from gridwix.clients.aws.server_clock import ServerClock
from gridwix.runtime.settings import QueueSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

AWS = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,
    # Three chunks of rows with four threads each, and the calls of others.
    max_pool_connections=16,
)
"""Client settings.

Timeouts are short, as a row may be claimed meanwhile. botocore does not validate parameters: our
code builds them.
"""


@cache
def session() -> Session:
    """Return the botocore session, which caches the credentials for all clients."""
    return Session()


@cache
def aws_clock() -> ServerClock:
    """Return the clock by which claims (leases) expire, in Unix seconds; it follows AWS's time."""
    return ServerClock(time.time, time.monotonic)


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the DynamoDB client. The times in its responses correct :func:`aws_clock`."""
    client = cast("DynamoDBClient", session().create_client("dynamodb", config=AWS))
    aws_clock().watch(client.meta.events, "dynamodb")
    return client


@cache
def events() -> "EventBridgeClient":
    """Return the EventBridge client."""
    return cast("EventBridgeClient", session().create_client("events", config=AWS))


@cache
def sqs() -> "SQSClient":
    """Return the SQS client."""
    return cast("SQSClient", session().create_client("sqs", config=AWS))


@cache
def s3() -> "S3Client":
    """Return the S3 client."""
    return cast("S3Client", session().create_client("s3", config=AWS))


@cache
def redelivery() -> SqsRedelivery:
    """Return the service that delays retries of failed messages in the function's own queue.

    It sets their visibility timeouts.
    """
    return SqsRedelivery(sqs(), QueueSettings.from_environment().queue_url)
