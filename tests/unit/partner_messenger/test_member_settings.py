"""Settings of members: parsing, and what they change about a message and when it is sent."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.configuration.messaging import QuietHours
from gridwix.errors import Unavailable
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.time_zones import time_zone
from gridwix.partner_messenger.member_settings import (
    DEFAULTS,
    MemberSettings,
    QuietPeriod,
    parse_settings,
)
from gridwix.partner_messenger.quiet_hours import earliest_time_outside, is_quiet
from tests.examples import examples
from tests.factories import case, change
from tests.fakes.interleaving import Worker
from tests.fakes.messaging import TITLED, Stage, campaigns, check_passed

OPTIONAL: dict[str, Any] = {
    "channels": ["portal", "inbox", "email"],
    "group": "documents",
    "optional": True,
}
REQUIRED: dict[str, Any] = {"channels": ["portal", "inbox", "email"], "group": "issues"}
NO_MAIL = MemberSettings(turned_off=frozenset({("documents", "email"), ("issues", "email")}))
BERLIN = time_zone("Europe/Berlin")


def quiet(begins: str, ends: str, zone: str = "America/Chicago") -> MemberSettings:
    hours = QuietHours(begins=time.fromisoformat(begins), ends=time.fromisoformat(ends))
    return MemberSettings(quiet=QuietPeriod(hours, time_zone(zone)))


def titles(stage: Stage) -> list[str]:
    return [mail.text.title for mail in stage.mails.calls]


def test_stored_values_are_parsed_and_what_another_release_stored_is_ignored() -> None:
    found = parse_settings(
        {
            "language": "de",
            "quietHours": "22:00-06:30 Europe/Berlin",
            "messages/documents/email": "off",
            "messages/documents/inbox": "on",
            "messages/issues/email": "",
            "sounds": "loud",
        }
    )

    assert found == MemberSettings(
        "de",
        QuietPeriod(QuietHours(begins=time(22), ends=time(6, 30)), BERLIN),
        frozenset({("documents", "email")}),
    )
    assert parse_settings({}) == parse_settings({"language": "", "quietHours": ""}) == DEFAULTS


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("language", "German"),
        ("quietHours", "22:00-06:30"),
        ("quietHours", "22:00-22:00 Europe/Berlin"),
        ("quietHours", "24:00-06:30 Europe/Berlin"),
        ("quietHours", "22:00-06:30 Europe/Atlantis"),
        ("quietHours", "22:00-06:30 ../zone.tab"),
        ("messages/documents/email", "maybe"),
    ],
)
def test_value_that_is_malformed_is_an_error_that_does_not_quote_it(
    setting: str, value: str
) -> None:
    with pytest.raises(ValueError, match=setting.partition("/")[0]) as raised:
        parse_settings({setting: value})

    assert value not in str(raised.value)


def test_optional_message_that_is_turned_off_is_on_the_portal_and_the_other_channels_only() -> None:
    stage = Stage(campaigns(review=OPTIONAL))
    stage.people.add_link("ann")
    stage.people.settings["dana"] = NO_MAIL

    stage.run(check_passed())

    assert len(stage.rows) == 1
    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-ann"]
    assert len(stage.inbox.messages) == 2
    assert stage.state_counts("email") == {"sent": 1, "suppressed:turned_off": 1}


def test_marketing_message_in_a_group_needs_the_subscription_and_the_switch() -> None:
    stage = Stage(
        campaigns(news={"channels": ["email"], "kind": "marketing", "group": "documents"})
    )
    stage.people.remove_links("dana")
    for member, subscription, own in (
        ("ann", "SUBSCRIBED", DEFAULTS),
        ("bob", "SUBSCRIBED", NO_MAIL),
        ("cyd", "UNSUBSCRIBED", DEFAULTS),
    ):
        stage.people.add_link(member, subscription=subscription)
        stage.people.settings[member] = own

    stage.run(check_passed())

    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-ann"]


def test_required_message_stays_on_whatever_a_member_has_stored() -> None:
    stage = Stage(campaigns(review=REQUIRED, plain={"channels": ["email"]}))
    stage.people.settings["dana"] = NO_MAIL

    stage.run(check_passed())

    assert (len(stage.mails.calls), stage.state_counts("email")) == (2, {"sent": 2})


def test_setting_at_the_time_of_sending_counts_and_not_that_of_the_planning() -> None:
    stage = Stage(campaigns(review=OPTIONAL))
    stage.people.add_link("ann")
    stage.people.settings["ann"] = NO_MAIL
    stage.now = datetime(2026, 3, 13, 3, 30, tzinfo=UTC)  # 22:30 in Chicago
    stage.run(check_passed(occurredAt=stage.now))
    stage.people.settings = {"dana": NO_MAIL, "ann": DEFAULTS}

    stage.run_at("2026-03-13T12:00")  # 07:00

    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-ann"]


def test_message_that_was_turned_off_is_not_sent_when_it_is_turned_on_again() -> None:
    stage = Stage(campaigns(review=OPTIONAL))
    stage.people.settings["dana"] = NO_MAIL
    stage.run(check_passed())
    stage.people.settings = {}

    stage.run(check_passed())
    stage.run_after(hours=1)

    assert (stage.mails.calls, len(stage.inbox.messages)) == ([], 1)


@settings(max_examples=examples(20), deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from((0, 1)), st.integers(1, 9), st.sampled_from((DEFAULTS, NO_MAIL))),
        max_size=12,
    )
)
def test_setting_that_changes_at_any_moment_makes_no_second_message_and_loses_no_row(
    steps: list[tuple[int, int, MemberSettings]],
) -> None:
    stage = Stage(campaigns(review=OPTIONAL, other=REQUIRED))
    workers = [
        Worker(
            lambda own: stage.messenger(own.pausing).process_changes([check_passed()], NO_DEADLINE)
        )
        for _ in range(2)
    ]

    for who, calls, own in steps:
        stage.people.settings["dana"] = own
        workers[who].steps(calls)
    for worker in workers:
        worker.run()
        assert worker.error is None
    stage.run(check_passed())
    stage.run_after(minutes=20)

    mails = Counter(mail.campaign for mail in stage.mails.calls)
    assert mails["review"] <= 1
    assert mails["other"] == 1
    assert len(stage.inbox.messages) == 2
    assert len(stage.rows) == 2
    reasons = {"sent"} if mails["review"] else {"sent", "suppressed:turned_off"}
    assert set(stage.state_counts("email")) == reasons


def test_quiet_hours_of_a_member_hold_back_its_messages_and_nobody_elses() -> None:
    stage = Stage(
        campaigns(
            review={"channels": ["email"]}, urgent={"channels": ["email"], "quiet_hours": False}
        )
    )
    stage.people.add_link("ann")
    stage.people.settings["dana"] = quiet("07:00", "18:00")

    stage.run(check_passed())  # 09:05 in Chicago

    assert sorted((mail.campaign, mail.contact_id) for mail in stage.mails.calls) == [
        ("review", "contact-ann"),
        ("urgent", "contact-ann"),
        ("urgent", "contact-dana"),
    ]
    stage.run_at("2026-03-12T22:59")
    assert len(stage.mails.calls) == 3
    stage.run_at("2026-03-12T23:00")  # 18:00
    assert len(stage.mails.calls) == 4


def test_quiet_hours_of_the_hub_that_are_stricter_still_hold() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.people.settings["dana"] = quiet("00:00", "05:00")
    stage.now = datetime(2026, 3, 13, 3, 30, tzinfo=UTC)  # 22:30 in Chicago
    stage.run(check_passed(occurredAt=stage.now))

    stage.run_at("2026-03-13T11:59")

    assert stage.mails.calls == []
    stage.run_at("2026-03-13T12:00")  # 07:00
    assert len(stage.mails.calls) == 1


def test_wait_for_quiet_hours_of_a_member_is_no_age_of_the_message() -> None:
    stage = Stage(campaigns(review={"channels": ["email"], "max_age_hours": 2}))
    stage.people.settings["dana"] = quiet("07:00", "18:00")
    stage.run(check_passed())
    stage.mails.errors = [Unavailable(system="wix")]

    stage.run_at("2026-03-12T23:00")
    assert stage.state_counts("email") == {"planned:upstream_unavailable": 1}
    stage.run_after(minutes=5)

    assert stage.state_counts("email") == {"sent": 1}


@pytest.mark.parametrize("change", ["unreadable", "none"])
def test_message_that_waited_for_quiet_hours_is_sent_whatever_the_settings_are_then(
    change: str,
) -> None:
    stage = Stage(campaigns(review={"channels": ["email"], "max_age_hours": 2}))
    stage.people.settings["dana"] = quiet("07:00", "18:00")
    stage.run(check_passed())
    if change == "unreadable":
        stage.people.unreadable["dana"] = "settings"
    else:
        del stage.people.settings["dana"]

    stage.run_at("2026-03-12T23:00")  # 18:00

    assert stage.state_counts("email") == {"sent": 1}


def test_message_is_too_old_once_it_could_have_been_sent_for_longer_than_its_age() -> None:
    stage = Stage(campaigns(review={"channels": ["email"], "max_age_hours": 2}))
    stage.people.settings["dana"] = quiet("07:00", "12:00")
    stage.run(check_passed())

    stage.run_at("2026-03-12T19:30")  # 14:30, after the end at 12:00

    assert stage.state_counts("email") == {"suppressed:too_old": 1}


def test_campaign_without_quiet_hours_is_too_old_by_its_true_age() -> None:
    urgent = {"channels": ["email"], "quiet_hours": False, "max_age_hours": 2}
    stage = Stage(campaigns(urgent=urgent))
    stage.people.settings["dana"] = quiet("07:00", "18:00")
    stage.mails.errors = [Unavailable(system="wix")]
    stage.run(check_passed())

    stage.run_after(hours=3)

    assert stage.state_counts("email") == {"suppressed:too_old": 1}


def test_quiet_hours_that_leave_no_time_beside_those_of_the_hub_do_not_count() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.people.settings["dana"] = quiet("06:00", "21:00")

    stage.run(check_passed())  # 09:05 in Chicago

    assert len(stage.mails.calls) == 1


def test_retry_in_the_quiet_hours_of_the_hub_waits_whatever_the_member_has_chosen() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.people.settings["dana"] = quiet("01:00", "02:00")
    stage.now = datetime(2026, 3, 13, 0, 59, 50, tzinfo=UTC)  # ten seconds to 20:00 in Chicago
    stage.mails.errors = [Unavailable(system="wix")]
    stage.run(check_passed(occurredAt=stage.now))

    stage.run_after(minutes=5)

    assert (stage.mails.calls, stage.state_counts("email")) == ([], {"planned:quiet_hours": 1})


def test_language_of_the_settings_goes_before_that_of_the_contact() -> None:
    texts = {
        locale: {"title": f"In {locale}", "body": f"<p>{locale}</p>"} for locale in ("en", "de")
    }
    stage = Stage(campaigns(review={"channels": ["email"], "texts": texts}))
    for member, locale, own in (
        ("ann", "en-US", MemberSettings("de")),
        ("bob", "de-DE", MemberSettings("en")),
        ("cyd", "de-DE", MemberSettings("xx")),
    ):
        stage.people.add_link(member, locale=locale)
        stage.people.settings[member] = own
    stage.people.remove_links("dana")

    stage.run(check_passed())

    assert sorted(
        (mail.contact_id, mail.text.title, mail.locale) for mail in stage.mails.calls
    ) == [
        ("contact-ann", "In de", "de"),
        ("contact-bob", "In en", "en"),
        ("contact-cyd", "In de", "de"),
    ]


def test_time_in_a_message_is_in_the_zone_of_its_recipient_else_of_its_partner() -> None:
    texts = {"en": {"title": "Due", "body": "<p>{{ record.due_at | time }}</p>"}}
    trigger = {"events": ["case.created"]}
    stage = Stage(
        campaigns(due={"trigger": trigger, "channels": ["portal", "email"], "texts": texts})
    )
    stage.source.put(case(dueAt="2026-11-28T03:00:00Z"))
    stage.people.add_link("ann")
    stage.people.settings["ann"] = quiet("01:00", "02:00", "Europe/Berlin")

    stage.run(change(type="case.created", subject="cases/case_1"))

    (row,) = stage.rows
    assert {mail.contact_id: mail.text.body for mail in stage.mails.calls} == {
        "contact-ann": "<p>28 Nov 2026, 04:00 (Europe/Berlin)</p>",
        "contact-dana": "<p>27 Nov 2026, 21:00 (America/Chicago)</p>",
    }
    assert row["texts"]["en"]["body"] == "<p>27 Nov 2026, 21:00 (America/Chicago)</p>"


def test_settings_that_cannot_be_read_let_required_messages_go_and_optional_ones_wait() -> None:
    stage = Stage(campaigns(review=OPTIONAL, other=REQUIRED))
    stage.people.settings["dana"] = NO_MAIL
    stage.people.unreadable["dana"] = "settings"

    report = stage.run(check_passed())

    assert [mail.campaign for mail in stage.mails.calls] == ["other"]
    assert len(stage.rows) == 2
    assert report.dispatches.postponed == {"record_fault": 2}
    stage.people.unreadable = {}
    stage.run_after(minutes=5)
    assert [mail.campaign for mail in stage.mails.calls] == ["other"]
    assert (len(stage.inbox.messages), stage.state_counts("email")) == (
        2,
        {"sent": 1, "suppressed:turned_off": 1},
    )


DIGEST: dict[str, Any] = {
    "trigger": {"events": ["case.created"]},
    "channels": ["email"],
    "digest": True,
    "texts": TITLED,
}


def digest_stage() -> Stage:
    """An optional and a required entry, which wait for one digest."""
    stage = Stage(
        campaigns(
            opened={**DIGEST, "group": "documents", "optional": True},
            told={
                **DIGEST,
                "texts": {"en": {"title": "Told", "body": "<p>Told {{ record.number }}</p>"}},
            },
        )
    )
    stage.source.put(case("case_1", subject="Opened"))
    stage.run(change("evt_1", type="case.created", subject="cases/case_1"))
    return stage


def test_digest_leaves_out_the_entries_that_the_member_has_turned_off_since() -> None:
    stage = digest_stage()
    stage.people.settings["dana"] = NO_MAIL

    stage.run_at("2026-03-13T13:00")

    [mail] = stage.mails.calls
    assert ("Told" in mail.text.body, "Opened" in mail.text.body) == (True, False)
    assert stage.state_counts("email")["suppressed:turned_off"] == 1


def test_digest_waits_for_unreadable_settings_and_goes_without_its_optional_entries() -> None:
    stage = digest_stage()
    stage.people.unreadable["dana"] = "settings"
    stage.run_at("2026-03-13T13:00")
    assert stage.mails.calls == []

    for _ in range(4):
        stage.run_after(minutes=20)

    [mail] = stage.mails.calls
    assert ("Told" in mail.text.body, "Opened" in mail.text.body) == (True, False)


def test_wait_for_quiet_hours_of_a_member_is_no_age_of_a_digest() -> None:
    stage = digest_stage()
    stage.people.settings["dana"] = quiet("07:00", "18:00")

    stage.run_at("2026-03-15T23:00")  # 48 hours after 18:00 of the digest's day

    assert len(stage.mails.calls) == 1


def test_settings_of_all_recipients_of_a_page_take_one_call() -> None:
    def calls(members: int) -> int:
        stage = Stage(campaigns(review={"channels": ["inbox", "email"]}))
        for number in range(members):
            stage.people.add_link(f"member-{number}")
        stage.run(check_passed())
        return stage.people.calls

    assert calls(40) == calls(1)


clocks = st.integers(0, 24 * 60 - 1).map(lambda minutes: time(minutes // 60, minutes % 60))
hours = (
    st.tuples(clocks, clocks)
    .filter(lambda both: both[0] != both[1])
    .map(lambda both: QuietHours(begins=both[0], ends=both[1]))
)
zones = st.sampled_from(["America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia"])
periods = st.builds(QuietPeriod, hours, zones.map(time_zone))
moments = st.integers(0, 364 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@settings(max_examples=examples(50), deadline=None)
@given(hub=periods, own=periods, at=moments)
def test_time_of_sending_is_outside_all_quiet_hours_or_at_least_outside_the_hubs(
    hub: QuietPeriod, own: QuietPeriod, at: datetime
) -> None:
    sent = earliest_time_outside([hub, own], at)

    assert at <= sent <= at + timedelta(days=7)
    assert not is_quiet(hub.hours, hub.zone, sent)
    if is_quiet(own.hours, own.zone, sent):
        # Together they leave no time of the day.
        assert all(
            is_quiet(hub.hours, hub.zone, moment) or is_quiet(own.hours, own.zone, moment)
            for moment in (at + timedelta(minutes=15 * number) for number in range(4 * 24))
        )


def test_time_of_sending_without_any_quiet_hours_is_now() -> None:
    at = datetime(2026, 3, 12, 3, tzinfo=UTC)

    assert earliest_time_outside([], at) == at
