"""Fixtures that several packages' tests need."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gridwix import concurrency
from soak.hosting.determinism import SerialExecutor

if TYPE_CHECKING:
    from tests.fakes.aws import OneAtATime


@pytest.fixture(autouse=True)
def _no_metrics_of_other_tests() -> None:
    """Drop metrics that an earlier test counted outside an invocation."""
    if (observability := sys.modules.get("gridwix.runtime.observability")) is not None:
        observability.metrics.clear_metrics()


@pytest.fixture(autouse=True)
def _no_budget_of_other_tests() -> None:
    """Forget a call budget that an earlier test has found used up: nothing would be written."""
    if (module := sys.modules.get("gridwix.runtime.closed_budget")) is not None:
        module.closed_budget.forget()


@pytest.fixture(autouse=True)
def _serial_calls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the calls of ``map_in_order`` one after the other, unless a test is marked ``threads``.

    Fakes in memory answer at once, so threads only change the order, at random. On a busy machine
    each change of thread waits for a processor: a property then takes a minute instead of seconds.
    """
    if request.node.get_closest_marker("threads") is None:
        monkeypatch.setattr(concurrency, "_new_pool", SerialExecutor)


@pytest.fixture(scope="module")
def tables() -> "Iterator[OneAtATime]":
    """An empty DynamoDB for the tests of one module, which make their tables themselves."""
    # moto takes a second to import, and most tests do without.
    from tests.fakes.aws import dynamodb

    with dynamodb() as client:
        yield client
