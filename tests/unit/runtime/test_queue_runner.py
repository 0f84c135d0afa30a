"""The queue runner: messages, failures, backoffs and the partial batch response."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, override

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import (
    BudgetExhausted,
    GridwixError,
    RecordFault,
    RowHeld,
    RowPaced,
    Unauthenticated,
    Unavailable,
)
from gridwix.mapping.trace_context import is_traceparent
from gridwix.models.events import Change
from gridwix.runtime import queue_runner
from gridwix.runtime.correlation import correlation_headers
from gridwix.runtime.queue_runner import (
    MAX_DELAY,
    Batch,
    Envelope,
    QueueRunner,
    parse_batch,
    redelivery_backoff,
)
from tests.factories import change
from tests.fakes.journal import KeptJournal
from tests.fakes.redelivery import Redelivery


class Run(QueueRunner[Change, list[str]]):
    """Fails the changes of ``failing`` by event id; ``error`` fails the run as a whole."""

    def __init__(
        self,
        redelivery: Callable[[], Redelivery] | None,
        failing: Mapping[str, GridwixError] | None = None,
        error: GridwixError | None = None,
    ) -> None:
        super().__init__(redelivery, jitter=lambda: 0.0)
        self.failing, self.error = failing or {}, error
        self.noted: list[GridwixError] = []
        self.seen: list[list[str]] = []
        self.reported: list[tuple[list[str], list[str]]] = []

    @override
    def parse(self, body: str) -> Change:
        return Envelope[Change].model_validate_json(body).detail

    @override
    def run(self, batch: Batch[Change]) -> list[str]:
        self.seen.append([change.event_id for change in batch.bodies])
        if self.error:
            raise self.error
        return self.seen[-1]

    @override
    def empty_report(self) -> list[str]:
        return []

    @override
    def failures(self, report: list[str], batch: Batch[Change]) -> Mapping[str, GridwixError]:
        return {
            message.id: self.failing[message.body.event_id]
            for message in batch.messages
            if message.body.event_id in self.failing
        }

    @override
    def errors(self, report: list[str]) -> Iterable[GridwixError]:
        return self.noted

    @override
    def emit_metrics(
        self, report: list[str], batch: Batch[Change], failures: Mapping[str, GridwixError]
    ) -> None:
        self.reported.append((report, list(failures)))


def record(number: int, detail: Any = None, receives: int = 1) -> dict[str, Any]:
    detail = (
        change(f"evt_{number}").model_dump(mode="json", by_alias=True) if detail is None else detail
    )
    return {
        "messageId": f"m{number}",
        "receiptHandle": f"r{number}",
        "attributes": {"ApproximateReceiveCount": str(receives), "SentTimestamp": "1773324331000"},
        "body": json.dumps(
            {
                "version": "0",
                "detail-type": "compliance.status_changed",
                "source": "gridwix.trading_grid",
                "detail": detail,
            }
        ),
    }


def parsed(*records: dict[str, Any]) -> Batch[Change]:
    return parse_batch({"Records": list(records)}, Run(None).parse)


def failed(runner: Run, *records: dict[str, Any]) -> list[str]:
    return [
        failure["itemIdentifier"]
        for failure in runner.process({"Records": list(records)})["batchItemFailures"]
    ]


def test_batch_of_bus_events_has_their_changes() -> None:
    batch = parsed(record(1), record(2, receives=3))

    assert [(m.id, m.receives, m.body.event_id, m.sent.isoformat()) for m in batch.messages] == [
        ("m1", 1, "evt_1", "2026-03-12T14:05:31+00:00"),
        ("m2", 3, "evt_2", "2026-03-12T14:05:31+00:00"),
    ]


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"eventId": "e"},
        [],
        "text",
        {**change().model_dump(mode="json", by_alias=True), "contract": "surprise"},
    ],
)
def test_batch_when_a_message_breaks_the_contract_keeps_its_neighbours(detail: Any) -> None:
    batch = parsed(record(1), record(2, detail), record(3))

    assert [message.id for message in batch.messages] == ["m1", "m3"]
    assert set(batch.malformed) == {"m2"}


def test_batch_when_a_message_has_a_member_of_a_later_release_is_read_without_it() -> None:
    detail = change().model_dump(mode="json", by_alias=True)

    batch = parsed(record(2, {**detail, "surprise": 1}))

    assert batch.messages[0].body == change()
    assert not batch.malformed


def test_batch_when_a_body_is_no_json_names_no_content() -> None:
    batch = parsed(record(1) | {"body": "Dana Whitfield"})

    assert "Dana" not in str(batch.malformed["m1"])


def test_process_returns_the_failures_and_the_malformed_and_sets_their_next_delivery() -> None:
    redelivery = Redelivery()
    runner = Run(
        lambda: redelivery, failing={"evt_3": BudgetExhausted(wait=42), "evt_4": RowHeld()}
    )

    assert failed(runner, record(1), record(2, {}), record(3), record(4)) == ["m2", "m3", "m4"]
    assert redelivery.delays == {"r3": 42.0, "r4": 2.0}
    assert runner.reported == [(["evt_1", "evt_3", "evt_4"], ["m3", "m4"])]


def test_process_when_a_row_was_just_written_sets_just_the_rest_of_its_second() -> None:
    redelivery = Redelivery()
    runner = Run(lambda: redelivery, failing={"evt_1": RowPaced(wait=0.7)})
    delivered_often = {"attributes": {"ApproximateReceiveCount": "5", "SentTimestamp": "0"}}

    assert failed(runner, record(1) | delivered_often) == ["m1"]
    assert redelivery.delays == {"r1": 0.7}


def test_process_when_everything_is_done_returns_nothing() -> None:
    assert failed(Run(Redelivery), record(1)) == []


def test_process_when_the_run_fails_as_a_whole_returns_every_message_and_reports_nothing_done() -> (
    None
):
    redelivery = Redelivery()
    runner = Run(lambda: redelivery, error=Unavailable(system="wix", wait=30))

    assert failed(runner, record(1), record(2)) == ["m1", "m2"]
    assert runner.reported == [([], ["m1", "m2"])]
    assert redelivery.delays == {"r1": 30.0, "r2": 30.0}


def test_process_when_the_delay_cannot_be_set_still_returns_the_failure() -> None:
    broken = Redelivery()
    broken.error = Unavailable(system="aws")

    assert failed(Run(lambda: broken, failing={"evt_1": RowHeld()}), record(1)) == ["m1"]


def test_process_without_redelivery_leaves_the_delay_to_the_queue() -> None:
    assert failed(Run(None, error=Unavailable(system="wix")), record(1)) == ["m1"]


def test_process_when_messages_are_given_up_defers_and_returns_only_the_others() -> None:
    class Patient(Run):
        @override
        def returned(
            self, failures: Mapping[str, GridwixError], batch: Batch[Change]
        ) -> Iterable[str]:
            return [message.id for message in batch.messages if message.receives < 6]

    redelivery = Redelivery()

    assert failed(
        Patient(lambda: redelivery, error=Unavailable(system="wix")),
        record(1, receives=6),
        record(2, receives=5),
    ) == ["m2"]
    assert set(redelivery.delays) == {"r2"}


def test_process_passes_refused_credentials_and_faulty_records_of_messages_and_run_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forgotten: list[GridwixError] = []
    named: list[GridwixError] = []
    monkeypatch.setattr(queue_runner, "forget_credentials_after", forgotten.extend)
    monkeypatch.setattr(
        queue_runner, "report_record_faults", lambda errors, _: named.extend(errors)
    )
    refused, fault = (
        Unauthenticated(system="wix", status=401),
        RecordFault("partners/GC1", "name string_type"),
    )
    runner = Run(Redelivery, failing={"evt_1": refused})
    runner.noted = [fault]

    failed(runner, record(1))

    assert forgotten == named == [fault, refused]


@given(st.integers(1, 1_000), st.none() | st.floats(0, 10_000), st.floats(0, 1))
def test_backoff_is_never_shorter_than_asked_nor_longer_than_the_limit(
    receives: int, wait: float | None, jitter: float
) -> None:
    seconds = redelivery_backoff(receives, wait, jitter)

    assert min(wait or 0, MAX_DELAY) <= seconds <= MAX_DELAY


def test_journal_says_what_became_of_each_message_and_why() -> None:
    journal = KeptJournal()
    runner = Run(Redelivery, {"evt_2": RowHeld()})

    runner.process({"Records": [record(1), record(2, receives=3)]}, lambda: journal)

    done, deferred = journal.entries
    assert (done.event_id, done.outcome, done.attempt, done.reason, done.wait) == (
        *("evt_1", "done", 1, ""),
        None,
    )
    assert (deferred.event_id, deferred.outcome, deferred.attempt, deferred.reason) == (
        *("evt_2", "deferred", 3, "row_held"),
    )
    assert deferred.wait == 8.0
    assert (done.record, done.event_type, done.via) == (
        "compliance-checks/chk_asn_timing_pgf",
        "compliance.status_changed",
        "feed",
    )
    assert done.queued_at == 1773324331
    assert done.request_id == deferred.request_id != ""


def test_failure_of_the_whole_run_is_in_the_journal_of_each_message() -> None:
    journal = KeptJournal()
    runner = Run(Redelivery, error=BudgetExhausted(wait=2))

    runner.process({"Records": [record(1), record(2)]}, lambda: journal)

    assert [(one.outcome, one.reason) for one in journal.entries] == [
        ("deferred", "budget_exhausted")
    ] * 2


def test_journal_that_fails_repeats_no_work() -> None:
    journal = KeptJournal(Unavailable("down", system="aws"))
    runner = Run(Redelivery)

    answer = runner.process({"Records": [record(1)]}, lambda: journal)

    assert answer == {"batchItemFailures": []}


def test_calls_of_a_run_carry_the_trace_of_its_event() -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    traced = change("evt_9").model_copy(update={"traceparent": parent})
    detail = traced.model_dump(mode="json", by_alias=True)

    Run(Redelivery).process({"Records": [record(1, detail)]})

    headers = correlation_headers()
    assert headers["X-Request-ID"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert is_traceparent(headers["traceparent"])
    assert headers["traceparent"].split("-")[1] == headers["X-Request-ID"]


def test_calls_of_a_run_with_several_traces_carry_a_trace_of_their_own() -> None:
    journal = KeptJournal()

    Run(Redelivery).process({"Records": [record(1), record(2)]}, lambda: journal)

    one, other = journal.entries
    assert correlation_headers()["X-Request-ID"] == one.request_id
    assert one.request_id not in {one.trace, other.trace}
    assert one.trace != other.trace
