"""Where ``make bench ARGS=portal`` says that the time of a change goes."""

from typing import Any

import pytest

from benchmarks.portal import BULK_PATCH, QUERY, STATIONS, Figures, stations_of
from ops.demo.trace import BULK_SAVE

DELIVERY = {
    "eventId": "evt_1",
    "attempts": 1,
    "responseStatus": 200,
    "milliseconds": 50,
    "lastAttemptAt": "1970-01-01T00:16:40.100Z",
}


def request(path: str, collection: str, at: float) -> dict[str, Any]:
    body = f'{{"dataCollectionId":"{collection}"}}'
    return {"path": path, "body": body, "at": at, "milliseconds": 10}


REQUESTS = [
    request(QUERY, "OpenIssues", 1000.05),
    request(BULK_SAVE, "OpenIssues", 1000.2),
    request(BULK_PATCH, "PortalChanges", 1000.3),
    request(QUERY, "PartnerLinks", 1000.35),
    request(QUERY, "OpenIssues", 1000.4),
]


def test_stations_are_seconds_after_the_change_and_skip_what_came_before() -> None:
    found = stations_of([DELIVERY], REQUESTS, 1000.0, 1000.5)

    assert found == pytest.approx([0.1, 0.2, 0.3, 0.39, 0.4, 0.5])


@pytest.mark.parametrize("missing", [1, 2, 4])
def test_stations_when_one_was_not_seen_then_the_change_is_left_out(missing: int) -> None:
    requests = [one for place, one in enumerate(REQUESTS) if place != missing]

    assert stations_of([DELIVERY], requests, 1000.0, 1000.5) is None


def test_stations_when_no_webhook_was_sent_since_then_the_change_is_left_out() -> None:
    assert stations_of([DELIVERY], REQUESTS, 1000.06, 1000.5) is None


def test_shares_are_the_medians_of_the_time_from_one_station_to_the_next() -> None:
    figures = Figures([], [(1, 2, 3, 4, 5, 6), (2, 4, 6, 8, 10, 12), (3, 6, 9, 12, 15, 18)])

    assert figures.shares() == dict.fromkeys(STATIONS, 2)
