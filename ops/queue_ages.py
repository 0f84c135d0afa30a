"""Reads from CloudWatch how old the oldest message of each queue is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ops.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

AGE = "ApproximateAgeOfOldestMessage"
LOOK_BACK = timedelta(minutes=10)
"""Period of age metrics to read: SQS reports them only every few minutes."""


def read_queue_ages(stack: Stack) -> dict[str, float]:
    """Read the age of the oldest message of each of a stack's queues, in seconds, by queue name."""
    return read_ages(stack.aws.cloudwatch, [queue_name(pair.url) for pair in stack.queues])


def read_ages(cloudwatch: "CloudWatchClient", queues: Sequence[str]) -> dict[str, float]:
    """Return the newest reported age of the oldest message, in seconds, by queue name.

    Queues without a recent metric are left out.
    """
    now = datetime.now(UTC)
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": AGE,
                    "Dimensions": [{"Name": "QueueName", "Value": name}],
                },
                "Period": 60,
                "Stat": "Maximum",
            },
        }
        for number, name in enumerate(queues)
    ]
    found: dict[str, float] = {}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries,
        StartTime=now - LOOK_BACK,
        EndTime=now,
        ScanBy="TimestampDescending",
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            if result.get("Values"):
                # Only the newest value: a message that was old ten minutes ago may be gone.
                found.setdefault(queues[int(result["Id"][1:])], result["Values"][0])
    return found


def queue_name(url: str) -> str:
    """Return a queue's name from its URL."""
    return url.rpartition("/")[2]
