"""Batches of changes while the call budget is known to be used up."""

import json
from collections.abc import Sequence
from typing import Any

from gridwix.errors import BudgetExhausted
from gridwix.models.events import Change
from gridwix.publication.changes import ChangeReport
from gridwix.runtime.publisher_runner import PublisherRunner
from tests.factories import change
from tests.fakes.redelivery import Redelivery
from tests.fakes.wire import ManualClock


class Publishing:
    """Publishes nothing, as long as the budget grants no call."""

    def __init__(self) -> None:
        self.batches = 0
        self.error: BudgetExhausted | None = BudgetExhausted(wait=40.0)

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        self.batches += 1
        if self.error:
            raise self.error
        return ChangeReport.for_changes(changes)


def _event() -> dict[str, Any]:
    body = json.dumps({"detail": change().model_dump(mode="json", by_alias=True)})
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "1780000000000"}
    return {
        "Records": [
            {"messageId": "m1", "receiptHandle": "r1", "body": body, "attributes": attributes}
        ]
    }


def test_batch_when_the_budget_was_used_up_is_returned_unread_until_it_is_open_again() -> None:
    clock, service, redelivery = ManualClock(), Publishing(), Redelivery()
    runner = PublisherRunner(lambda: service, lambda: redelivery, clock=clock)
    failed = {"batchItemFailures": [{"itemIdentifier": "m1"}]}

    assert runner.process(_event()) == failed
    clock.now += 10
    service.error = None
    assert runner.process(_event()) == failed
    assert service.batches == 1
    assert redelivery.delays["r1"] >= 30.0

    clock.now += 30
    assert runner.process(_event()) == {"batchItemFailures": []}
    assert service.batches == 2
