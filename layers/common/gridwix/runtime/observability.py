"""Logs and metrics of all functions.

Only ids, codes and counts are logged: no names, no content, no secrets.
"""

import os
from collections.abc import Mapping

from gridwix.errors import GridwixError, UpstreamError
from gridwix.lazy_imports import import_lazily

# The logger queries events with JMESPath for a correlation id, which no function asks for.
with import_lazily("aws_lambda_powertools.utilities.jmespath_utils"):
    from aws_lambda_powertools import Logger, Metrics, single_metric
    from aws_lambda_powertools.metrics import MetricUnit

ALL_FUNCTIONS = {"service": "gridwix"}
"""Dimension of a metric of all functions together, which one alarm watches."""

logger = Logger()
metrics = Metrics()


def count(name: str, value: int = 1) -> None:
    """Add ``value`` to a metric of this function.

    Add zero, too: a graph then shows a run without results as zero, not as a gap.
    """
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def count_by_reason(name: str, reason: str, value: int = 1) -> None:
    """Add ``value`` to a metric with the dimensions ``service`` and ``reason``."""
    service = {"service": os.environ.get("POWERTOOLS_SERVICE_NAME", "service_undefined")}
    with single_metric(
        name=name, unit=MetricUnit.Count, value=value, default_dimensions=service
    ) as metric:
        metric.add_dimension(name="reason", value=reason)


def count_in_all(name: str, value: int = 1) -> None:
    """Add ``value`` to a metric of all functions together (``ALL_FUNCTIONS``)."""
    with single_metric(
        name=name, unit=MetricUnit.Count, value=value, default_dimensions=ALL_FUNCTIONS
    ):
        pass


def count_unknown_values(unknown: Mapping[str, int]) -> None:
    """Count values of Trading Grid that have no configured label, in two metrics.

    One metric is by ``field=value``, the other is of all functions together: an alarm watches it.
    """
    for value, times in unknown.items():
        count_by_reason("UnknownValues", value, times)
    if total := sum(unknown.values()):
        count_in_all("UnknownValues", total)


def log_fields(error: GridwixError) -> dict[str, str | int]:
    """Return the log fields of an error: its code and, for an upstream error, facts about the call.

    These are the facts for which the support of the failed system asks.

    >>> log_fields(UpstreamError(system="wix", status=429, request_id="r-1"))
    {'code': 'upstream', 'system': 'wix', 'status': 429, 'request_id': 'r-1'}
    """
    if not isinstance(error, UpstreamError):
        return {"code": error.code}
    facts: dict[str, str | int] = {
        "code": error.code,
        "system": error.system,
        "status": error.status,
        "vendor_code": error.vendor_code,
        "request_id": error.request_id,
    }
    return {name: value for name, value in facts.items() if value}
