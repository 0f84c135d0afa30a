"""SQS batches: what is read, what is answered, and when the rest comes again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import BudgetExhausted, RowHeld, Unavailable
from gridwix.runtime.batch import MAX_DELAY, answer, delay, read_batch
from tests.factories import change
from tests.fakes.redelivery import Redelivery


def record(number: int, detail: Any = None, receives: int = 1) -> dict[str, Any]:
    detail = change(f"evt_{number}").model_dump(mode="json", by_alias=True) if detail is None else detail
    return {
        "messageId": f"m{number}",
        "receiptHandle": f"r{number}",
        "attributes": {"ApproximateReceiveCount": str(receives)},
        "body": json.dumps({"version": "0", "detail-type": "compliance.status_changed", "source": "gridwix.trading_grid", "detail": detail}),
    }


def test_read_batch_of_bus_events_reads_the_changes() -> None:
    batch = read_batch({"Records": [record(1), record(2, receives=3)]})

    assert [(m.id, m.receives, m.change.event_id) for m in batch.messages] == [("m1", 1, "evt_1"), ("m2", 3, "evt_2")]


@pytest.mark.parametrize("detail", [{}, {"eventId": "e"}, [], "text", {**change().model_dump(mode="json", by_alias=True), "surprise": 1}])
def test_read_batch_when_a_message_breaks_the_contract_keeps_its_neighbours(detail: Any) -> None:
    batch = read_batch({"Records": [record(1), record(2, detail), record(3)]})

    assert [message.id for message in batch.messages] == ["m1", "m3"]
    assert set(batch.malformed) == {"m2"}


def test_read_batch_when_a_body_is_no_json_names_no_content() -> None:
    spoilt = record(1) | {"body": "Dana Whitfield"}

    batch = read_batch({"Records": [spoilt]})

    assert "Dana" not in str(batch.malformed["m1"])


def test_answer_reports_the_failures_and_the_malformed_and_sets_their_next_delivery() -> None:
    redelivery = Redelivery()
    batch = read_batch({"Records": [record(1), record(2, {}), record(3), record(4)]})

    answered = answer(batch, {"m3": BudgetExhausted(wait=42), "m4": RowHeld()}, redelivery, jitter=lambda: 0.0)

    assert answered == {"batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m3"}, {"itemIdentifier": "m4"}]}
    assert redelivery.delays == {"r3": 42.0, "r4": 2.0}


def test_answer_when_everything_is_done_reports_nothing() -> None:
    assert answer(read_batch({"Records": [record(1)]}), {}, Redelivery()) == {"batchItemFailures": []}


def test_answer_when_the_delay_cannot_be_set_still_reports_the_failure() -> None:
    broken = Redelivery()
    broken.error = Unavailable(system="aws")

    answered = answer(read_batch({"Records": [record(1)]}), {"m1": RowHeld()}, broken)

    assert answered == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


@given(st.integers(1, 1_000), st.none() | st.floats(0, 10_000), st.floats(0, 1))
def test_delay_is_never_shorter_than_asked_nor_longer_than_the_limit(receives: int, wait: float | None, jitter: float) -> None:
    seconds = delay(receives, wait, jitter)

    assert min(wait or 0, MAX_DELAY) <= seconds <= MAX_DELAY
