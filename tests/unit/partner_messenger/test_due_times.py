"""Times of sending: quiet hours, digests, reminders and approaching dates."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridwix.errors import SourceBehind, Unavailable
from gridwix.models.events import RESYNC_REQUESTED
from tests.factories import NOW, PRAIRIE_GOLD, case, change, check
from tests.fakes.messaging import REMINDER, TITLED, Stage, campaigns, case_moved, check_passed

EVERYTHING = ["portal", "inbox", "email"]
CERTIFICATE = {
    "trigger": {
        "events": ["compliance.status_changed"],
        "when": {"status": ["passed"]},
        "ahead": {"field": "valid_until", "days": [30, 14, 3]},
    }
}


def test_quiet_hours_hold_back_what_goes_to_persons_until_they_are_over() -> None:
    stage = Stage(
        campaigns(
            review={"channels": EVERYTHING}, urgent={"channels": ["email"], "quiet_hours": False}
        )
    )
    stage.now = datetime(2026, 3, 13, 3, 30, tzinfo=UTC)  # 22:30 in Chicago

    stage.run(check_passed(occurredAt=stage.now))

    assert (
        len(stage.rows),
        [mail.campaign for mail in stage.mails.calls],
        stage.inbox.messages,
    ) == (1, ["urgent"], [])
    stage.run_at("2026-03-13T11:59")
    assert len(stage.mails.calls) == 1
    stage.run_at("2026-03-13T12:00")  # 07:00
    assert (len(stage.mails.calls), len(stage.inbox.messages)) == (2, 1)


def test_retry_that_falls_into_quiet_hours_waits_too() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.now = datetime(2026, 3, 13, 0, 59, 50, tzinfo=UTC)  # ten seconds to 20:00 in Chicago
    stage.mails.errors = [Unavailable(system="wix")]
    stage.run(check_passed(occurredAt=stage.now))

    stage.run_after(minutes=5)
    assert (stage.mails.calls, stage.state_counts("email")) == ([], {"planned:quiet_hours": 1})

    stage.run_at("2026-03-13T12:00")
    assert len(stage.mails.calls) == 1


def test_digest_collects_a_day_into_one_message_for_each_person_and_leaves_out_what_is_over() -> (
    None
):
    opened = {
        "trigger": {"events": ["case.created"], "when": {"status": ["new", "open"]}},
        "channels": ["portal", "email"],
        "digest": True,
        "texts": TITLED,
    }
    stage = Stage(campaigns(opened=opened))
    stage.people.add_link("ann")
    for number in (1, 2, 3):
        stage.source.put(case(f"case_{number}", status="open", subject=f"Issue {number}"))
    events = [
        change(f"evt_{number}", type="case.created", subject=f"cases/case_{number}")
        for number in (1, 2, 3)
    ]

    report = stage.run(*events)
    stage.run(*events)
    stage.source.put(case("case_2", 2, status="resolved"))

    assert (report.dispatches.collected, len(stage.rows), stage.mails.calls) == (6, 3, [])
    stage.run_at("2026-03-13T12:59")
    assert stage.mails.calls == []
    stage.run_at("2026-03-13T13:00")  # 08:00 in Chicago
    assert sorted(mail.contact_id for mail in stage.mails.calls) == ["contact-ann", "contact-dana"]
    assert [mail.text.title for mail in stage.mails.calls] == ["Your partner portal today"] * 2
    assert all(
        "Issue 1" in mail.text.body
        and "Issue 3" in mail.text.body
        and "Issue 2" not in mail.text.body
        for mail in stage.mails.calls
    )
    stage.run(*events)
    stage.run_after(days=3)
    assert len(stage.mails.calls) == 2


def test_entry_that_comes_after_its_digest_has_gone_is_in_the_next() -> None:
    opened = {
        "trigger": {"events": ["case.created"]},
        "channels": ["email"],
        "digest": True,
        "texts": TITLED,
    }
    stage = Stage(campaigns(opened=opened))
    stage.source.put(case("case_1", subject="First"), case("case_2", subject="Second"))
    stage.run(change("evt_1", type="case.created", subject="cases/case_1"))
    stage.run_at("2026-03-13T13:00")
    stage.now = NOW

    stage.run(change("evt_2", type="case.created", subject="cases/case_2"))

    stage.run_at("2026-03-14T13:00")
    assert ["First" in mail.text.body for mail in stage.mails.calls] == [True, False]


def test_reminder_comes_after_two_days_if_the_case_still_waits() -> None:
    stage = Stage(campaigns(reminder=REMINDER))
    stage.source.put(case("case_1", 5))

    stage.run(case_moved("evt_5", 5))

    assert stage.rows == []
    stage.run_after(hours=47.9)
    assert stage.rows == []
    stage.run_after(hours=0.1)
    assert (len(stage.rows), len(stage.mails.calls)) == (1, 1)
    stage.run_after(days=10)
    assert len(stage.rows) == 1


def test_reminder_is_dropped_when_the_case_was_answered() -> None:
    stage = Stage(campaigns(reminder=REMINDER))
    stage.source.put(case("case_1", 5))
    stage.run(case_moved("evt_5", 5))
    stage.source.put(case("case_1", 6, status="open"))

    stage.run_after(hours=48)

    assert (stage.rows, stage.state_counts(None)) == ([], {"suppressed:reason_gone": 1})


@pytest.mark.parametrize("late", [False, True])
def test_reminder_begins_anew_when_the_case_was_answered_and_handed_back(late: bool) -> None:
    stage = Stage(campaigns(reminder=REMINDER))
    stage.source.put(case("case_1", 5))
    first = case_moved("evt_5", 5)
    if not late:
        stage.run(first)
    stage.now += timedelta(hours=24)
    stage.source.put(case("case_1", 7))
    stage.run(
        case_moved("evt_6", 6, "open", occurredAt=stage.now),
        case_moved("evt_7", 7, occurredAt=stage.now),
    )
    if late:
        stage.run(first)

    stage.run_after(hours=24)
    assert (stage.rows, stage.state_counts(None)) == ([], {"suppressed:overtaken": 1, "planned": 1})
    stage.run_after(hours=24)
    assert len(stage.rows) == 1


def test_reminder_of_a_record_waits_from_the_first_event_and_is_sent_once() -> None:
    once = {**REMINDER, "trigger": {**REMINDER["trigger"], "once": "record"}}
    stage = Stage(campaigns(reminder=once))
    stage.source.put(case("case_1", 5))
    stage.run(case_moved("evt_5", 5))
    stage.now += timedelta(hours=24)
    stage.source.put(case("case_1", 7))
    stage.run(
        case_moved("evt_6", 6, "open", occurredAt=stage.now),
        case_moved("evt_7", 7, occurredAt=stage.now),
    )

    stage.run_after(hours=24)
    stage.run_after(hours=24)

    assert (len(stage.rows), stage.state_counts(None)) == (1, {"expanded": 1})


WISHES = {
    "resync": {"type": RESYNC_REQUESTED, "version": None, "via": "resync"},
    "change": {"type": "partner.status_changed", "version": 1},
}


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_certificate_is_spoken_of_before_it_expires_also_when_only_its_partner_was_read_anew(
    wish: dict[str, Any],
) -> None:
    stage = Stage(campaigns(certificate=CERTIFICATE))
    stage.source.put(
        check(version=2, status="passed", validUntil="2026-04-05")
    )  # the 30 days are begun already
    resync = change("wish", subject=f"partners/{PRAIRIE_GOLD}", **wish)

    stage.run(resync)
    stage.run(check_passed(version=2), resync)

    assert (stage.rows, stage.state_counts(None)) == ([], {"planned": 2})
    stage.run_at("2026-03-22T13:59")
    assert stage.rows == []
    stage.run_at("2026-03-22T14:00")  # 09:00 in Chicago, 14 days before
    assert len(stage.rows) == 1
    stage.run_at("2026-04-02T14:00")
    assert len(stage.rows) == 2


def test_partner_that_is_read_older_than_announced_is_planned_for_later() -> None:
    stage = Stage(campaigns(certificate=CERTIFICATE))
    stage.source.put(check(version=2, status="passed", validUntil="2026-04-05"))

    report = stage.run(
        change("e", type="partner.updated", subject=f"partners/{PRAIRIE_GOLD}", version=99)
    )

    assert isinstance(report.failures["e"], SourceBehind)
    assert stage.state_counts(None) == {}


@pytest.mark.parametrize(
    "renewed", [{"validUntil": "2027-04-05"}, {"status": "expired", "validUntil": "2026-04-05"}]
)
def test_certificate_that_was_renewed_or_has_expired_is_not_spoken_of_by_its_old_date(
    renewed: dict[str, str],
) -> None:
    stage = Stage(campaigns(certificate=CERTIFICATE))
    stage.source.put(check(version=2, status="passed", validUntil="2026-04-05"))
    stage.run(check_passed(version=2))
    stage.source.put(check(version=3, **{"status": "passed", **renewed}))

    stage.run_at("2026-03-22T14:00")
    stage.run_at("2026-04-02T14:00")

    assert (stage.rows, stage.state_counts(None)) == ([], {"suppressed:reason_gone": 2})
