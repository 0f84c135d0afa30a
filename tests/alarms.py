"""Evaluates the alarms of a template on the metrics that functions write, as CloudWatch does.

CloudWatch takes a metric for another one if a single dimension differs, and an alarm on a metric
that nobody writes stays silent for ever. So what a function prints in the embedded metric format
is compared with the alarm's own namespace, name, dimensions, statistic, periods and threshold.
"""

import contextlib
import io
import json
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from gridwix.runtime.observability import metrics

MOST_METRICS, MOST_DIMENSIONS, MOST_VALUES = 100, 30, 100
"""Limits of the embedded metric format, beyond which CloudWatch drops a document."""

STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Minimum": min,
    "Maximum": max,
}
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Point:
    """Values of a metric, written at one time."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]
    values: tuple[float, ...]


def read_points(output: str) -> Iterator[Point]:
    """Yield the points of a function's output, one for each set of dimensions of a metric.

    Format:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    for line in output.splitlines():
        if '"_aws"' in line:
            yield from document_points(json.loads(line))


def document_points(document: Mapping[str, Any]) -> Iterator[Point]:
    """Yield the points of a line of a function's log; none if it is no document of metrics."""
    for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
        assert len(directive["Metrics"]) <= MOST_METRICS
        for names in directive["Dimensions"]:
            assert len(names) <= MOST_DIMENSIONS
            dimensions = frozenset((name, document[name]) for name in names)
            for metric in directive["Metrics"]:
                found = document[metric["Name"]]
                values = tuple(found if isinstance(found, list) else [found])
                assert len(values) <= MOST_VALUES
                yield Point(directive["Namespace"], metric["Name"], dimensions, values)


def points_of(service: str, work: Callable[[], object]) -> list[Point]:
    """Return the points that the function ``service`` writes while ``work`` runs."""
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(output):
        patch.setenv("POWERTOOLS_SERVICE_NAME", service)
        patch.setattr(metrics, "service", service)
        metrics.clear_metrics()
        work()
        # A handler has written its own.
        if metrics.metric_set:
            metrics.flush_metrics()
    return list(read_points(output.getvalue()))


def rings(alarm: Mapping[str, Any], periods: Sequence[Sequence[Point]]) -> bool:
    """Return True if an alarm is in state ALARM after some periods.

    Args:
        alarm: The alarm's properties in the template.
        periods: The points of each of its periods, the latest last.
    """
    evaluated = list(periods)[-alarm["EvaluationPeriods"] :]
    breaching = sum(_is_breaching(alarm, points) for points in evaluated)
    needed: int = alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
    return breaching >= needed


def _is_breaching(alarm: Mapping[str, Any], points: Sequence[Point]) -> bool:
    wanted = frozenset((one["Name"], one["Value"]) for one in alarm["Dimensions"])
    values = [
        value
        for point in points
        if (point.namespace, point.name, point.dimensions)
        == (alarm["Namespace"], alarm["MetricName"], wanted)
        for value in point.values
    ]
    if not values:
        return bool(alarm["TreatMissingData"] == "breaching")
    value = STATISTICS[alarm["Statistic"]](values)
    return COMPARISONS[alarm["ComparisonOperator"]](value, float(alarm["Threshold"]))
