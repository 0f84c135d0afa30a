"""Failures of texts, records, channels and workers: what is retried, and what is kept as failed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gridwix.errors import (
    BudgetExhausted,
    ConfigurationError,
    Forbidden,
    NotFound,
    NotJson,
    RecordFault,
    Throttled,
    Unavailable,
)
from tests.factories import case, change
from tests.fakes.deadlines import PASSED
from tests.fakes.messaging import TITLED, FakeOutbox, Lost, Stage, campaigns, check_passed
from tests.fakes.portal import lost_answer

EVERYTHING = ["portal", "inbox", "email"]


def test_broken_template_is_kept_as_failed_and_stops_nothing_else() -> None:
    broken = {
        "texts": {"en": {"title": "{{ record.titel }}", "body": "x"}},
        "channels": ["portal", "email"],
    }
    stage = Stage(campaigns(broken=broken, good={"channels": ["portal", "email"]}))

    report = stage.run(check_passed())

    assert (
        [row["campaign"] for row in stage.rows]
        == [mail.campaign for mail in stage.mails.calls]
        == ["good"]
    )
    assert (report.failures, report.dispatches.failed, report.dispatches.faults) == (
        {},
        {"template": 2},
        {"broken": "'titel' is undefined"},
    )
    stage.run_after(hours=1)
    assert stage.state_counts("portal") == {"failed:template": 1, "sent": 1}


def test_field_whose_words_are_missing_breaks_only_the_campaign_that_says_them() -> None:
    says = {
        "trigger": {"events": ["case.created"]},
        "texts": {"en": {"title": "{{ labels.status }}", "body": "x"}},
    }
    stage = Stage(campaigns(says=says, silent={**says, "texts": TITLED}))
    labels = {
        name: group for name, group in stage.configuration.labels.items() if name != "case.status"
    }
    stage.configuration = stage.configuration.model_copy(update={"labels": labels})
    stage.source.put(case("case_1"))

    report = stage.run(change(type="case.created", subject="cases/case_1"))

    assert (report.dispatches.failed, [row["campaign"] for row in stage.rows]) == (
        {"template": 1},
        ["silent"],
    )


def test_text_that_cannot_be_sent_is_kept_as_failed_and_its_neighbours_go() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.people.add_link("ann")
    send, refused = stage.mails.send_message, list[str]()

    def picky(message: Any) -> None:
        if not refused:
            refused.append(message.id)
            raise NotJson("cannot be written as JSON")
        send(message)

    stage.mails.send_message = picky  # type: ignore[method-assign]
    stage.run(check_passed())

    assert (len(stage.mails.calls), stage.state_counts("email")) == (
        1,
        {"failed:not_json": 1, "sent": 1},
    )


def test_value_error_of_a_mapping_is_a_fault_of_its_record_which_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def odd(*_: object) -> None:
        raise ValueError("nobody foresaw it")

    stage = Stage(campaigns(review={"channels": ["email"]}))
    with monkeypatch.context() as patched:
        patched.setattr("gridwix.partner_messenger.relevance.record_fields", odd)
        report = stage.run(check_passed())
    stage.run_after(minutes=30)

    assert [type(error) for error in report.dispatches.errors] == [RecordFault]
    assert (len(stage.mails.calls), stage.state_counts("email")) == (1, {"sent": 1})


def test_broken_template_in_a_digest_leaves_the_others_in_it() -> None:
    common = {"trigger": {"events": ["case.created"]}, "channels": ["email"], "digest": True}
    stage = Stage(
        campaigns(
            good={**common, "texts": TITLED},
            broken={**common, "texts": {"en": {"title": "{{ record.no }}", "body": "x"}}},
        )
    )
    stage.source.put(case("case_1", subject="Labels"))
    stage.run(change(type="case.created", subject="cases/case_1"))

    report = stage.run_at("2026-03-13T13:00")

    assert ["Labels" in mail.text.body for mail in stage.mails.calls] == [True]
    assert (list(report.dispatches.faults), stage.state_counts("email")["failed:template"]) == (
        ["broken"],
        1,
    )


def test_first_attempt_that_arrives_late_leaves_the_text_of_the_second_one() -> None:
    created = {"trigger": {"events": ["case.created"]}, "channels": ["portal"], "texts": TITLED}
    stage = Stage(campaigns(created=created))
    stage.source.put(case("case_1", subject="Old"))
    stage.portal.troubles = [lost_answer(lands="later")]
    stage.run(change(type="case.created", subject="cases/case_1"))
    stage.source.put(case("case_1", subject="New", version=2))

    stage.run_after(minutes=30)
    assert [row["texts"]["en"]["title"] for row in stage.rows] == ["New"]
    stage.portal.land()

    assert [row["texts"]["en"]["title"] for row in stage.rows] == ["New"]


def test_lost_answer_is_tried_again_where_a_copy_is_known_and_else_is_unknown() -> None:
    for done in (True, False):
        stage = Stage(campaigns(review={"channels": ["inbox", "email"]}))
        stage.inbox.errors, stage.mails.errors = [Lost(done)], [Lost(done)]

        report = stage.run(check_passed())
        stage.run_after(minutes=5)

        assert (report.dispatches.unknown, len(stage.inbox.messages), len(stage.mails.mails)) == (
            1,
            int(done),
            1,
        )
        assert stage.state_counts("inbox") == {"unknown:upstream_unavailable": 1}


@pytest.mark.parametrize(
    "error",
    [
        Throttled(system="wix", wait=30),
        BudgetExhausted(wait=30),
        Unavailable(system="wix"),
        Forbidden(system="wix"),
        ConfigurationError("is empty", secret="wix/automation", remedy="store it"),
    ],
)
def test_failure_that_can_be_mended_is_tried_again_until_it_is_too_old(error: Any) -> None:
    stage = Stage(campaigns(review={"channels": ["email"], "max_age_hours": 3}))
    stage.mails.errors = [error] * 2
    stage.run(check_passed())
    assert stage.state_counts("email") == {f"planned:{error.code}": 1}

    stage.run_after(minutes=2)
    assert stage.state_counts("email") == {f"planned:{error.code}": 1}
    stage.run_after(minutes=2)
    assert len(stage.mails.calls) == 1

    stage.mails.errors = [error] * 99
    stage.run(check_passed("evt_2", occurredAt=stage.now))
    for _ in range(30):
        stage.run_after(minutes=16)
    assert (
        stage.state_counts("email")[f"failed:{error.code}"]
        + stage.state_counts("email")["suppressed:too_old"]
        == 1
    )


def test_failure_for_good_is_kept_and_its_neighbours_go() -> None:
    stage = Stage(campaigns(review={"channels": ["inbox"]}))
    stage.people.add_link("ann")
    stage.inbox.errors = [NotFound(system="wix", status=404)]

    stage.run(check_passed())

    assert (len(stage.inbox.messages), stage.state_counts("inbox")) == (
        1,
        {"failed:upstream_not_found": 1, "sent": 1},
    )


def test_row_that_wix_refuses_is_kept_as_failed_also_when_it_spoils_the_whole_call() -> None:
    stage = Stage(campaigns(one={}, two={}))
    stage.run(check_passed())
    spoilt = next(iter(stage.portal.rows))[1]

    for how in ("refuse", "spoilt"):
        again = Stage(campaigns(one={}, two={}))
        setattr(again.portal, how, lambda identifier: identifier == spoilt)
        again.run(check_passed())

        assert len(again.rows) == 1
        assert sorted(state.partition(":")[0] for state in again.state_counts("portal")) == [
            "failed",
            "sent",
        ]


def test_run_that_wix_stops_leaves_everything_in_the_outbox() -> None:
    stage = Stage(campaigns(review={"channels": ["portal", "email"]}))
    stage.people.errors = [BudgetExhausted(wait=30)]

    report = stage.run(check_passed())

    assert report.failures == {}
    assert isinstance(report.dispatches.stopped, BudgetExhausted)
    assert stage.run_after(minutes=1).dispatches.sent == {"portal": 1, "email": 1}


def test_paused_and_removed_campaigns_send_nothing_that_waited() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}, gone={"channels": ["email"]}))
    stage.now = datetime(2026, 3, 12, 4, tzinfo=UTC)
    stage.run(check_passed(occurredAt=stage.now))
    stage.configuration = campaigns(review={"channels": ["email"], "status": "paused"})

    stage.run_at("2026-03-12T14:00")

    assert (stage.mails.calls, stage.state_counts("email")) == ([], {"suppressed:paused": 2})


def test_worker_without_time_leaves_the_rest_to_the_next_and_loses_no_event() -> None:
    stage = Stage(campaigns(review={}))

    report = stage.messenger().process_changes([check_passed()], PASSED)

    assert ([error.code for error in report.failures.values()], stage.rows) == (["out_of_time"], [])
    stage.run(check_passed())
    assert len(stage.rows) == 1


def test_index_that_lags_behind_sends_nothing_twice_and_ends() -> None:
    stage = Stage(campaigns(review={"channels": EVERYTHING}), outbox=FakeOutbox(lagging=True))

    stage.run(check_passed())
    stage.run()

    assert (len(stage.portal.writes), len(stage.mails.calls), len(stage.inbox.messages)) == (
        1,
        1,
        1,
    )
