"""Events that start a campaign, and events that start none."""

from datetime import timedelta
from typing import Any

import pytest

from gridwix.errors import BudgetExhausted, SourceBehind, Unavailable
from gridwix.models.events import RESYNC_REQUESTED
from gridwix.models.trading_grid.documents import Document
from tests.factories import (
    BALTIC,
    HUB,
    NOW,
    PRAIRIE_GOLD,
    case,
    change,
    check,
    enrollment,
    notice,
    partner,
)
from tests.fakes.deadlines import deadline_after
from tests.fakes.messaging import AWAITING, REMINDER, Stage, campaigns, case_moved, check_passed

EVERYTHING = ["portal", "inbox", "email"]


def test_event_of_another_type_or_that_only_wants_to_be_read_anew_begins_nothing() -> None:
    stage = Stage(campaigns(review={}))

    stage.run(check_passed("evt_1", type="compliance.updated"), check_passed("evt_2", via="resync"))

    assert stage.outbox.kept == {}


def test_what_nobody_sent_in_time_is_not_sent_any_more() -> None:
    stage = Stage(
        campaigns(
            review={"channels": ["portal", "email"], "max_age_hours": 24},
            waits={**AWAITING, "trigger": {**REMINDER["trigger"], "after_hours": [1]}},
        )
    )
    stage.source.put(case("case_1", 5))
    stage.people.errors = [BudgetExhausted()]
    stage.run(check_passed(), case_moved("evt_5", 5))

    stage.run_after(hours=72)

    assert (stage.rows, stage.mails.calls, stage.state_counts(None)) == (
        [],
        [],
        {"suppressed:too_old": 2},
    )


def test_event_whose_clock_runs_ahead_is_told_at_once() -> None:
    stage = Stage(campaigns(review={}))

    stage.run(check_passed(occurredAt=NOW + timedelta(minutes=3)))

    assert len(stage.rows) == 1


def test_webhook_feed_replay_and_redelivery_of_an_event_send_nothing_more() -> None:
    stage = Stage(campaigns(review={"channels": EVERYTHING}))
    stage.run(check_passed(via="webhook"), check_passed())

    for _ in range(3):
        report = stage.run(check_passed())
        assert (report.planned, report.dispatches.sent.total()) == (0, 0)
        stage.run_after(hours=5)

    assert (len(stage.rows), len(stage.mails.calls), len(stage.inbox.messages)) == (1, 1, 1)


def test_resync_and_old_events_send_nothing() -> None:
    stage = Stage(campaigns(review={"max_age_hours": 24}))

    report = stage.run(
        check_passed("old", occurredAt=NOW - timedelta(hours=25)),
        change(
            "resync",
            type=RESYNC_REQUESTED,
            subject=f"partners/{PRAIRIE_GOLD}",
            version=None,
            via="resync",
        ),
        change("record", type=RESYNC_REQUESTED, version=None, via="resync"),
    )

    assert (report.failures, report.old, stage.rows, stage.outbox.kept) == (
        {},
        {"review": 1},
        [],
        {},
    )


@pytest.mark.parametrize(
    "now",
    [
        check(status="failed", version=2),
        check(version=2, status="passed", deletedAt=NOW),
        check(version=2, status="passed", partnerId=BALTIC),
    ],
)
def test_record_that_is_not_what_the_campaign_asks_for_is_not_spoken_of(now: Any) -> None:
    stage = Stage(campaigns(review={}))
    stage.source.put(now)

    stage.run(check_passed())

    assert [row["partnerId"] for row in stage.rows] == (
        [BALTIC] if now.partner_id == BALTIC else []
    )


def test_events_of_statuses_on_the_way_are_not_spoken_of_when_they_come_late() -> None:
    stage = Stage(campaigns(review={}))
    stage.source.put(check(version=3, status="passed"))

    stage.run(
        check_passed("evt_1", status={"after": "failed"}),
        check_passed("evt_2", status={"after": "pending"}, version=2),
        check_passed("evt_3", version=3),
    )

    assert len(stage.rows) == 1


def test_record_that_is_behind_its_event_makes_the_event_come_again() -> None:
    stage = Stage(campaigns(review={}))

    report = stage.run(check_passed("ahead", version=2), check_passed("good"))

    assert [(event, type(error)) for event, error in report.failures.items()] == [
        ("ahead", SourceBehind)
    ]
    assert len(stage.rows) == 1


def test_notice_goes_to_its_audience_once_however_often_it_is_updated() -> None:
    trigger = {
        "events": ["notice.published", "notice.updated"],
        "when": {"impact": ["major"]},
        "once": "record",
    }
    stage = Stage(campaigns(major={"trigger": trigger, "channels": ["portal", "email"]}))
    stage.source.put(
        notice(audience={"regions": ["EU"]}), partner("GC1", country="DE", status="terminated")
    )
    stage.people.add_link("olaf", "GC1")

    for version in (1, 2):
        stage.source.put(notice(version=version, audience={"regions": ["EU"]}))
        stage.run(
            change(
                f"evt_{version}",
                type="notice.updated",
                subject="service-notices/ntc_1",
                partnerId=None,
                version=version,
            )
        )

    assert [row["partnerId"] for row in stage.rows] == [BALTIC]
    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-katrin"]
    assert stage.state_counts(None) == {"expanded": 1}


def test_notice_to_everybody_is_written_in_few_calls_and_goes_on_where_a_worker_had_to_end() -> (
    None
):
    stage = Stage(campaigns(major={"trigger": {"events": ["notice.published"]}}))
    stage.source.put(notice(), *(partner(f"GC{number}") for number in range(248)))
    event = change(type="notice.published", subject="service-notices/ntc_1", partnerId=None)

    first = stage.messenger().process_changes([event], deadline_after(150))
    calls_before = stage.source.calls
    second = stage.run_after(minutes=5)

    assert (first.failures, first.planned) == ({}, 250)
    assert (len(stage.rows), stage.portal.calls <= 6, stage.source.calls - calls_before <= 10) == (
        250,
        True,
        True,
    )
    assert first.dispatches.sent.total() + second.dispatches.sent.total() == 250


@pytest.mark.parametrize(
    ("fields", "told"),
    [({}, True), ({"classification": "restricted"}, False), ({"partnerId": PRAIRIE_GOLD}, False)],
)
def test_document_is_told_to_whom_it_is_for_and_a_restricted_one_to_nobody(
    fields: dict[str, str], told: bool
) -> None:
    stage = Stage(
        campaigns(
            guide={
                "trigger": {"events": ["document.published"]},
                "texts": {"en": {"title": "{{ record.title }}", "body": "x"}},
            }
        )
    )
    known: dict[str, Any] = {
        "id": "doc_1",
        "companyId": HUB,
        "version": 1,
        "createdAt": NOW,
        "updatedAt": NOW,
        "type": "guide",
        "title": "Guide",
    }
    about = {
        "category": "routing_guide",
        "classification": "partner",
        "status": "published",
        "currentVersion": 1,
        "audience": {"all": True},
    }
    stage.source.put(Document.model_validate({**known, **about, **fields}))

    stage.run(change(type="document.published", subject="documents/doc_1", partnerId=None))

    assert (BALTIC in [row["partnerId"] for row in stage.rows]) is told
    assert (PRAIRIE_GOLD in [row["partnerId"] for row in stage.rows]) is (
        fields.get("classification") != "restricted"
    )


def test_step_is_spoken_of_by_its_own_key() -> None:
    trigger = {"events": ["step.unlocked"], "when": {"status": ["available"]}}
    stage = Stage(campaigns(step={"trigger": trigger}))
    steps = [
        {"key": "a", "title": "First", "status": "completed"},
        {"key": "b", "title": "Second", "status": "available"},
    ]
    stage.source.put(enrollment("enr_1", 4, steps=steps))

    stage.run(
        *(
            change(
                f"evt_{key}",
                type="step.unlocked",
                subject=f"enrollments/enr_1/steps/{key}",
                version=4,
            )
            for key in ("a", "b", "gone")
        )
    )

    assert [row["texts"]["en"]["title"] for row in stage.rows] == ["Done: Second"]


@pytest.mark.parametrize("waiting", [False, True])
def test_partners_that_could_not_be_read_once_are_not_taken_for_gone(waiting: bool) -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    if waiting:
        stage.mails.errors = [Unavailable(system="wix")]
        stage.run(check_passed())
        stage.now += timedelta(hours=1)
    partners, failures = stage.source.partners, [Unavailable(system="trading_grid")]

    def unsteady(ids: Any) -> Any:
        if failures:
            raise failures.pop()
        return partners(ids)

    stage.source.partners = unsteady  # type: ignore[method-assign]
    report = stage.run(check_passed("evt_1"), check_passed("evt_2"))

    # The event whose reading failed comes again; its neighbour, and what waits in the outbox, read
    # the partner anew.
    assert list(report.failures) == ["evt_1"]
    assert (len(stage.mails.calls), stage.state_counts("email")) == (
        1 + waiting,
        {"sent": 1 + waiting},
    )
