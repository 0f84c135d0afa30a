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

DROP = Drop("drops/tracker/Annas Partner.xlsx", "tag1", datetime(2026, 3, 12, tzinfo=UTC), 1)


@pytest.fixture
def wakes() -> Wakes:
    return Wakes()


@pytest.fixture
def log(wakes: Wakes) -> DropLog:
    metrics = Metrics(namespace="gridwix-gateway", service="file_source")
    return DropLog(metrics, wakes.wake_senders)


def measured(log: DropLog) -> dict[str, float]:
    found = {name: sum(entry["Value"]) for name, entry in log._metrics.metric_set.items()}
    log._metrics.clear_metrics()
    return found


def test_refused_drop_is_counted_for_the_alarm(log: DropLog) -> None:
    log.record_result("tracker", DROP, Result("refused", "password", "it has a password"))

    assert measured(log) == {"DropsRefused": 1, "RowsRefused": 0}


def test_applied_drop_counts_its_refused_rows_once(log: DropLog) -> None:
    log.record_result("tracker", DROP, Result("unfinished", counts=Counts(refused=3)))
    log.record_result("tracker", DROP, Result("applied", counts=Counts(refused=3)))

    assert measured(log) == {"DropsRefused": 0, "RowsRefused": 3}


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
    assert (lines[0]["source"], lines[0]["code"], lines[0]["counts"]["rows"]) == (
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
