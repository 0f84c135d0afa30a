"""Invocation of a function: the Lambda context, and the metrics in its output."""

import json
from types import SimpleNamespace
from typing import Any


def lambda_context(remaining: int = 60_000) -> SimpleNamespace:
    """Return a Lambda context with the members that the functions read.

    ``remaining`` is in milliseconds.
    """
    return SimpleNamespace(
        function_name="f",
        memory_limit_in_mb=512,
        invoked_function_arn="arn",
        aws_request_id="r",
        get_remaining_time_in_millis=lambda: remaining,
    )


def sqs_record(identifier: str, body: Any, receives: int = 1) -> dict[str, Any]:
    """A record of an SQS event. ``body`` is text, or what its JSON holds.

    Format: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    return {
        "messageId": identifier,
        "receiptHandle": f"r-{identifier}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": str(receives),
            "SentTimestamp": "1773324331000",
        },
    }


type Dimensions = frozenset[tuple[str, str]]


def metric_points(out: str) -> dict[Dimensions, dict[str, float]]:
    """Return the sums of a function's metrics by name, for each set of their dimensions."""
    found: dict[Dimensions, dict[str, float]] = {}
    for line in out.splitlines():
        document = json.loads(line) if '"_aws"' in line else {}
        for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
            for names in directive["Dimensions"]:
                sums = found.setdefault(frozenset((name, document[name]) for name in names), {})
                for metric in directive["Metrics"]:
                    total = sum(document[metric["Name"]])
                    sums[metric["Name"]] = sums.get(metric["Name"], 0) + total
    return found


def metric_values(out: str) -> dict[str, float]:
    """Return the sum of each metric in a function's output, by name.

    Metrics with a reason are also under ``NAME/REASON``.
    Format:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    found: dict[str, float] = {}
    for line in out.splitlines():
        document = json.loads(line) if '"_aws"' in line else {}
        for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
            for metric in directive["Metrics"]:
                name, value = metric["Name"], document[metric["Name"]]
                total = sum(value) if isinstance(value, list) else value
                if "reason" in document:
                    found[f"{name}/{document['reason']}"] = total
                    found.setdefault(name, total)
                else:
                    found[name] = total
    return found
