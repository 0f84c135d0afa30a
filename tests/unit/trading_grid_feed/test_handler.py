"""The feed's handler: one run for all the messages that ask for it."""

import json
from typing import Any

import pytest

from functions.trading_grid_feed import handler as module
from gridwix.errors import GridwixError, Unavailable
from gridwix.models.deadline import Deadline
from gridwix.models.journal import JournalOutcome
from gridwix.trading_grid_feed.service import FeedReport
from tests.factories import change
from tests.fakes.invocation import lambda_context
from tests.fakes.journal import KeptJournal
from tests.log_lines import lines_named

EVENT = {"Records": [{"messageId": "m1", "body": "{}"}, {"messageId": "m2", "body": "{}"}]}


class Reader:
    def __init__(self) -> None:
        self.report = FeedReport(published=3, resynced=2)
        self.error: GridwixError | None = None
        self.near: list[bool] = []

    def read_feed(self, deadline: Deadline) -> FeedReport:
        self.near.append(deadline.is_near())
        if self.error:
            raise self.error
        return self.report


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    fake = Reader()
    monkeypatch.setattr(module, "feed_reader", lambda: fake)
    return fake


def call(remaining: int = 60_000) -> dict[str, Any]:
    answer: dict[str, Any] = module.handler(EVENT, lambda_context(remaining))
    return answer


def test_handler_reads_once_however_many_messages_ask(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call() == {"batchItemFailures": []}

    assert reader.near == [False]
    metrics = [
        json.loads(line)
        for line in capsys.readouterr().out.splitlines()
        if "EventsPublished" in line
    ]
    assert [(line["EventsPublished"], line["PartnersResynced"]) for line in metrics] == [
        ([3.0], [2.0])
    ]


def test_handler_when_little_time_is_left_begins_no_further_page(reader: Reader) -> None:
    call(remaining=19_000)

    assert reader.near == [True]


def test_handler_when_the_feed_cannot_be_read_has_every_message_come_again(
    reader: Reader, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    reader.error = Unavailable(system="trading_grid", status=503, request_id="req-9")

    assert call() == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]}

    assert '"FeedFailed":[1.0]' in capsys.readouterr().out.replace(" ", "")
    (line,) = lines_named(caplog, "feed_not_read")
    assert (line["code"], line["request_id"]) == ("upstream_unavailable", "req-9")


def test_handler_writes_each_event_of_the_feed_that_is_now_on_the_bus_into_the_journal(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = KeptJournal()
    monkeypatch.setattr(module, "journal", lambda: journal)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "trading_grid_feed")
    reader.report = FeedReport(published=1, announced=(change("evt_1", version=7),))
    records: list[dict[str, Any]] = [{**record, "attributes": {}} for record in EVENT["Records"]]

    module.handler({"Records": records}, lambda_context(60_000))

    (entry,) = journal.entries
    assert (entry.function, entry.outcome) == ("trading_grid_feed", JournalOutcome.ON_BUS)
    assert (entry.event_id, entry.via, entry.version) == ("evt_1", "feed", 7)


def test_handler_when_the_feed_is_quiet_builds_no_journal(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build() -> None:
        pytest.fail("there is nothing to write")

    monkeypatch.setattr(module, "journal", build)

    assert call() == {"batchItemFailures": []}
