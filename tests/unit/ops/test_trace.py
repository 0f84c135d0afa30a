"""From what each part has recorded to the hops of a change."""

import json
from dataclasses import replace
from typing import Any

from ops.demo.event_log import BusMessage
from ops.demo.trace import Delivery, Evidence, saved_row_ids, trace
from ops.logs import LogLine

AT = 1773324331.220
SUBJECT = "compliance-checks/chk_asn_timing_pgf"
PARTNER = "GC070000000101"


def on_bus(at: float, **detail: Any) -> BusMessage:
    return BusMessage(
        at,
        {
            "eventId": "evt_1",
            "type": "compliance.status_changed",
            "subject": SUBJECT,
            "version": 7,
            "via": "webhook",
            **detail,
        },
    )


def published(at: float, **rows: int) -> LogLine:
    return LogLine(
        at,
        {
            "message": "rows_published",
            "service": "status_publisher",
            "rows": {"written": 0, "unchanged": 0, **rows},
        },
    )


def save(at: float, *ids: str) -> dict[str, Any]:
    return {
        "at": at,
        "milliseconds": 4.2,
        "status": 200,
        "body": json.dumps({"dataItems": [{"id": identifier} for identifier in ids]}),
    }


def evidence() -> Evidence:
    """A change that was seen everywhere."""
    return Evidence(
        record={
            "id": "chk_asn_timing_pgf",
            "status": "passed",
            "version": 7,
            "updatedAt": "2026-03-12T14:05:31.220Z",
        },
        before="pending",
        subject=SUBJECT,
        deliveries=[Delivery("evt_1", attempts=1, status=202, at=AT + 0.01, took=0.04)],
        edge=[LogLine(AT + 0.03, {"WebhooksAccepted": [1.0]})],
        bus=[on_bus(AT + 0.05)],
        reads=[{"at": AT + 1.1}, {"at": AT + 1.2}],
        saves=[save(AT + 1.3, PARTNER)],
        publisher=[published(AT + 1.35, written=1)],
    )


def times(found: Evidence) -> list[int | None]:
    """The hops' times in milliseconds."""
    return [None if hop.at is None else round(hop.at * 1000) for hop in trace(found)]


def test_trace_of_a_change_that_was_seen_everywhere_has_every_hop_in_order() -> None:
    hops = trace(evidence())

    assert [hop.station for hop in hops] == [
        "Trading Grid",
        "Webhook",
        "trading_grid_webhook",
        "EventBridge → SQS",
        "status_publisher",
        "Wix",
        "status_publisher",
    ]
    assert times(evidence()) == [0, 10, 30, 50, 1100, 1300, 1350]
    assert "pending → passed, version 7" in hops[0].happened
    assert "attempt 1 answered 202 in 40 ms" in hops[1].happened
    assert f"bulk save of {PARTNER}: 200 in 4 ms" in hops[5].happened


def test_trace_when_only_the_feed_has_brought_the_change_shows_no_webhook() -> None:
    found = replace(evidence(), bus=[on_bus(AT + 50, via="feed")])

    assert times(found)[1] is None
    assert times(found)[3] is None


def test_trace_does_not_take_another_version_or_record_for_the_change() -> None:
    found = replace(
        evidence(), bus=[on_bus(AT + 0.05, version=6), on_bus(AT + 0.05, subject="cases/case_1")]
    )

    assert times(found)[3] is None


def test_trace_does_not_take_another_events_delivery_for_this_ones() -> None:
    found = replace(
        evidence(), deliveries=[Delivery("evt_0", attempts=3, status=503, at=AT, took=0.1)]
    )

    assert times(found)[1] is None


def test_trace_passes_over_rejected_webhooks_and_runs_that_wrote_nothing() -> None:
    found = replace(
        evidence(),
        edge=[
            LogLine(AT + 0.01, {"WebhooksRejected": [1.0]}),
            LogLine(AT + 0.03, {"WebhooksAccepted": [1.0]}),
        ],
        publisher=[published(AT + 0.9, unchanged=1), published(AT + 1.35, written=1)],
    )

    assert times(found)[2] == 30
    assert times(found)[6] == 1350


def test_trace_of_a_change_that_never_reached_wix_says_so() -> None:
    hops = trace(replace(evidence(), saves=[], publisher=[]))

    assert [(hop.happened, hop.at) for hop in hops[5:]] == [("nothing was seen", None)] * 2


def test_rows_saved_names_every_item_of_the_call() -> None:
    assert saved_row_ids(save(AT, PARTNER, "GC055120098871")) == [PARTNER, "GC055120098871"]


def test_delivery_that_was_not_attempted_yet_is_none() -> None:
    waiting = {
        "eventId": "evt_1",
        "attempts": 0,
        "responseStatus": None,
        "milliseconds": None,
        "lastAttemptAt": None,
    }

    assert Delivery.read(waiting) is None


def test_delivery_begins_when_its_last_attempt_began() -> None:
    document = {
        "eventId": "evt_1",
        "attempts": 2,
        "responseStatus": 202,
        "milliseconds": 250.0,
        "lastAttemptAt": "2026-03-12T14:05:31.470Z",
    }

    delivery = Delivery.read(document)

    assert delivery is not None
    assert (delivery.attempts, delivery.status, round(delivery.at, 3)) == (2, 202, AT)
