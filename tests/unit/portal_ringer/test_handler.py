"""The ringer's handler: from an SQS event to a partial batch response, log lines and metrics."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from functions.portal_ringer import handler as module
from gridwix.errors import BudgetExhausted, GridwixError, Unavailable
from gridwix.models.journal import JournalOutcome
from gridwix.portal_ringer.queue import RingerQueue
from gridwix.portal_ringer.service import PortalRinger
from tests.fakes.invocation import lambda_context, metric_values, sqs_record
from tests.fakes.journal import KeptJournal
from tests.fakes.redelivery import Redelivery
from tests.fakes.ringing import FakeNumbers, FakeRepeats, FakeSite
from tests.log_lines import lines_named

EVENTS = Path(__file__).parents[3] / "events/portal_ringer"
SENT = 1_773_324_331.0
"""Time at which the messages of ``sqs_record`` and of the samples were sent, in Unix seconds."""


class Ports:
    def __init__(self) -> None:
        self.numbers, self.site, self.repeats = FakeNumbers(), FakeSite(), FakeRepeats()
        self.redelivery = Redelivery()
        self.now = SENT + 1


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> Ports:
    found = Ports()
    ringer = PortalRinger(found.numbers, found.site, found.repeats)
    monkeypatch.setattr(module, "portal_ringer", lambda: ringer)
    monkeypatch.setattr(module, "redelivery", lambda: found.redelivery)
    monkeypatch.setattr(module, "RingerQueue", partial(RingerQueue, clock=lambda: found.now))
    return found


def invoke(*records: dict[str, Any]) -> list[str]:
    """The ids of the messages that return to the queue."""
    answer = module.handler({"Records": list(records)}, lambda_context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def sample(name: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads((EVENTS / f"{name}.json").read_text())["Records"]
    return records


def test_sample_changes_ring_once_for_the_whole_batch(
    ports: Ports, capsys: pytest.CaptureFixture[str]
) -> None:
    returned = invoke(*sample("changes"))

    assert returned == []
    assert ports.site.requests == [
        {"GC00700011NR": {"issues": 1, "status": 1}, "everybody": {"notices": 1}}
    ]
    metrics = metric_values(capsys.readouterr().out)
    assert (metrics["RingsSent"], metrics["RingsFailed"], metrics["RingsDropped"]) == (2, 0, 0)


def test_sample_repeat_rings_and_is_counted_by_nothing(ports: Ports) -> None:
    assert invoke(*sample("repeat")) == []

    assert ports.site.requests == [{"GC00700011NR": {"issues": 17, "status": 4}}]
    assert (ports.numbers.calls, ports.repeats.sent[0][0].repeat) == (0, 2)


@pytest.mark.parametrize(("error", "wait"), [(BudgetExhausted(wait=30.0), 30.0), (None, 0.0)])
def test_changes_come_again_when_the_call_budget_grants_no_call(
    ports: Ports, error: GridwixError | None, wait: float
) -> None:
    if error:
        ports.numbers.errors.append(error)

    returned = invoke(sqs_record("m1", {"changes": {"GC1": ["issues"]}}))

    assert returned == (["m1"] if error else [])
    assert all(delay >= wait for delay in ports.redelivery.delays.values())
    assert bool(ports.redelivery.delays) is bool(error)


def test_ring_older_than_ten_minutes_is_dropped_and_a_change_of_that_age_is_not(
    ports: Ports, capsys: pytest.CaptureFixture[str]
) -> None:
    ports.now = SENT + 601
    ring = {"rings": {"GC1": {"issues": 1}}, "repeat": 0}

    returned = invoke(
        sqs_record("old", ring), sqs_record("change", {"changes": {"GC2": ["status"]}})
    )

    assert (returned, ports.site.requests) == ([], [{"GC2": {"status": 1}}])
    assert metric_values(capsys.readouterr().out)["RingsDropped"] == 1


def test_failed_first_ring_is_counted_and_logged_with_its_code(
    ports: Ports, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    ports.site.errors.append(Unavailable(system="wix_site", status=503))

    returned = invoke(
        sqs_record("m1", {"rings": {"GC1": {"issues": 1}}, "repeat": 0}),
        sqs_record("bad", {"rings": {}}),
    )

    assert returned == ["bad", "m1"]
    metrics = metric_values(capsys.readouterr().out)
    assert (metrics["RingsFailed"], metrics["MessagesMalformed"]) == (1, 1)
    (line,) = lines_named(caplog, "call_failed")
    assert (line["code"], line["system"]) == ("upstream_unavailable", "wix_site")


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> KeptJournal:
    kept = KeptJournal()
    monkeypatch.setattr(module, "journal", lambda: kept)
    return kept


def test_journal_says_whose_pages_were_rung_and_with_which_numbers(
    ports: Ports, journal: KeptJournal
) -> None:
    invoke(sqs_record("m1", {"changes": {"GC1": ["status", "issues"], "everybody": ["notices"]}}))

    told = {entry.record: entry for entry in journal.entries}
    assert {entry.outcome for entry in journal.entries} == {JournalOutcome.RUNG}
    assert dict(told["PortalChanges#GC1"].rows) == {"PortalChanges#GC1": "issues=1 status=1"}
    assert (told["PortalChanges#GC1"].partner, told["PortalChanges#everybody"].partner) == (
        "GC1",
        "",
    )


def test_journal_says_why_pages_were_not_rung(ports: Ports, journal: KeptJournal) -> None:
    ports.site.errors.append(Unavailable(system="wix_site", status=503))

    invoke(sqs_record("m1", {"rings": {"GC1": {"issues": 1}}, "repeat": 0}))

    (entry,) = journal.entries
    assert (entry.outcome, entry.reason) == (JournalOutcome.DEFERRED, "upstream_unavailable")
    assert (entry.record, dict(entry.rows)) == ("PortalChanges#GC1", {})


def test_journal_says_nothing_of_repeats(ports: Ports, journal: KeptJournal) -> None:
    invoke(*sample("repeat"))

    assert ports.site.requests
    assert journal.entries == []
