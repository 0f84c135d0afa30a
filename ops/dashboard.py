"""Reads the graphs of the CloudWatch dashboard from the template: titles, places and metrics.

The template is the only definition of the dashboard: its picture and its table in the docs are made
from it. Pure but for reading the file.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.logs import LogLine
from ops.paths import ROOT
from ops.role_probe import read_template

TEMPLATE = ROOT / "template.yaml"

_REFERENCE = re.compile(r"\$\{(?:AWS::)?(\w+)(?:\.\w+)?\}")


@dataclass(frozen=True, slots=True)
class Metric:
    """A CloudWatch metric of a graph: namespace, name, and dimensions as names and values."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph of the dashboard.

    ``x``, ``y``, ``width`` and ``height`` are in units of the dashboard, which has 24 columns.
    ``period`` is the length of time of one point, in seconds.
    """

    title: str
    x: int
    y: int
    width: int
    height: int
    period: int
    metrics: tuple[Metric, ...]


def read_dashboard(template: Path = TEMPLATE) -> list[Graph]:
    """Return the graphs of a template's dashboard, in its order.

    A reference to a resource is replaced by the resource's logical id.
    """
    resources: Mapping[str, Any] = read_template(template)["Resources"]
    (body,) = [
        one["Properties"]["DashboardBody"]
        for one in resources.values()
        if one["Type"] == "AWS::CloudWatch::Dashboard"
    ]
    document = json.loads(_REFERENCE.sub(r"\1", body))
    return [_graph(widget) for widget in document["widgets"]]


def _graph(widget: Mapping[str, Any]) -> Graph:
    shown = widget["properties"]
    return Graph(
        shown["title"],
        widget["x"],
        widget["y"],
        widget["width"],
        widget["height"],
        shown["period"],
        tuple(_metric(*one) for one in shown["metrics"]),
    )


def _metric(namespace: str, name: str, *dimensions: str) -> Metric:
    names, values = dimensions[::2], dimensions[1::2]
    return Metric(namespace, name, frozenset(zip(names, values, strict=True)))


def metric_values(line: LogLine) -> Iterator[tuple[Metric, float]]:
    """Yield the metrics in a log line (CloudWatch embedded metric format), each with its sum.

    Format:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    fields = line.fields
    for directive in fields.get("_aws", {}).get("CloudWatchMetrics", []):
        for names in directive["Dimensions"]:
            dimensions = frozenset((name, str(fields[name])) for name in names)
            for one in directive["Metrics"]:
                value = fields[one["Name"]]
                total = sum(value) if isinstance(value, list) else value
                yield Metric(directive["Namespace"], one["Name"], dimensions), float(total)
