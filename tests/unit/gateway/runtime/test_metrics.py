"""Metrics of sources and targets: for the alarm of the function, and for each by its name."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_lambda_powertools import Metrics

from gridwix_gateway.runtime import metrics
from gridwix_gateway.runtime.file_source import DropLog
from gridwix_gateway.runtime.metrics import count_target, count_unusable_entries, observe_webhooks
from gridwix_gateway.runtime.sources import emit_report
from gridwix_gateway.sources.files.ports import Drop
from gridwix_gateway.sources.files.service import Result
from gridwix_gateway.sources.runs import RowCounts, RunReport
from tests.fakes.gateway.tables import GATEWAY_TEMPLATE
from tests.fakes.invocation import metric_points
from tests.unit.template.rules import load, of_type

NAMESPACE = "gridwix-gateway"
FAILED = {"TargetsFailed": 1, "DeliveriesDead": 2}


@pytest.fixture
def of_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Metrics(namespace=NAMESPACE, service="target_sender")
    monkeypatch.setattr(metrics, "metrics", own)


def test_targets_are_counted_by_name_and_together(
    of_targets: None, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("erp", "tickets"):
        count_target(name, FAILED)

    service = frozenset({("service", "target_sender")})
    assert metric_points(capsys.readouterr().out) == {
        service: {"TargetsFailed": 2, "DeliveriesDead": 4},
        service | {("target", "erp")}: FAILED,
        service | {("target", "tickets")}: FAILED,
    }


def test_invocation_without_targets_is_counted_without_a_name(
    of_targets: None, capsys: pytest.CaptureFixture[str]
) -> None:
    count_target("", FAILED)

    assert metric_points(capsys.readouterr().out) == {
        frozenset({("service", "target_sender")}): FAILED
    }


def write_all(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the metrics of a function, as its parts do."""
    own = Metrics(namespace=NAMESPACE, service=service)
    monkeypatch.setattr(metrics, "metrics", own)
    match service:
        case "file_source":
            drop = Drop("drops/tracker/a.csv", "t", datetime(2026, 3, 12, tzinfo=UTC), 1)
            DropLog(own, lambda: None).record_result("tracker", drop, Result("refused"))
        case "target_sender":
            count_target("erp", FAILED)
        case "api":
            count_unusable_entries(1)
        case "webhook_sender":
            observe_webhooks("we_1", Counter(failed=1))
        case _:
            report = RunReport("cases", "complete", 1, RowCounts(), 0)
            emit_report(own, lambda: None, report, 0)


def alarms() -> list[Any]:
    found = of_type(load(GATEWAY_TEMPLATE), "AWS::CloudWatch::Alarm")
    return [
        pytest.param(properties, id=name)
        for name, properties in found
        if properties["Namespace"] == NAMESPACE
    ]


@pytest.mark.parametrize("alarm", alarms())
def test_alarm_watches_a_metric_that_its_function_writes_with_those_dimensions(
    alarm: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dimensions = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}

    write_all(dimensions["service"], monkeypatch)

    points = metric_points(capsys.readouterr().out)
    assert alarm["MetricName"] in points[frozenset(dimensions.items())]
