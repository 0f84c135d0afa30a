"""A worker's clock is put right by AWS's answers if it is wrong by more than seconds."""

from typing import Any

import boto3
import pytest
from moto import mock_aws

from gridwix.clients.aws.server_clock import SOON, TOLERANCE, ServerClock

TRUE = 1_789_999_999.5
DATE = "Mon, 21 Sep 2026 14:13:19 GMT"


class Worker:
    """A worker whose clock is ``ahead`` of the true time."""

    def __init__(self, ahead: float) -> None:
        self.ahead = ahead
        self.true = TRUE
        self.handlers: dict[str, Any] = {}
        self.clock = ServerClock(lambda: self.true + self.ahead, lambda: self.true - 1_000_000.0)
        self.clock.watch(self, "dynamodb")

    def register(self, event_name: str, handler: Any) -> None:
        self.handlers[event_name] = handler

    def call(self, *, date: str | None = DATE, seconds: float = 0.0, headers: bool = True) -> None:
        context: dict[str, Any] = {}
        self.handlers["before-call.dynamodb"](context=context, model=None)
        self.true += seconds
        sent = {} if date is None else {"date": date}
        metadata = {"HTTPHeaders": sent} if headers else {}
        self.handlers["after-call.dynamodb"](
            parsed={"ResponseMetadata": metadata}, context=context, model=None
        )


@pytest.mark.parametrize("ahead", [-300.0, -TOLERANCE - 1, TOLERANCE + 1, 300.0])
def test_clock_that_is_wrong_when_aws_has_answered_then_it_is_right(ahead: float) -> None:
    worker = Worker(ahead)
    assert worker.clock() == TRUE + ahead

    worker.call()
    worker.true += 100

    assert worker.clock() == pytest.approx(worker.true, abs=1)


def test_clock_that_jumps_after_the_answer_when_it_is_read_then_it_is_right() -> None:
    worker = Worker(0.0)
    worker.call()

    worker.ahead = 180.0
    worker.true += 10

    assert worker.clock() == pytest.approx(worker.true, abs=1)


@pytest.mark.parametrize("ahead", [-TOLERANCE + 1, 0.0, 0.123, TOLERANCE - 1])
def test_clock_that_is_nearly_right_when_aws_has_answered_then_it_is_as_exact_as_before(
    ahead: float,
) -> None:
    worker = Worker(ahead)
    worker.call()

    assert worker.clock() == TRUE + ahead


@pytest.mark.parametrize(
    "answer",
    [
        {"date": None},
        {"headers": False},
        {"date": "yesterday"},
        {"seconds": SOON + 0.1},
    ],
)
def test_answer_that_says_no_time_or_came_late_when_it_comes_then_it_changes_nothing(
    answer: dict[str, Any],
) -> None:
    worker = Worker(300.0)
    worker.call(**answer)

    assert worker.clock() == worker.true + 300.0


def test_timer_that_stood_still_when_an_invocation_begins_then_the_own_clock_counts() -> None:
    worker = Worker(0.0)
    worker.call()
    worker.clock.forget()
    worker.ahead = 3_600.0

    assert worker.clock() == TRUE + 3_600.0


def test_client_of_botocore_when_it_calls_then_its_answer_sets_the_clock() -> None:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        clock = ServerClock(lambda: 0.0, lambda: 0.0)
        clock.watch(client.meta.events, "dynamodb")
        response = client.list_tables()

    assert "date" in response["ResponseMetadata"]["HTTPHeaders"]
    assert clock() > 1_700_000_000
