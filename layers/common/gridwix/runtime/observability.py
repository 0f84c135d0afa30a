"""Logs and metrics, the same in every function. Only ids, codes and counts are logged: no names, no content, no secrets."""

import os

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()


def count(name: str, value: int = 1) -> None:
    """Add to a metric of this function. Zero is worth counting: a graph can then tell silence from absence."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def count_by_reason(name: str, reason: str, value: int = 1) -> None:
    """Add to a metric that carries the reason as a second dimension beside the service."""
    service = {"service": os.environ.get("POWERTOOLS_SERVICE_NAME", "service_undefined")}
    with single_metric(name=name, unit=MetricUnit.Count, value=value, default_dimensions=service) as metric:
        metric.add_dimension(name="reason", value=reason)
