"""What partners are told: of what, when, over which channel, and what is not said."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from gridwix.errors import BudgetExhausted, ConfigurationError, Forbidden, NotFound, NotJson, RecordFault, SourceBehind, Throttled, Unavailable
from gridwix.models.events import RESYNC_REQUESTED
from gridwix.models.trading_grid.documents import Document
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, HUB, NOW, PRAIRIE_GOLD, case, change, check, enrollment, notice, partner
from tests.fakes.deadlines import PASSED, deadline_after
from tests.fakes.messaging import FakeOutbox, Lost, Stage, campaigns, passed

EVERYTHING = ["portal", "inbox", "email"]
AWAITING: dict[str, Any] = {"trigger": {"events": ["case.status_changed"], "when": {"status": ["awaiting_partner"]}}}
TITLED = {"en": {"title": "{{ record.subject }}", "body": "<p>{{ record.subject }}</p>"}}
REMINDER: dict[str, Any] = {**AWAITING, "trigger": {**AWAITING["trigger"], "after_hours": [48]}, "channels": ["portal", "email"], "texts": TITLED}
CERTIFICATE = {"trigger": {"events": ["compliance.status_changed"], "when": {"status": ["passed"]}, "ahead": {"field": "valid_until", "days": [30, 14, 3]}}}


def moved(event_id: str, version: int, status: str = "awaiting_partner", **fields: Any) -> Any:
    return change(event_id, type="case.status_changed", subject="cases/case_1", version=version, status={"after": status}, **fields)


def test_completed_review_is_told_once_over_each_channel_in_the_partners_words() -> None:
    stage = Stage(campaigns(review={"channels": EVERYTHING}))

    report = stage.run(passed())

    (row,) = stage.rows
    (mail,) = stage.mails.calls
    ((contact, text),) = stage.inbox.messages
    assert row["texts"]["en"] == {
        "title": "Done: 856 ASN received before dock arrival",
        "body": "<p>Prairie Gold Foods: 856 ASN received before dock arrival</p>",
    }
    assert (row["partnerId"], row["campaign"], row["record"]) == (PRAIRIE_GOLD, "review", "compliance-checks/chk_asn_timing_pgf")
    assert (row["kind"], row["importance"], row["locale"], row["sentAt"]) == ("transactional", "info", "en", NOW)
    assert (mail.contact_id, mail.email, mail.text.title) == ("contact-dana", "dana@partner.example", row["texts"]["en"]["title"])
    assert (contact, text.splitlines()[0]) == ("contact-dana", row["texts"]["en"]["title"])
    assert (report.planned, report.dispatches.sent) == (1, {"portal": 1, "inbox": 1, "email": 1})


def test_event_of_another_type_or_that_only_wants_to_be_read_anew_begins_nothing() -> None:
    stage = Stage(campaigns(review={}))

    stage.run(passed("evt_1", type="compliance.updated"), passed("evt_2", via="resync"))

    assert stage.outbox.kept == {}


def test_what_nobody_sent_in_time_is_not_sent_any_more() -> None:
    stage = Stage(
        campaigns(review={"channels": ["portal", "email"], "max_age_hours": 24}, waits={**AWAITING, "trigger": {**REMINDER["trigger"], "after_hours": [1]}})
    )
    stage.source.put(case("case_1", 5))
    stage.people.wrong = [BudgetExhausted()]
    stage.run(passed(), moved("evt_5", 5))

    stage.later(hours=72)

    assert (stage.rows, stage.mails.calls, stage.states(None)) == ([], [], {"suppressed:too_old": 2})


def test_event_whose_clock_runs_ahead_is_told_at_once() -> None:
    stage = Stage(campaigns(review={}))

    stage.run(passed(occurredAt=NOW + timedelta(minutes=3)))

    assert len(stage.rows) == 1


def test_webhook_feed_replay_and_redelivery_of_an_event_send_nothing_more() -> None:
    stage = Stage(campaigns(review={"channels": EVERYTHING}))
    stage.run(passed(via="webhook"), passed())

    for _ in range(3):
        report = stage.run(passed())
        assert (report.planned, report.dispatches.sent.total()) == (0, 0)
        stage.later(hours=5)

    assert (len(stage.rows), len(stage.mails.calls), len(stage.inbox.messages)) == (1, 1, 1)


def test_resync_and_old_events_send_nothing() -> None:
    stage = Stage(campaigns(review={"max_age_hours": 24}))

    report = stage.run(
        passed("old", occurredAt=NOW - timedelta(hours=25)),
        change("resync", type=RESYNC_REQUESTED, subject=f"partners/{PRAIRIE_GOLD}", version=None, via="resync"),
        change("record", type=RESYNC_REQUESTED, version=None, via="resync"),
    )

    assert (report.failures, report.old, stage.rows, stage.outbox.kept) == ({}, {"review": 1}, [], {})


@pytest.mark.parametrize(
    "now", [check(status="failed", version=2), check(version=2, status="passed", deletedAt=NOW), check(version=2, status="passed", partnerId=BALTIC)]
)
def test_record_that_is_not_what_the_campaign_asks_for_is_not_spoken_of(now: Any) -> None:
    stage = Stage(campaigns(review={}))
    stage.source.put(now)

    stage.run(passed())

    assert [row["partnerId"] for row in stage.rows] == ([BALTIC] if now.partner_id == BALTIC else [])


def test_events_of_statuses_on_the_way_are_not_spoken_of_when_they_come_late() -> None:
    stage = Stage(campaigns(review={}))
    stage.source.put(check(version=3, status="passed"))

    stage.run(passed("evt_1", status={"after": "failed"}), passed("evt_2", status={"after": "pending"}, version=2), passed("evt_3", version=3))

    assert len(stage.rows) == 1


def test_record_that_is_behind_its_event_makes_the_event_come_again() -> None:
    stage = Stage(campaigns(review={}))

    report = stage.run(passed("ahead", version=2), passed("good"))

    assert [(event, type(error)) for event, error in report.failures.items()] == [("ahead", SourceBehind)]
    assert len(stage.rows) == 1


def test_roles_and_links_say_who_is_written_to() -> None:
    stage = Stage(campaigns(review={"channels": ["portal", "email"], "audience": {"roles": ["finance"]}}))
    stage.people.join("ann", role="finance")
    stage.people.join("bob", role="logistics")

    stage.run(passed())

    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-ann"]
    assert stage.rows[0]["roles"] == ["finance"]


def test_member_who_no_longer_acts_for_the_partner_gets_nothing_that_waited() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.now = datetime(2026, 3, 12, 4, tzinfo=UTC)
    stage.run(passed(occurredAt=stage.now))
    stage.people.leave("dana")

    stage.at("2026-03-12T14:00")

    assert (stage.mails.calls, stage.states("email")) == ([], {"suppressed:no_member": 1})


def test_partner_without_a_member_gets_the_row_and_a_campaign_for_persons_says_so() -> None:
    stage = Stage(campaigns(both={"channels": ["portal", "email"]}, persons={"channels": ["email"]}))
    stage.people.leave("dana")

    stage.run(passed())

    assert (len(stage.rows), stage.mails.calls) == (1, [])
    assert stage.states(None) == {"expanded": 1, "suppressed:no_member": 1}


@pytest.mark.parametrize("what", ["link", "contact"])
def test_member_whose_link_or_contact_cannot_be_read_is_waited_for(what: Literal["link", "contact"]) -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.people.spoilt["dana"] = what
    report = stage.run(passed())
    assert (stage.mails.calls, report.dispatches.suppressed, report.dispatches.postponed) == ([], {}, {"record_fault": 1})

    stage.people.spoilt.clear()
    stage.at("2026-03-12T16:00")

    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-dana"]


def test_message_that_waited_goes_out_once_the_link_can_be_read_again() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.now = datetime(2026, 3, 12, 4, tzinfo=UTC)
    stage.run(passed(occurredAt=stage.now))
    stage.people.spoilt["dana"] = "link"
    stage.at("2026-03-12T14:00")
    assert stage.states("email") == {"planned:record_fault": 1}

    stage.people.spoilt.clear()
    stage.at("2026-03-12T16:00")

    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-dana"]


def test_link_that_cannot_be_read_keeps_nobody_else_waiting() -> None:
    stage = Stage(campaigns(review={"channels": ["portal", "email"]}))
    stage.people.join("ann")
    stage.people.spoilt["dana"] = "link"

    stage.run(passed())

    assert (len(stage.rows), [mail.contact_id for mail in stage.mails.calls]) == (1, ["contact-ann"])


def test_marketing_goes_to_subscribers_only_and_transactional_to_everybody() -> None:
    stage = Stage(campaigns(news={"kind": "marketing", "channels": ["inbox", "email"]}, review={"channels": ["email"]}))
    stage.people.join("sub", subscription="SUBSCRIBED")
    stage.people.join("unsub", subscription="UNSUBSCRIBED")

    stage.run(passed())

    marketing = [mail.contact_id for mail in stage.mails.calls if mail.kind == "marketing"]
    assert marketing == [contact for contact, _ in stage.inbox.messages] == ["contact-sub"]
    assert sorted(mail.contact_id for mail in stage.mails.calls if mail.kind == "transactional") == ["contact-dana", "contact-sub", "contact-unsub"]
    assert stage.states("inbox") == {"sent": 1, "suppressed:no_consent": 2}


def test_consent_counts_when_the_message_goes_out() -> None:
    stage = Stage(campaigns(news={"kind": "marketing", "channels": ["email"]}))
    stage.people.join("dana", subscription="SUBSCRIBED")
    stage.now = datetime(2026, 3, 12, 4, tzinfo=UTC)
    stage.run(passed(occurredAt=stage.now))
    stage.people.join("dana", subscription="UNSUBSCRIBED")

    stage.at("2026-03-12T14:00")

    assert stage.mails.calls == []


@pytest.mark.parametrize("person", [{"email": ""}, {"deliverability": "BOUNCED"}])
def test_address_that_mails_do_not_reach_gets_none(person: dict[str, str]) -> None:
    stage = Stage(campaigns(review={"channels": ["inbox", "email"]}))
    stage.people.join("dana", **person)

    stage.run(passed())

    assert (stage.mails.calls, len(stage.inbox.messages), stage.states("email")) == ([], 1, {"suppressed:no_address": 1})


def test_language_is_the_persons_then_the_countrys_then_the_default() -> None:
    texts = {"en": {"title": "Done", "body": "Done"}, "de": {"title": "Fertig", "body": "Fertig"}}
    stage = Stage(campaigns(review={"channels": ["portal", "email"], "texts": texts}))
    stage.source.put(partner(version=2, country="DE"))
    stage.people.join("fritz")
    stage.people.join("amy", locale="en-us")
    stage.people.join("luc", locale="fr")

    stage.run(passed(occurredAt=NOW))

    assert {mail.contact_id: mail.text.title for mail in stage.mails.calls} == {
        "contact-amy": "Done",
        **{f"contact-{name}": "Fertig" for name in ("dana", "fritz", "luc")},
    }
    assert (stage.rows[0]["locale"], sorted(stage.rows[0]["texts"])) == ("de", ["de", "en"])


def test_quiet_hours_hold_back_what_goes_to_persons_until_they_are_over() -> None:
    stage = Stage(campaigns(review={"channels": EVERYTHING}, urgent={"channels": ["email"], "quiet_hours": False}))
    stage.now = datetime(2026, 3, 13, 3, 30, tzinfo=UTC)  # 22:30 in Chicago

    stage.run(passed(occurredAt=stage.now))

    assert (len(stage.rows), [mail.campaign for mail in stage.mails.calls], stage.inbox.messages) == (1, ["urgent"], [])
    stage.at("2026-03-13T11:59")
    assert len(stage.mails.calls) == 1
    stage.at("2026-03-13T12:00")  # 07:00
    assert (len(stage.mails.calls), len(stage.inbox.messages)) == (2, 1)


def test_retry_that_falls_into_quiet_hours_waits_too() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.now = datetime(2026, 3, 13, 0, 59, 50, tzinfo=UTC)  # ten seconds to 20:00 in Chicago
    stage.mails.wrong = [Unavailable(system="wix")]
    stage.run(passed(occurredAt=stage.now))

    stage.later(minutes=5)
    assert (stage.mails.calls, stage.states("email")) == ([], {"planned:quiet_hours": 1})

    stage.at("2026-03-13T12:00")
    assert len(stage.mails.calls) == 1


def test_digest_collects_a_day_into_one_message_for_each_person_and_leaves_out_what_is_over() -> None:
    opened = {"trigger": {"events": ["case.created"], "when": {"status": ["new", "open"]}}, "channels": ["portal", "email"], "digest": True, "texts": TITLED}
    stage = Stage(campaigns(opened=opened))
    stage.people.join("ann")
    for number in (1, 2, 3):
        stage.source.put(case(f"case_{number}", status="open", subject=f"Issue {number}"))
    events = [change(f"evt_{number}", type="case.created", subject=f"cases/case_{number}") for number in (1, 2, 3)]

    report = stage.run(*events)
    stage.run(*events)
    stage.source.put(case("case_2", 2, status="resolved"))

    assert (report.dispatches.collected, len(stage.rows), stage.mails.calls) == (6, 3, [])
    stage.at("2026-03-13T12:59")
    assert stage.mails.calls == []
    stage.at("2026-03-13T13:00")  # 08:00 in Chicago
    assert sorted(mail.contact_id for mail in stage.mails.calls) == ["contact-ann", "contact-dana"]
    assert [mail.text.title for mail in stage.mails.calls] == ["Your partner portal today"] * 2
    assert all("Issue 1" in mail.text.body and "Issue 3" in mail.text.body and "Issue 2" not in mail.text.body for mail in stage.mails.calls)
    stage.run(*events)
    stage.later(days=3)
    assert len(stage.mails.calls) == 2


def test_entry_that_comes_after_its_digest_has_gone_is_in_the_next() -> None:
    opened = {"trigger": {"events": ["case.created"]}, "channels": ["email"], "digest": True, "texts": TITLED}
    stage = Stage(campaigns(opened=opened))
    stage.source.put(case("case_1", subject="First"), case("case_2", subject="Second"))
    stage.run(change("evt_1", type="case.created", subject="cases/case_1"))
    stage.at("2026-03-13T13:00")
    stage.now = NOW

    stage.run(change("evt_2", type="case.created", subject="cases/case_2"))

    stage.at("2026-03-14T13:00")
    assert ["First" in mail.text.body for mail in stage.mails.calls] == [True, False]


def test_reminder_comes_after_two_days_if_the_case_still_waits() -> None:
    stage = Stage(campaigns(reminder=REMINDER))
    stage.source.put(case("case_1", 5))

    stage.run(moved("evt_5", 5))

    assert stage.rows == []
    stage.later(hours=47.9)
    assert stage.rows == []
    stage.later(hours=0.1)
    assert (len(stage.rows), len(stage.mails.calls)) == (1, 1)
    stage.later(days=10)
    assert len(stage.rows) == 1


def test_reminder_is_dropped_when_the_case_was_answered() -> None:
    stage = Stage(campaigns(reminder=REMINDER))
    stage.source.put(case("case_1", 5))
    stage.run(moved("evt_5", 5))
    stage.source.put(case("case_1", 6, status="open"))

    stage.later(hours=48)

    assert (stage.rows, stage.states(None)) == ([], {"suppressed:reason_gone": 1})


@pytest.mark.parametrize("late", [False, True])
def test_reminder_begins_anew_when_the_case_was_answered_and_handed_back(late: bool) -> None:
    stage = Stage(campaigns(reminder=REMINDER))
    stage.source.put(case("case_1", 5))
    first = moved("evt_5", 5)
    if not late:
        stage.run(first)
    stage.now += timedelta(hours=24)
    stage.source.put(case("case_1", 7))
    stage.run(moved("evt_6", 6, "open", occurredAt=stage.now), moved("evt_7", 7, occurredAt=stage.now))
    if late:
        stage.run(first)

    stage.later(hours=24)
    assert (stage.rows, stage.states(None)) == ([], {"suppressed:overtaken": 1, "planned": 1})
    stage.later(hours=24)
    assert len(stage.rows) == 1


def test_certificate_is_spoken_of_before_it_expires_also_when_it_was_only_read_anew() -> None:
    stage = Stage(campaigns(certificate=CERTIFICATE))
    stage.source.put(check(version=2, status="passed", validUntil="2026-04-05"))  # the 30 days are begun already
    resync = change("resync", type=RESYNC_REQUESTED, subject=f"partners/{PRAIRIE_GOLD}", version=None, via="resync")

    stage.run(resync)
    stage.run(passed(version=2), resync)

    assert (stage.rows, stage.states(None)) == ([], {"planned": 2})
    stage.at("2026-03-22T13:59")
    assert stage.rows == []
    stage.at("2026-03-22T14:00")  # 09:00 in Chicago, 14 days before
    assert len(stage.rows) == 1
    stage.at("2026-04-02T14:00")
    assert len(stage.rows) == 2


@pytest.mark.parametrize("renewed", [{"validUntil": "2027-04-05"}, {"status": "expired", "validUntil": "2026-04-05"}])
def test_certificate_that_was_renewed_or_has_expired_is_not_spoken_of_by_its_old_date(renewed: dict[str, str]) -> None:
    stage = Stage(campaigns(certificate=CERTIFICATE))
    stage.source.put(check(version=2, status="passed", validUntil="2026-04-05"))
    stage.run(passed(version=2))
    stage.source.put(check(version=3, **{"status": "passed", **renewed}))

    stage.at("2026-03-22T14:00")
    stage.at("2026-04-02T14:00")

    assert (stage.rows, stage.states(None)) == ([], {"suppressed:reason_gone": 2})


def test_notice_goes_to_its_audience_once_however_often_it_is_updated() -> None:
    trigger = {"events": ["notice.published", "notice.updated"], "when": {"impact": ["major"]}, "once": "record"}
    stage = Stage(campaigns(major={"trigger": trigger, "channels": ["portal", "email"]}))
    stage.source.put(notice(audience={"regions": ["EU"]}), partner("GC1", country="DE", status="terminated"))
    stage.people.join("olaf", "GC1")

    for version in (1, 2):
        stage.source.put(notice(version=version, audience={"regions": ["EU"]}))
        stage.run(change(f"evt_{version}", type="notice.updated", subject="service-notices/ntc_1", partnerId=None, version=version))

    assert [row["partnerId"] for row in stage.rows] == [BALTIC]
    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-katrin"]
    assert stage.states(None) == {"expanded": 1}


def test_notice_to_everybody_is_written_in_few_calls_and_goes_on_where_a_worker_had_to_end() -> None:
    stage = Stage(campaigns(major={"trigger": {"events": ["notice.published"]}}))
    stage.source.put(notice(), *(partner(f"GC{number}") for number in range(248)))
    event = change(type="notice.published", subject="service-notices/ntc_1", partnerId=None)

    first = stage.messenger().run([event], deadline_after(150))
    calls_before = stage.source.calls
    second = stage.later(minutes=5)

    assert (first.failures, first.planned) == ({}, 250)
    assert (len(stage.rows), stage.portal.calls <= 6, stage.source.calls - calls_before <= 10) == (250, True, True)
    assert first.dispatches.sent.total() + second.dispatches.sent.total() == 250


@pytest.mark.parametrize(("fields", "told"), [({}, True), ({"classification": "restricted"}, False), ({"partnerId": PRAIRIE_GOLD}, False)])
def test_document_is_told_to_whom_it_is_for_and_a_restricted_one_to_nobody(fields: dict[str, str], told: bool) -> None:
    stage = Stage(campaigns(guide={"trigger": {"events": ["document.published"]}, "texts": {"en": {"title": "{{ record.title }}", "body": "x"}}}))
    known: dict[str, Any] = {"id": "doc_1", "companyId": HUB, "version": 1, "createdAt": NOW, "updatedAt": NOW, "type": "guide", "title": "Guide"}
    about = {"category": "routing_guide", "classification": "partner", "status": "published", "currentVersion": 1, "audience": {"all": True}}
    stage.source.put(Document.model_validate({**known, **about, **fields}))

    stage.run(change(type="document.published", subject="documents/doc_1", partnerId=None))

    assert (BALTIC in [row["partnerId"] for row in stage.rows]) is told
    assert (PRAIRIE_GOLD in [row["partnerId"] for row in stage.rows]) is (fields.get("classification") != "restricted")


def test_step_is_spoken_of_by_its_own_key() -> None:
    trigger = {"events": ["step.unlocked"], "when": {"status": ["available"]}}
    stage = Stage(campaigns(step={"trigger": trigger}))
    steps = [{"key": "a", "title": "First", "status": "completed"}, {"key": "b", "title": "Second", "status": "available"}]
    stage.source.put(enrollment("enr_1", 4, steps=steps))

    stage.run(*(change(f"evt_{key}", type="step.unlocked", subject=f"enrollments/enr_1/steps/{key}", version=4) for key in ("a", "b", "gone")))

    assert [row["texts"]["en"]["title"] for row in stage.rows] == ["Done: Second"]


def test_broken_template_is_kept_as_failed_and_stops_nothing_else() -> None:
    broken = {"texts": {"en": {"title": "{{ record.titel }}", "body": "x"}}, "channels": ["portal", "email"]}
    stage = Stage(campaigns(broken=broken, good={"channels": ["portal", "email"]}))

    report = stage.run(passed())

    assert [row["campaign"] for row in stage.rows] == [mail.campaign for mail in stage.mails.calls] == ["good"]
    assert (report.failures, report.dispatches.failed, report.dispatches.faults) == ({}, {"template": 2}, {"broken": "'titel' is undefined"})
    stage.later(hours=1)
    assert stage.states("portal") == {"failed:template": 1, "sent": 1}


def test_field_whose_words_are_missing_breaks_only_the_campaign_that_says_them() -> None:
    says = {"trigger": {"events": ["case.created"]}, "texts": {"en": {"title": "{{ labels.status }}", "body": "x"}}}
    stage = Stage(campaigns(says=says, silent={**says, "texts": TITLED}))
    labels = {name: group for name, group in stage.configuration.labels.items() if name != "case.status"}
    stage.configuration = stage.configuration.model_copy(update={"labels": labels})
    stage.source.put(case("case_1"))

    report = stage.run(change(type="case.created", subject="cases/case_1"))

    assert (report.dispatches.failed, [row["campaign"] for row in stage.rows]) == ({"template": 1}, ["silent"])


def test_text_that_cannot_be_sent_is_kept_as_failed_and_its_neighbours_go() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.people.join("ann")
    send, refused = stage.mails.send_mail, list[str]()

    def picky(mail: Any) -> None:
        if not refused:
            refused.append(mail.id)
            raise NotJson("cannot be written as JSON")
        send(mail)

    stage.mails.send_mail = picky  # type: ignore[method-assign]
    stage.run(passed())

    assert (len(stage.mails.calls), stage.states("email")) == (1, {"failed:not_json": 1, "sent": 1})


def test_value_error_of_a_mapping_is_a_fault_of_its_record_which_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(*_: object) -> None:
        raise ValueError("nobody foresaw it")

    stage = Stage(campaigns(review={"channels": ["email"]}))
    with monkeypatch.context() as patched:
        patched.setattr("gridwix.partner_messenger.relevance.record_fields", odd)
        report = stage.run(passed())
    stage.later(minutes=30)

    assert [type(error) for error in report.dispatches.errors] == [RecordFault]
    assert (len(stage.mails.calls), stage.states("email")) == (1, {"sent": 1})


def test_broken_template_in_a_digest_leaves_the_others_in_it() -> None:
    common = {"trigger": {"events": ["case.created"]}, "channels": ["email"], "digest": True}
    stage = Stage(campaigns(good={**common, "texts": TITLED}, broken={**common, "texts": {"en": {"title": "{{ record.no }}", "body": "x"}}}))
    stage.source.put(case("case_1", subject="Labels"))
    stage.run(change(type="case.created", subject="cases/case_1"))

    report = stage.at("2026-03-13T13:00")

    assert ["Labels" in mail.text.body for mail in stage.mails.calls] == [True]
    assert (list(report.dispatches.faults), stage.states("email")["failed:template"]) == (["broken"], 1)


def test_lost_answer_is_tried_again_where_a_copy_is_known_and_else_is_unknown() -> None:
    for done in (True, False):
        stage = Stage(campaigns(review={"channels": ["inbox", "email"]}))
        stage.inbox.wrong, stage.mails.wrong = [Lost(done)], [Lost(done)]

        report = stage.run(passed())
        stage.later(minutes=5)

        assert (report.dispatches.unknown, len(stage.inbox.messages), len(stage.mails.mails)) == (1, int(done), 1)
        assert stage.states("inbox") == {"unknown:upstream_unavailable": 1}


@pytest.mark.parametrize(
    "error", [Throttled(system="wix", wait=30), BudgetExhausted(wait=30), Unavailable(system="wix"), Forbidden(system="wix"), ConfigurationError()]
)
def test_failure_that_can_be_mended_is_tried_again_until_it_is_too_old(error: Any) -> None:
    stage = Stage(campaigns(review={"channels": ["email"], "max_age_hours": 3}))
    stage.mails.wrong = [error] * 2
    stage.run(passed())
    assert stage.states("email") == {f"planned:{error.code}": 1}

    stage.later(minutes=2)
    assert stage.states("email") == {f"planned:{error.code}": 1}
    stage.later(minutes=2)
    assert len(stage.mails.calls) == 1

    stage.mails.wrong = [error] * 99
    stage.run(passed("evt_2", occurredAt=stage.now))
    for _ in range(30):
        stage.later(minutes=16)
    assert stage.states("email")[f"failed:{error.code}"] + stage.states("email")["suppressed:too_old"] == 1


@pytest.mark.parametrize("waiting", [False, True])
def test_partners_that_could_not_be_read_once_are_not_taken_for_gone(waiting: bool) -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    if waiting:
        stage.mails.wrong = [Unavailable(system="wix")]
        stage.run(passed())
        stage.now += timedelta(hours=1)
    partners, failures = stage.source.partners, [Unavailable(system="trading_grid")]

    def unsteady(ids: Any) -> Any:
        if failures:
            raise failures.pop()
        return partners(ids)

    stage.source.partners = unsteady  # type: ignore[method-assign]
    report = stage.run(passed("evt_1"), passed("evt_2"))

    # The event whose reading failed comes again; its neighbour, and what waits in the outbox, read the partner anew.
    assert list(report.failures) == ["evt_1"]
    assert (len(stage.mails.calls), stage.states("email")) == (1 + waiting, {"sent": 1 + waiting})


def test_failure_for_good_is_kept_and_its_neighbours_go() -> None:
    stage = Stage(campaigns(review={"channels": ["inbox"]}))
    stage.people.join("ann")
    stage.inbox.wrong = [NotFound(system="wix", status=404)]

    stage.run(passed())

    assert (len(stage.inbox.messages), stage.states("inbox")) == (1, {"failed:upstream_not_found": 1, "sent": 1})


def test_row_that_wix_refuses_is_kept_as_failed_also_when_it_spoils_the_whole_call() -> None:
    stage = Stage(campaigns(one={}, two={}))
    stage.run(passed())
    spoilt = next(iter(stage.portal.rows))[1]

    for how in ("refuse", "spoilt"):
        again = Stage(campaigns(one={}, two={}))
        setattr(again.portal, how, lambda identifier: identifier == spoilt)
        again.run(passed())

        assert len(again.rows) == 1
        assert sorted(state.partition(":")[0] for state in again.states("portal")) == ["failed", "sent"]


def test_run_that_wix_stops_leaves_everything_in_the_outbox() -> None:
    stage = Stage(campaigns(review={"channels": ["portal", "email"]}))
    stage.people.wrong = [BudgetExhausted(wait=30)]

    report = stage.run(passed())

    assert (report.failures, report.dispatches.postponed) == ({}, {"budget_exhausted": 1})
    assert stage.later(minutes=1).dispatches.sent == {"portal": 1, "email": 1}


def test_paused_and_removed_campaigns_send_nothing_that_waited() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}, gone={"channels": ["email"]}))
    stage.now = datetime(2026, 3, 12, 4, tzinfo=UTC)
    stage.run(passed(occurredAt=stage.now))
    stage.configuration = campaigns(review={"channels": ["email"], "status": "paused"})

    stage.at("2026-03-12T14:00")

    assert (stage.mails.calls, stage.states("email")) == ([], {"suppressed:paused": 2})


def test_worker_without_time_leaves_the_rest_to_the_next_and_loses_no_event() -> None:
    stage = Stage(campaigns(review={}))

    report = stage.messenger().run([passed()], PASSED)

    assert ([error.code for error in report.failures.values()], stage.rows) == (["out_of_time"], [])
    stage.run(passed())
    assert len(stage.rows) == 1


def test_index_that_lags_behind_sends_nothing_twice_and_ends() -> None:
    stage = Stage(campaigns(review={"channels": EVERYTHING}), outbox=FakeOutbox(lagging=True))

    stage.run(passed())
    stage.run()

    assert (len(stage.portal.writes), len(stage.mails.calls), len(stage.inbox.messages)) == (1, 1, 1)


def test_outbox_holds_nothing_of_what_is_said_and_no_address() -> None:
    stage = Stage(campaigns(review={"channels": EVERYTHING}))
    stage.run(passed())

    kept = str(list(stage.outbox.kept.values()))

    assert not any(text in kept for text in ("Prairie", "856 ASN", "dana@", "contact-"))


def test_shipped_campaigns_speak_of_the_sample_world() -> None:
    stage = Stage(configuration())
    stage.people.join("dana", role="admin")
    stage.source.put(case("case_1", 5), notice(), check(version=2, status="passed", title="<b>Cargo</b> insurance", nextAction="No action needed."))

    stage.run(passed(version=2), moved("evt_5", 5), change("evt_n", type="notice.published", subject="service-notices/ntc_1", partnerId=None))

    told = {row["campaign"]: row["texts"]["en"] for row in stage.rows if row["partnerId"] == PRAIRIE_GOLD}
    assert set(told) == {"compliance-review-completed", "case-awaiting-partner", "notice-major"}
    assert told["compliance-review-completed"]["title"] == "Completed: <b>Cargo</b> insurance"
    assert "&lt;b&gt;Cargo&lt;/b&gt; insurance" in told["compliance-review-completed"]["body"]
