"""AWS clients of this execution environment."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from gridwix.clients.aws.queue import SqsRedelivery
from gridwix.runtime.settings import QueueSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

AWS = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}, parameter_validation=False)
"""Timeouts are short, since a row may be claimed meanwhile. Parameters are not validated: our own code makes them."""


@cache
def dynamodb() -> "DynamoDBClient":
    """DynamoDB."""
    return boto3.client("dynamodb", config=AWS)


@cache
def events() -> "EventBridgeClient":
    """EventBridge."""
    return boto3.client("events", config=AWS)


@cache
def sqs() -> "SQSClient":
    """SQS."""
    return boto3.client("sqs", config=AWS)


@cache
def s3() -> "S3Client":
    """S3."""
    return boto3.client("s3", config=AWS)


@cache
def redelivery() -> SqsRedelivery:
    """The queue of this function, to set when a failed message is delivered again."""
    return SqsRedelivery(sqs(), QueueSettings.read().queue_url)
