"""Queue of the messenger: partial batch responses, metrics and log lines."""

from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from gridwix.configuration.campaigns import Channel
from gridwix.errors import (
    BudgetExhausted,
    GridwixError,
    OutOfTime,
    SourceBehind,
    Unavailable,
)
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.partner_messenger import queue as messages
from gridwix.partner_messenger.attempts import DispatchVerdict
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from gridwix.partner_messenger.dispatching import DispatchReport
from gridwix.partner_messenger.erasure import ErasureReport
from gridwix.partner_messenger.queue import MessengerQueue
from gridwix.partner_messenger.retention import RetentionReport
from gridwix.partner_messenger.service import MessengerReport
from tests.factories import NOW, PRAIRIE_GOLD, change
from tests.fakes.invocation import sqs_record
from tests.fakes.journal import KeptJournal
from tests.fakes.redelivery import Redelivery


class Messenger:
    def __init__(
        self, report: MessengerReport | None = None, error: GridwixError | None = None
    ) -> None:
        self.report, self.error = report or MessengerReport(), error
        self.seen: list[str] = []
        self.scheduled = False

    def process_changes(
        self, changes: Sequence[Change], deadline: Deadline, *, scheduled: bool
    ) -> MessengerReport:
        assert not deadline.is_near()
        self.scheduled = scheduled
        self.seen = [one.event_id for one in changes]
        if self.error:
            raise self.error
        return self.report


def about(event_id: str) -> dict[str, Any]:
    return {"detail": change(event_id).model_dump(mode="json", by_alias=True)}


def handle(messenger: Messenger, *records: dict[str, Any]) -> tuple[list[str], dict[str, float]]:
    redelivery = Redelivery()
    answer = MessengerQueue(lambda: messenger, lambda: redelivery, NO_DEADLINE).process(  # type: ignore[arg-type, return-value]
        {"Records": list(records)}
    )
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]], redelivery.delays


def test_change_is_done_when_it_is_planned_and_the_schedule_always_is() -> None:
    messenger = Messenger(MessengerReport(failures={"evt_2": SourceBehind(wait=40)}))

    failed, delays = handle(
        messenger,
        sqs_record("a", about("evt_1")),
        sqs_record("b", about("evt_2")),
        sqs_record("c", {"reason": "schedule"}),
        sqs_record("d", about("evt_1")),
    )

    assert (failed, messenger.seen) == (["b"], ["evt_1", "evt_2"])
    assert 40 <= delays["r-b"] <= 50


def test_malformed_message_fails_and_leaves_its_neighbours_alone() -> None:
    messenger = Messenger()

    failed, _ = handle(
        messenger,
        sqs_record("a", "{"),
        sqs_record("b", {"detail": {"contract": 2}}),
        sqs_record("c", about("evt_1")),
    )

    assert (failed, messenger.seen) == (["a", "b"], ["evt_1"])


def test_run_that_fails_as_a_whole_brings_every_change_again_but_not_the_schedule() -> None:
    failed, _ = handle(
        Messenger(error=Unavailable(system="aws")),
        sqs_record("a", about("evt_1")),
        sqs_record("b", {"reason": "schedule"}),
    )

    assert failed == ["a"]


def test_run_counts_what_became_of_dispatches_and_names_a_broken_campaign(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: dict[str, int] = {}
    monkeypatch.setattr(messages, "count", counted.__setitem__)
    reasons: list[tuple[str, str, int]] = []
    monkeypatch.setattr(messages, "count_by_reason", lambda *counts: reasons.append(counts))
    said: list[dict[str, str]] = []
    monkeypatch.setattr(
        "gridwix.partner_messenger.queue.logger.error",
        lambda text, extra: said.append({"message": text, **extra}),
    )
    dispatches = DispatchReport(
        sent=Counter(portal=2, email=1),
        failed=Counter(template=1),
        suppressed=Counter(no_consent=3),
        unknown=1,
        faults={"broken": "line 1: there is no x"},
    )

    handle(
        Messenger(MessengerReport(planned=4, unlocked=1, dispatches=dispatches)),
        sqs_record("a", about("evt_1")),
    )

    wanted = {
        "OccasionsPlanned": 4,
        "DispatchesSent": 3,
        "DispatchesFailed": 1,
        "DispatchesSuppressed": 3,
        "DispatchesUnknown": 1,
        "TemplatesBroken": 1,
    }
    assert counted.items() >= wanted.items()
    assert counted["StepsUnlocked"] == 1
    assert {
        ("DispatchesSent", "portal", 2),
        ("DispatchesFailed", "template", 1),
        ("DispatchesSuppressed", "no_consent", 3),
    } <= set(reasons)
    assert said == [
        {"message": "template_broken", "campaign": "broken", "fault": "line 1: there is no x"}
    ]


def test_journal_tells_what_became_of_each_message_and_names_no_member() -> None:
    def settled(
        channel: Channel | None, state: DispatchState, reason: str = "", recipient: str = ""
    ) -> tuple[Dispatch, DispatchVerdict]:
        dispatch = Dispatch(
            id=f"{channel}-{recipient}",
            campaign="certificate-expires",
            occasion="evt_1",
            subject="enrollments/enr_1/steps/insurance",
            partner_id=PartnerId(PRAIRIE_GOLD),
            since=NOW,
            due_at=NOW,
            channel=channel,
            recipient=recipient,
        )
        return dispatch, DispatchVerdict(state, reason)

    dispatches = DispatchReport(
        settled=(
            settled("portal", DispatchState.SENT),
            settled("email", DispatchState.SENT, recipient="m-1"),
            settled("email", DispatchState.SUPPRESSED, "no_address", recipient="m-2"),
            settled("email", DispatchState.SENT, recipient="m-3"),
            settled("inbox", DispatchState.PLANNED, "upstream_throttled", recipient="m-1"),
        )
    )
    journal = KeptJournal()
    messenger = Messenger(MessengerReport(dispatches=dispatches))

    MessengerQueue(lambda: messenger, Redelivery, NO_DEADLINE).process(  # type: ignore[arg-type, return-value]
        {"Records": [sqs_record("a", {"reason": "schedule"})]}, lambda: journal
    )

    (entry,) = journal.entries
    assert (entry.record, entry.partner, entry.event_id) == ("enrollments/enr_1", PRAIRIE_GOLD, "")
    assert entry.rows == {
        "certificate-expires portal": "sent",
        "certificate-expires email": "sent, suppressed:no_address",
        "certificate-expires inbox": "postponed:upstream_throttled",
    }


def test_report_of_a_verdict_has_the_dispatch_but_not_an_expanded_occasion() -> None:
    dispatch: Any = SimpleNamespace(channel="email")

    for state in DispatchState:
        report = DispatchReport.of_verdict(dispatch, verdict := DispatchVerdict(state, "why"))

        told = state not in {
            DispatchState.EXPANDED,
            DispatchState.SENDING,
            DispatchState.COLLECTED,
        }
        assert report.settled == (((dispatch, verdict),) if told else ())


@pytest.mark.parametrize(
    ("bodies", "scheduled"),
    [
        ([about("evt_1"), {"reason": "schedule"}], True),
        ([about("evt_1"), about("evt_1"), "{"], False),
    ],
)
def test_run_knows_whether_the_schedule_is_among_its_messages(
    bodies: list[Any], scheduled: bool
) -> None:
    messenger = Messenger()

    handle(messenger, *(sqs_record(str(number), body) for number, body in enumerate(bodies)))

    assert messenger.scheduled is scheduled


def test_run_counts_what_it_has_removed_and_says_what_stopped_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: dict[str, int] = {}
    monkeypatch.setattr(messages, "count", counted.__setitem__)
    reasons: list[tuple[str, str, int]] = []
    monkeypatch.setattr(messages, "count_by_reason", lambda *counts: reasons.append(counts))
    warned: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "gridwix.partner_messenger.queue.logger.warning", lambda _, extra: warned.append(extra)
    )
    retention = RetentionReport(
        removed=1000, refused=Counter(WDE0080=2), stopped=BudgetExhausted(wait=9)
    )
    erasure = ErasureReport(erased=7, refused=Counter(WDE0080=1), stopped=BudgetExhausted(wait=8))

    failed, _ = handle(
        Messenger(MessengerReport(retention=retention, erasure=erasure)),
        sqs_record("a", {"reason": "schedule"}),
    )

    assert (failed, counted["MessagesRemoved"], counted["MemberRowsErased"]) == ([], 1000, 7)
    assert ("RemovalsRefused", "WDE0080", 3) in reasons
    assert warned == [{"code": "budget_exhausted"}] * 2


def test_run_that_plans_no_messages_about_some_invitations_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warned: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "gridwix.partner_messenger.queue.logger.warning",
        lambda event, extra: warned.append((event, extra["code"])),
    )
    report = MessengerReport(unannounced=(OutOfTime(), Unavailable(system="trading_grid")))

    failed, _ = handle(Messenger(report), sqs_record("a", {"reason": "schedule"}))

    assert failed == []
    assert sorted(warned) == [
        ("call_failed", "upstream_unavailable"),
        ("work_not_done", "out_of_time"),
    ]
