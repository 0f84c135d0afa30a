"""Messages of the form intake: the ones that are done, and the ones that are redelivered."""

from collections.abc import Collection
from typing import Any

import pytest

from gridwix.errors import FileUnreachable, GridwixError, Refused, Unavailable
from gridwix.form_intake.queue import MAX_RECEIVES, IntakeQueue
from gridwix.form_intake.report import IntakeReport
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.partner_requests.submissions import HoldReason, Outcome
from gridwix.runtime.observability import logger
from tests.alarms import points_of
from tests.factories import request
from tests.fakes.invocation import sqs_record
from tests.fakes.journal import KeptJournal
from tests.fakes.redelivery import Redelivery
from tests.log_lines import lines_named


class Intake:
    def __init__(
        self, report: IntakeReport | None = None, error: GridwixError | None = None
    ) -> None:
        self.report, self.error = report or IntakeReport(), error
        self.named: list[list[str]] = []
        self.published_due: list[bool] = []

    def deliver_submissions(
        self, named: Collection[str], deadline: Deadline, *, publish_due: bool
    ) -> IntakeReport:
        assert not deadline.is_near()
        self.published_due.append(publish_due)
        self.named.append(list(named))
        if self.error:
            raise self.error
        return self.report


def submitted(submission: str, **fields: Any) -> dict[str, Any]:
    detail = {
        "contract": 1,
        "eventId": "e",
        "type": "form.submitted",
        "subject": f"submissions/{submission}",
        "occurredAt": "2026-03-12T14:05:31Z",
        **fields,
    }
    return {"detail-type": "form.submitted", "detail": detail}


def handle(intake: Intake, *records: dict[str, Any]) -> tuple[list[str], dict[str, float]]:
    redelivery = Redelivery()
    answer = IntakeQueue(lambda: intake, lambda: redelivery, NO_DEADLINE).process(  # type: ignore[arg-type, return-value]
        {"Records": list(records)}
    )
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]], redelivery.delays


def test_message_is_done_when_its_submission_is_delivered_or_held_and_the_schedules_always_is() -> (
    None
):
    intake = Intake(
        IntakeReport(
            delivered={"sub-1": Outcome("collaboration-requests/req_1")},
            held={"sub-2": HoldReason.HONEYPOT},
        )
    )

    failed, delays = handle(
        intake,
        sqs_record("a", submitted("sub-1")),
        sqs_record("b", submitted("sub-2")),
        sqs_record("c", {"reason": "schedule"}),
        sqs_record("d", submitted("sub-1")),
    )

    assert (failed, delays, intake.named) == ([], {}, [["sub-1", "sub-2"]])


def test_rows_that_are_due_are_published_with_each_message_of_the_schedule_and_no_other() -> None:
    intake = Intake()

    handle(intake, sqs_record("a", {"reason": "schedule"}))
    handle(intake, sqs_record("a", submitted("sub-1")))
    handle(intake, sqs_record("a", submitted("sub-1")), sqs_record("b", {"reason": "schedule"}))

    assert intake.published_due == [True, False, True]


def test_message_of_a_submission_that_waits_is_redelivered_after_the_requested_wait() -> None:
    intake = Intake(IntakeReport(failures={"sub-1": Unavailable(system="trading_grid", wait=77)}))

    failed, delays = handle(
        intake, sqs_record("a", submitted("sub-1")), sqs_record("b", submitted("sub-2"))
    )

    assert failed == ["a"]
    assert 77 <= delays["r-a"] <= 97


def test_submission_that_waits_for_its_file_is_the_schedules_and_rings_no_alarm_of_an_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: dict[str, float] = {}
    monkeypatch.setattr("gridwix.form_intake.queue.count", counted.__setitem__)
    intake = Intake(IntakeReport(files_awaited={"sub-1": FileUnreachable(system="files")}))

    failed, _ = handle(intake, sqs_record("a", submitted("sub-1")))

    assert (failed, counted["SubmissionsWaiting"], counted["SubmissionsAwaitingFiles"]) == (
        [],
        0,
        1,
    )


def test_log_says_why_trading_grid_will_not_have_a_submission(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warned: list[dict[str, Any]] = []
    monkeypatch.setattr(logger, "warning", lambda _, extra: warned.append(extra))
    refusal = Refused(
        system="trading_grid", status=422, vendor_code="validation", request_id="req-7"
    )

    handle(
        Intake(IntakeReport(held={"sub-1": HoldReason.REFUSED}, refusals=[refusal])),
        sqs_record("a", submitted("sub-1")),
    )

    (said,) = warned
    assert (said["vendor_code"], said["request_id"]) == ("validation", "req-7")


def test_message_that_was_received_often_enough_is_dropped_and_left_to_the_schedule() -> None:
    intake = Intake(IntakeReport(failures={"sub-1": Unavailable(system="trading_grid")}))

    assert handle(intake, sqs_record("a", submitted("sub-1"), MAX_RECEIVES))[0] == []
    assert handle(intake, sqs_record("a", submitted("sub-1"), MAX_RECEIVES - 1))[0] == ["a"]


def test_inbox_that_cannot_be_read_returns_the_messages_of_all_submissions() -> None:
    intake = Intake(error=Unavailable(system="aws"))

    assert handle(
        intake, sqs_record("a", submitted("sub-1")), sqs_record("b", {"reason": "schedule"})
    )[0] == ["a"]


@pytest.mark.parametrize(
    "body",
    ["no json", "[]", submitted("sub-1", contract=2), {"detail": {}}],
)
def test_message_that_breaks_the_contract_fails_until_it_is_a_dead_letter_and_stops_nothing(
    body: Any,
) -> None:
    intake = Intake()

    failed, _ = handle(intake, sqs_record("bad", body), sqs_record("good", submitted("sub-1")))

    assert (failed, intake.named) == (["bad"], [["sub-1"]])


def test_message_with_a_member_of_a_later_release_is_read_without_it() -> None:
    intake = Intake()

    failed, _ = handle(intake, sqs_record("later", submitted("sub-1", extra=1)))

    assert (failed, intake.named) == ([], [["sub-1"]])


def test_log_names_what_is_held(caplog: pytest.LogCaptureFixture) -> None:
    handle(
        Intake(IntakeReport(held={"sub-2": HoldReason.HONEYPOT})),
        sqs_record("b", submitted("sub-2")),
    )

    assert [line.held for line in caplog.records if hasattr(line, "held")] == [
        {"sub-2": "honeypot"}
    ]


def test_journal_has_each_submission_of_a_run_with_its_record_or_the_reason() -> None:
    journal = KeptJournal()
    intake = Intake(
        IntakeReport(
            delivered={
                "sub-1": Outcome("collaboration-requests/req_1"),
                "sub-of-the-schedule": Outcome("collaboration-requests/req_2"),
            },
            held={"sub-2": HoldReason.HONEYPOT},
            failures={"sub-3": Unavailable("down", system="trading_grid")},
        )
    )
    records = [
        sqs_record(f"m{number}", submitted(f"sub-{number}", eventId=f"e{number}"))
        for number in (1, 2, 3)
    ]

    IntakeQueue(lambda: intake, Redelivery, NO_DEADLINE).process(  # type: ignore[arg-type, return-value]
        {"Records": records}, lambda: journal
    )

    assert {
        one.record: (one.event_id, one.outcome, one.reason, dict(one.rows))
        for one in journal.entries
    } == {
        "submissions/sub-1": ("e1", "done", "", {"collaboration-requests/req_1": "delivered"}),
        "submissions/sub-of-the-schedule": (
            *("", "done", ""),
            {"collaboration-requests/req_2": "delivered"},
        ),
        "submissions/sub-2": ("e2", "done", "honeypot", {}),
        "submissions/sub-3": ("e3", "deferred", "upstream_unavailable", {}),
    }


def test_metrics_when_requests_are_answered_then_only_new_requests_count_as_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: dict[str, float] = {}
    monkeypatch.setattr("gridwix.form_intake.queue.count", counted.__setitem__)
    made = request("req_1")
    intake = Intake(
        IntakeReport(
            delivered={
                "new": Outcome("collaboration-requests/req_1", request=made),
                "answer": Outcome("collaboration-requests/req_2"),
                "late answer": Outcome("collaboration-requests/req_3", refusal="request_closed"),
                "comment": Outcome("cases/case_1"),
                "refused comment": Outcome("cases/case_2", refusal="case_closed"),
            }
        )
    )

    handle(intake, sqs_record("a", {"reason": "schedule"}))

    assert (counted["RequestsMade"], counted["FollowUpsDone"]) == (1, 2)


def test_scheduled_run_that_fails_as_a_whole_is_logged_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    intake = Intake(error=Unavailable(system="aws"))

    points = points_of("form_intake", lambda: handle(intake, sqs_record("a", {"reason": "s"})))

    (line,) = lines_named(caplog, "run_failed")
    assert (line["levelname"], line["code"]) == ("ERROR", "upstream_unavailable")
    assert [point.values for point in points if point.name == "RunsFailed"] == [(1,)]
