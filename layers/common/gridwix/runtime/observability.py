"""Logs and metrics, the same in every function. Only ids, codes and counts are logged: no names, no content, no secrets."""

import os

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from gridwix.errors import GridwixError, UpstreamError

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


def about(error: GridwixError) -> dict[str, str | int]:
    """What a log line says of an error: its code and, of an upstream's answer, what that system's support asks for."""
    if not isinstance(error, UpstreamError):
        return {"code": error.code}
    facts: dict[str, str | int] = {
        "code": error.code,
        "system": error.system,
        "status": error.status,
        "vendorCode": error.vendor_code,
        "requestId": error.request_id,
    }
    return {name: value for name, value in facts.items() if value}
