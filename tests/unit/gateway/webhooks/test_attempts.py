"""The retry schedule, and what an answer means."""

import pytest

from gridwix_gateway.webhooks.attempts import SCHEDULE, attempt_outcome
from gridwix_gateway.webhooks.ports import EndpointAnswer


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_success_is_any_2xx(status: int) -> None:
    assert attempt_outcome(10, EndpointAnswer(status), 1.0).status == "delivered"


@pytest.mark.parametrize("status", [None, 100, 302, 400, 404, 500])
def test_anything_else_is_tried_again_by_the_schedule(status: int | None) -> None:
    waits = [
        attempt_outcome(attempts, EndpointAnswer(status), 0.0).wait for attempts in range(1, 10)
    ]

    assert waits == list(SCHEDULE[1:])
    assert attempt_outcome(10, EndpointAnswer(status), 0.0).status == "failed"


def test_wait_is_lengthened_by_up_to_a_tenth() -> None:
    assert attempt_outcome(2, EndpointAnswer(500), 1.0).wait == pytest.approx(330)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_busy_endpoint_is_left_alone_for_as_long_as_it_asks(status: int) -> None:
    soon, late = (attempt_outcome(1, EndpointAnswer(status, wait), 0.0) for wait in (3.0, 90_000.0))

    assert (soon.wait, soon.pause) == (5.0, 3.0)
    assert (late.wait, late.pause) == (3_600.0, 3_600.0)


def test_wish_for_time_counts_only_with_a_status_of_a_busy_endpoint() -> None:
    outcome = attempt_outcome(1, EndpointAnswer(500, 900.0), 0.0)

    assert (outcome.wait, outcome.pause) == (5.0, 0.0)


def test_gone_is_the_end() -> None:
    outcome = attempt_outcome(1, EndpointAnswer(410), 0.0)

    assert (outcome.status, outcome.gone) == ("failed", True)
