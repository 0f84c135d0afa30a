"""The function ``file_source``: what it logs and measures, and what it reads."""

import io
import json
from datetime import UTC, datetime

import pytest
from aws_lambda_powertools import Logger, Metrics

from gridwix_gateway.runtime import file_source
from gridwix_gateway.runtime.file_source import (
    DropLog,
    FileSourceSettings,
    declared_documents,
    declared_sources,
)
from gridwix_gateway.runtime.settings import ConfigurationError
from gridwix_gateway.sources.files.planning import Counts
from gridwix_gateway.sources.files.ports import Drop
from gridwix_gateway.sources.files.service import Result
from tests.fakes.gateway.webhook_endpoints import Wakes
from tests.fakes.invocation import metric_points

DROP = Drop("drops/tracker/Annas Partner.xlsx", "tag1", datetime(2026, 3, 12, tzinfo=UTC), 1)


@pytest.fixture
def wakes() -> Wakes:
    return Wakes()


@pytest.fixture
def log(wakes: Wakes) -> DropLog:
    metrics = Metrics(namespace="gridwix-gateway", service="file_source")
    return DropLog(metrics, wakes.wake_senders)


ALL = frozenset({("service", "file_source")})
TRACKER = ALL | {("source", "tracker")}


def test_refused_drop_is_counted_for_the_alarm_and_for_its_source(
    log: DropLog, capsys: pytest.CaptureFixture[str]
) -> None:
    log.record_result("tracker", DROP, Result("refused", "password", "it has a password"))

    counts = {"DropsRefused": 1, "RowsRefused": 0}
    assert metric_points(capsys.readouterr().out) == {ALL: counts, TRACKER: counts}


def test_applied_drop_counts_its_refused_rows_once(
    log: DropLog, capsys: pytest.CaptureFixture[str]
) -> None:
    log.record_result("tracker", DROP, Result("unfinished", counts=Counts(refused=3)))
    log.record_result("tracker", DROP, Result("applied", counts=Counts(refused=3)))

    counts = {"DropsRefused": 0, "RowsRefused": 3}
    assert metric_points(capsys.readouterr().out) == {ALL: counts, TRACKER: counts}


def test_file_of_no_source_is_counted_for_the_alarm_and_gives_no_metric_its_name(
    log: DropLog, capsys: pytest.CaptureFixture[str]
) -> None:
    log.record_result("tracker", DROP, Result("applied"))
    log.record_unknown("anybody's words")

    points = metric_points(capsys.readouterr().out)
    assert points[ALL] == {"DropsRefused": 1, "RowsRefused": 0}
    assert points.keys() == {ALL, TRACKER}


@pytest.mark.parametrize(
    ("counts", "woken"),
    [
        (Counts(rows=9, former=9, refused=1), 0),
        (Counts(created=1), 1),
        (Counts(updated=1), 1),
        (Counts(deleted=1), 1),
    ],
)
def test_senders_of_webhooks_are_woken_after_a_drop_that_changed_records(
    log: DropLog, wakes: Wakes, counts: Counts, woken: int
) -> None:
    log.record_result("tracker", DROP, Result("applied", counts=counts))

    assert wakes.all == woken


def test_log_names_no_file_and_no_value(log: DropLog, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    # A logger of its own: the module's writes to the output of the test that imported it first.
    own = Logger(service="drop-log", level="INFO", stream=stream)
    monkeypatch.setattr(file_source, "logger", own)
    log.record_result("tracker", DROP, Result("refused", "html", "Anna's value", Counts(rows=9)))
    try:
        raise ValueError("Anna's value")
    except ValueError as error:
        log.record_failure(error)
    log.record_unknown("Anna's folder")

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert "Anna" not in json.dumps(lines)
    assert (lines[0]["source"], lines[0]["code"], lines[0]["drop_counts"]["rows"]) == (
        "tracker",
        "html",
        9,
    )
    assert lines[1]["error"] == "ValueError"


def test_sources_of_files_are_those_of_the_layer() -> None:
    assert {"partner-tracker", "onboarding-steps"} <= declared_sources().keys()


def test_sources_of_documents_are_those_of_the_layer() -> None:
    assert "partner-documents" in declared_documents()
    assert not declared_documents().keys() & declared_sources().keys()


def test_missing_variable_is_named() -> None:
    with pytest.raises(ConfigurationError, match="FILE_BUCKET"):
        FileSourceSettings.read(
            {"TABLE_NAME": "t", "COMPANY_ID": "c", "QUEUE_URL": "q", "WEBHOOK_QUEUE_URL": "w"}
        )
