"""The reconciler's handler: from its messages to the next page, log lines and metrics."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.reconciler import handler as module
from gridwix.errors import BudgetExhausted, GridwixError, Unavailable
from gridwix.models.ids import PartnerId
from gridwix.models.journal import JournalOutcome
from gridwix.models.people_runs import (
    CompanyCounts,
    EndReason,
    InvitationCounts,
    PartnerInvitations,
    PeoplePage,
    PeoplePhase,
    PeopleReport,
    PersonDeleted,
    RowCounts,
)
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.reconciliation import (
    DriftReport,
    FullPage,
    GuardReason,
    NamedRows,
    RunMessage,
    RunRequest,
    SweepPage,
)
from gridwix.reconciler.member_removal import RemovalReport
from gridwix.reconciler.page_report import PageReport
from gridwix.reconciler.people_service import PeoplePageReport
from gridwix.reconciler.sweep import SweepReport
from gridwix.reconciler.upload_sweep import UploadReport
from tests.factories import change
from tests.fakes.invocation import lambda_context, metric_values
from tests.fakes.journal import KeptJournal
from tests.fakes.redelivery import Redelivery
from tests.log_lines import lines_named

EVENTS = Path(__file__).parents[3] / "events/reconciler"
UNUSED = InvitationCounts(expired=1)
SENT = datetime(2026, 3, 12, 14, 5, 31, tzinfo=UTC)


class Reconciliation:
    """Keeps what it is asked for, and answers or fails as it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[RunMessage, str, datetime]] = []
        self.answer: SweepReport | PageReport | PeoplePageReport | RemovalReport | UploadReport = (
            PageReport()
        )
        self.error: GridwixError | None = None

    def handle(
        self, body: RunMessage, *, run: str, begun: datetime
    ) -> SweepReport | PageReport | PeoplePageReport | RemovalReport | UploadReport:
        self.asked.append((body, run, begun))
        if self.error:
            raise self.error
        return self.answer


@pytest.fixture
def reconciliation(monkeypatch: pytest.MonkeyPatch) -> Reconciliation:
    fake = Reconciliation()
    monkeypatch.setattr(module, "reconciliation", lambda: fake)
    return fake


@pytest.fixture
def redelivery(monkeypatch: pytest.MonkeyPatch) -> Redelivery:
    fake = Redelivery()
    monkeypatch.setattr(module, "redelivery", lambda: fake)
    return fake


def event(body: str, receives: int = 1) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(receives),
        "SentTimestamp": str(int(SENT.timestamp() * 1000)),
    }
    return {
        "Records": [
            {
                "messageId": "059f36b4-87a3",
                "receiptHandle": "r1",
                "body": body,
                "attributes": attributes,
            }
        ]
    }


def call(given: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = module.handler(given, lambda_context())
    return answer


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("full", RunRequest(mode="full")),
        ("sweep", RunRequest(mode="sweep")),
        ("people", RunRequest(mode="people")),
        ("uploads", RunRequest(mode="uploads")),
        ("dry_run", RunRequest(mode="full", collection=PARTNER_STATUS, dry_run=True)),
    ],
)
def test_sample_events_ask_for_what_they_are_named_after(
    reconciliation: Reconciliation, name: str, expected: RunRequest
) -> None:
    answer = call(json.loads((EVENTS / f"{name}.json").read_text()))

    assert answer == {"batchItemFailures": []}
    ((body, run, begun),) = reconciliation.asked
    assert body == expected
    message = json.loads((EVENTS / f"{name}.json").read_text())["Records"][0]["messageId"]
    assert (run, begun) == (f"{expected.mode}-{message}", SENT)


@pytest.mark.parametrize(
    "page",
    [
        FullPage(
            run="full-1", begun=SENT, collection=PARTNER_STATUS, page=3, cursor="GC1", dry_run=True
        ),
        SweepPage(run="sweep-1", since=SENT, revision=4, kind=2, cursor="c", as_of=SENT),
        PeoplePage(
            run="people-1",
            begun=SENT,
            phase=PeoplePhase.END,
            found={EndReason.PARTNER: RowCounts(links=2)},
            pages=(0, 3),
            stopped=(EndReason.DIRECTORY,),
        ),
    ],
    ids=["full", "sweep", "people"],
)
def test_further_page_is_gone_on_with(
    reconciliation: Reconciliation, page: FullPage | SweepPage | PeoplePage
) -> None:
    call(event(page.model_dump_json(by_alias=True, exclude_none=True)))

    assert reconciliation.asked[0][0] == page


def test_page_of_a_comparison_is_counted(
    reconciliation: Reconciliation, capsys: pytest.CaptureFixture[str]
) -> None:
    reconciliation.answer = PageReport(
        compared=500, drifted=3, missing=2, extra=1, lost=4, repaired=5
    )

    call(event('{"mode": "full"}'))

    counted = metric_values(capsys.readouterr().out)
    expected = {
        "RowsCompared": 500,
        "RowsDrifted": 3,
        "RowsMissing": 2,
        "RowsExtra": 1,
        "RowsUnsettled": 0,
        "RowsRepaired": 5,
        "PagesFailed": 0,
    }
    assert {**expected, "FilesLost": 4}.items() <= counted.items()
    assert "GuardTripped" not in counted


@pytest.mark.parametrize(("guard", "tripped"), [(None, 0), (GuardReason.SHRUNK, 1)])
def test_end_of_a_collection_says_whether_the_guard_tripped(
    reconciliation: Reconciliation,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    guard: GuardReason | None,
    tripped: int,
) -> None:
    counts = dict.fromkeys(
        (
            "rows",
            "equal",
            "drifted",
            "missing",
            "extra",
            "unsettled",
            "removed",
            "kept",
            "repaired",
        ),
        0,
    )
    reconciliation.answer = PageReport(
        report=DriftReport(
            run="full-1",
            collection=PARTNER_STATUS,
            begun=SENT,
            finished=SENT,
            dry_run=False,
            listed=40,
            previously_listed=100,
            guard=guard,
            ids=NamedRows(),
            **counts,
        )
    )

    call(event('{"mode": "full"}'))

    assert metric_values(capsys.readouterr().out)["GuardTripped"] == tripped
    assert len(lines_named(caplog, "mass_delete_guard_tripped")) == tripped


def test_sweep_is_counted(
    reconciliation: Reconciliation, capsys: pytest.CaptureFixture[str]
) -> None:
    reconciliation.answer = SweepReport(found=7, finished=True)

    call(event('{"mode": "sweep"}'))

    assert metric_values(capsys.readouterr().out)["RecordsSwept"] == 7


@pytest.mark.parametrize(("stopped", "tripped"), [((), 0), ((EndReason.DIRECTORY,), 1)])
def test_comparison_of_people_is_counted_and_says_whether_its_guard_tripped(
    reconciliation: Reconciliation,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    stopped: tuple[EndReason, ...],
    tripped: int,
) -> None:
    ended = {EndReason.PARTNER: RowCounts(links=2, invitations=1)}
    reconciliation.answer = PeoplePageReport(
        compared=RowCounts(links=40),
        ended=ended,
        companies=CompanyCounts(read=3, unread=1, empty=1),
        report=PeopleReport(
            run="people-1",
            begun=SENT,
            finished=SENT,
            dry_run=False,
            total=RowCounts(links=40),
            found=ended,
            waiting=0,
            ended=ended,
            companies=CompanyCounts(),
            stopped=stopped,
            unused=UNUSED,
            unused_of=(PartnerInvitations(partner_id=PartnerId("GC1"), counts=UNUSED),),
        ),
    )

    call(event('{"mode": "people"}'))

    counted = metric_values(capsys.readouterr().out)
    assert {
        "LinksCompared": 40,
        "LinksEnded": 2,
        "CompaniesUnread": 2,
        "AccessEnded": 2,
        "InvitationsRevoked": 1,
        "InvitationsUnused": 1,
        "LeavingGuardTripped": tripped,
    }.items() <= counted.items()
    assert "GC1" not in caplog.text
    assert len(lines_named(caplog, "leaving_guard_tripped")) == tripped


def test_removal_of_a_member_is_counted(
    reconciliation: Reconciliation, capsys: pytest.CaptureFixture[str]
) -> None:
    reconciliation.answer = RemovalReport({EndReason.MEMBER_DELETED: RowCounts(links=2)}, removed=3)
    sample = json.loads((EVENTS / "member_deleted.json").read_text())

    call(event(sample["Records"][0]["body"]))

    ((body, run, _),) = reconciliation.asked
    assert isinstance(body, PersonDeleted)
    assert run.startswith("removal-")
    assert {"LinksEnded": 2, "AccessEnded": 2, "MemberRowsRemoved": 3}.items() <= metric_values(
        capsys.readouterr().out
    ).items()


def test_removed_uploads_are_counted_and_a_dry_run_names_them(
    reconciliation: Reconciliation,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    reconciliation.answer = UploadReport(orphans=("a", "b", "c"), removed=2, refused=1)
    call(event('{"mode": "uploads"}'))
    counted = metric_values(capsys.readouterr().out)
    reconciliation.answer = UploadReport(dry_run=True, orphans=("a", "b"))
    call(event('{"mode": "uploads", "dryRun": true}'))
    of_dry_run = metric_values(capsys.readouterr().out)

    assert {"UploadsRemoved": 2, "UploadRemovalsRefused": 1}.items() <= counted.items()
    assert of_dry_run["UploadsRemoved"] == 0
    (line,) = [one for one in caplog.records if one.message == "uploads_listed"]
    assert (vars(line)["orphans"], vars(line)["files"]) == (2, ["a", "b"])


def test_page_that_fails_comes_again_when_the_other_side_says(
    reconciliation: Reconciliation, redelivery: Redelivery, capsys: pytest.CaptureFixture[str]
) -> None:
    reconciliation.error = BudgetExhausted(wait=40)

    answer = call(event('{"mode": "full"}'))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "059f36b4-87a3"}]}
    assert 40 <= redelivery.delays["r1"] <= 50
    assert {"ReconcileFailed": 1.0, "PagesFailed": 1.0}.items() <= metric_values(
        capsys.readouterr().out
    ).items()


def test_page_that_fails_comes_again_although_the_delay_cannot_be_set(
    reconciliation: Reconciliation, redelivery: Redelivery
) -> None:
    reconciliation.error = Unavailable(system="trading_grid")
    redelivery.error = Unavailable(system="aws")

    assert call(event('{"mode": "full"}')) == {
        "batchItemFailures": [{"itemIdentifier": "059f36b4-87a3"}]
    }


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        '{"mode": "erase"}',
        '{"mode": "full", "dryrun": true}',
        '{"mode": "full", "collection": "a/b"}',
    ],
)
def test_message_that_is_none_of_ours_fails_until_it_is_a_dead_letter(
    reconciliation: Reconciliation, redelivery: Redelivery, body: str
) -> None:
    answer = call(event(body))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "059f36b4-87a3"}]}
    assert reconciliation.asked == []
    assert redelivery.delays == {}


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> KeptJournal:
    kept = KeptJournal()
    monkeypatch.setattr(module, "journal", lambda: kept)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "reconciler")
    return kept


def test_rows_that_differed_stand_in_the_journal_under_their_own_name(
    reconciliation: Reconciliation, redelivery: Redelivery, journal: KeptJournal
) -> None:
    reconciliation.answer = PageReport(rows={"OpenIssues#case_1": "drifted:requested"})

    call(event('{"mode": "full"}'))

    (entry,) = journal.entries
    assert (entry.record, entry.outcome) == ("OpenIssues#case_1", JournalOutcome.COMPARED)
    assert (entry.function, dict(entry.rows)) == (
        "reconciler",
        {"OpenIssues#case_1": "drifted:requested"},
    )


def test_records_that_the_sweep_announced_stand_in_the_journal(
    reconciliation: Reconciliation, redelivery: Redelivery, journal: KeptJournal
) -> None:
    request = change("sweep-cases-case_1-7", subject="cases/case_1", version=7, via="resync")
    reconciliation.answer = SweepReport(found=2, announced=[request], known=1)

    call(event('{"mode": "sweep"}'))

    (entry,) = journal.entries
    assert (entry.record, entry.outcome) == ("cases/case_1", JournalOutcome.ON_BUS)
    assert (entry.event_id, entry.via) == ("sweep-cases-case_1-7", "resync")
