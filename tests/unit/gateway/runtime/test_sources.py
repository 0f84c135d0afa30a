"""The functions that read sources over HTTP: what follows a run."""

import pytest
from aws_lambda_powertools import Metrics

from gridwix_gateway.runtime.sources import emit_report
from gridwix_gateway.sources.runs import RowCounts, RunReport
from tests.fakes.gateway.webhook_endpoints import Wakes
from tests.fakes.invocation import metric_points


@pytest.mark.parametrize(
    ("counts", "woken"),
    [
        (RowCounts(rows=2, unchanged=1, refused=1), 0),
        (RowCounts(rows=2, changed=1, unchanged=1), 1),
    ],
)
def test_run_is_measured_and_wakes_the_senders_of_webhooks_if_it_changed_records(
    counts: RowCounts, woken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    wakes = Wakes()
    metrics = Metrics(namespace="gridwix-gateway", service="rest_source")

    emit_report(metrics, wakes.wake_senders, RunReport("cases", "complete", 1, counts, 1), 3)

    assert wakes.all == woken
    values = {
        "SourceRuns": 1,
        "RowsChanged": woken,
        "RowsRefused": counts.refused,
        "FailedRunsInARow": 3,
    }
    everything = frozenset({("service", "rest_source")})
    assert metric_points(capsys.readouterr().out) == {
        everything: values,
        everything | {("source", "cases")}: values,
    }
