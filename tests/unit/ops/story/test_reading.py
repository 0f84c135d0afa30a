"""Stories are found by each identifier that people have, with a bounded number of requests."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.errors import BudgetExhausted, GridwixError, RecordFault, Unavailable
from gridwix.form_intake.queue import MAX_RECEIVES, IntakeQueue
from gridwix.form_intake.report import IntakeReport
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.models.wix import DataItem
from gridwix.partner_requests.submissions import HoldReason, Outcome, Stage
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import Claim, Publication, RowKey, Versions
from gridwix.runtime.publisher_runner import PublisherRunner
from ops.cli import app
from ops.commands import trace
from ops.commands.trace import read_busy_queues, story_document
from ops.paths import ROOT
from ops.stack import Stack
from ops.story.endings import EndState
from ops.story.reading import BusyQueue, StoryReader
from ops.story.rows import Presence, explain_row, last_rejection
from tests.factories import case, change, submission
from tests.fakes.aws import OneAtATime, as_client, create_journal_table, create_table
from tests.fakes.intake import FakeInbox
from tests.fakes.invocation import sqs_record
from tests.fakes.redelivery import Redelivery
from tests.fakes.trading_grid import FakeTradingGrid

NOW = 1_780_000_000.0
PARTNER = "GC070000000101"
ISSUE = RowKey(CollectionId("OpenIssues"), WixItemId("case_1"))
STATUS = RowKey(CollectionId("PartnerStatus"), WixItemId(PARTNER))
ENTRY = JournalEntry(
    record="cases/case_1",
    at=NOW,
    function="notice_publisher",
    outcome=JournalOutcome.DONE,
    event_id="evt_7",
    event_type="case.updated",
    partner=PARTNER,
    version=7,
    rows={"OpenIssues#case_1": "written"},
)


class FakePortal:
    """A site with these rows; ``spent``: the call budget is used up."""

    def __init__(self, *rows: RowKey, spent: bool = False) -> None:
        self.rows, self.spent, self.calls = rows, spent, 0

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        self.calls += 1
        if self.spent:
            raise BudgetExhausted(wait=30)
        return {one: {} for one in ids if RowKey(collection, one) in self.rows}

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        found = collection == "PartnerRequests" and (field, value) == ("reference", "GX-DPEY-YDWA")
        return [DataItem(WixItemId("sub_1"), {})] if found else []


type Ask = Callable[..., StoryReader]


@pytest.fixture
def journal(tables: OneAtATime) -> DynamoDBJournal:
    return DynamoDBJournal(as_client(tables), create_journal_table(tables), 3600)


@pytest.fixture
def ledger(tables: OneAtATime) -> DynamoDBLedger:
    return DynamoDBLedger(as_client(tables), create_table(tables, "row"))


def publish(ledger: DynamoDBLedger, key: RowKey, versions: Versions, event_id: str) -> None:
    ledger.claim([Claim(key, 0, versions)], holder="h", now=NOW, until=NOW + 60)
    ledger.commit([Publication(key, versions, "hash", event_id)], holder="h")


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


@pytest.fixture
def grid() -> FakeTradingGrid:
    return FakeTradingGrid()


@pytest.fixture
def reader(
    tables: OneAtATime,
    journal: DynamoDBJournal,
    ledger: DynamoDBLedger,
    inbox: FakeInbox,
    grid: FakeTradingGrid,
) -> Iterator[Ask]:
    client = as_client(tables)
    refused = DynamoDBRefusedItems(client, create_table(tables, "row"))
    journal.add(
        [
            ENTRY,
            replace(
                ENTRY,
                at=NOW + 1,
                function="status_publisher",
                rows={f"PartnerStatus#{PARTNER}": "unchanged"},
            ),
            replace(ENTRY, record="submissions/sub_1", event_id="sub_1", rows={}),
        ]
    )
    for key in (ISSUE, STATUS):
        publish(ledger, key, Versions(live={"cases/case_1": 7}), "evt_7")
    grid.put(case("case_1", 7))

    def ask(portal: FakePortal | None = None) -> StoryReader:
        return StoryReader(
            journal=journal,
            ledger=ledger,
            refused_items=refused,
            trading_grid=grid,
            wix=portal or FakePortal(ISSUE, STATUS),
            max_receives=lambda _: 12,
            inbox=inbox,
            busy_queues=lambda: [BusyQueue("notice_publisher", 3, 0)],
        )

    yield ask


@pytest.mark.parametrize(
    "identifier",
    ["evt_7", "case_1", "cases/case_1", PARTNER, "OpenIssues/case_1", "OpenIssues#case_1"],
)
def test_story_is_found_by_each_identifier(reader: Ask, identifier: str) -> None:
    story = reader().read(identifier)

    assert ENTRY in story.entries
    issue = next(row for row in story.rows if row.key == ISSUE)
    assert issue.wix is Presence.PRESENT
    assert issue.source == {"cases/case_1": 7}
    assert explain_row(issue) == "The row is up to date: it was written for the event evt_7"


def test_event_about_another_record_for_which_a_row_was_written_is_in_its_story(
    journal: DynamoDBJournal, ledger: DynamoDBLedger, reader: Ask
) -> None:
    resync = replace(ENTRY, record=f"partners/{PARTNER}", event_id="resync-1", function="bus")
    journal.add([resync, replace(resync, at=NOW + 2, function="notice_publisher")])
    key = RowKey(CollectionId("OpenIssues"), WixItemId("case_2"))
    publish(ledger, key, Versions(live={"cases/case_2": 3}), "resync-1")

    for identifier in ("case_2", "OpenIssues/case_2"):
        entries = reader().read(identifier).entries

        assert [one.function for one in entries] == ["bus", "notice_publisher"]
        assert {one.event_id for one in entries} == {"resync-1"}


@pytest.mark.parametrize(
    "identifier", ["sub_1", "submissions/sub_1", "GX-DPEY-YDWA", "gx-dpey-ydwa"]
)
def test_submission_is_found_by_its_id_and_its_reference(reader: Ask, identifier: str) -> None:
    story = reader().read(identifier)

    assert [entry.record for entry in story.entries] == ["submissions/sub_1"]


def test_decision_not_to_write_is_part_of_the_story(reader: Ask) -> None:
    story = reader().read("case_1")

    assert [(one.function, dict(one.rows)) for one in story.entries] == [
        ("notice_publisher", {"OpenIssues#case_1": "written"}),
        ("status_publisher", {f"PartnerStatus#{PARTNER}": "unchanged"}),
    ]


def test_nothing_is_known_of_what_nobody_has_heard_of(reader: Ask) -> None:
    story = reader().read("case_9")

    assert (story.records, story.entries, story.rows) == ((), (), ())


@pytest.mark.parametrize(
    "identifier", ["cases/none", "OpenIssues/none", "OpenIssues#none", "submissions/none"]
)
def test_unknown_id_that_is_given_with_its_collection_is_unknown_too(
    reader: Ask, identifier: str
) -> None:
    story = reader(FakePortal()).read(identifier)

    assert not story.is_known
    assert story.rows == ()
    assert story.queues == (BusyQueue("notice_publisher", 3, 0),)


def test_row_is_not_called_unknown_while_wix_cannot_say_whether_it_has_it(reader: Ask) -> None:
    story = reader(FakePortal(spent=True)).read("OpenIssues/none")

    assert story.is_known
    assert [row.name for row in story.rows] == ["OpenIssues#none"]
    assert story.faults


@pytest.mark.parametrize("identifier", ["cases/case_3", "OpenIssues/case_3"])
def test_row_that_was_never_written_is_known_if_a_system_has_it_or_its_record(
    reader: Ask, grid: FakeTradingGrid, identifier: str
) -> None:
    key = RowKey(CollectionId("OpenIssues"), WixItemId("case_3"))

    on_the_site = reader(FakePortal(key)).read(identifier)
    grid.put(case("case_3", 1))
    in_trading_grid = reader(FakePortal()).read(identifier)

    for story in (on_the_site, in_trading_grid):
        assert story.is_known
        assert story.queues == ()
        assert explain_row(story.rows[0]).startswith("The row was never written")


def test_row_that_somebody_removed_is_named(reader: Ask) -> None:
    story = reader(FakePortal()).read("OpenIssues/case_1")

    assert "somebody removed it" in explain_row(story.rows[0])


def test_system_that_does_not_answer_leaves_the_rest_of_the_story(reader: Ask) -> None:
    story = reader(FakePortal(spent=True)).read("case_1")

    assert len(story.entries) == 2
    assert {row.wix for row in story.rows} == {Presence.UNKNOWN}
    assert "OpenIssues could not be read from Wix (budget_exhausted)" in story.faults


def test_story_scans_no_table(reader: Ask, tables: OneAtATime) -> None:
    portal = FakePortal(ISSUE, STATUS)
    tables.calls.clear()

    reader(portal).read("case_1")

    assert tables.calls["scan"] == 0
    assert portal.calls == 2


def test_story_is_printed_as_json_of_the_documented_shape(
    journal: DynamoDBJournal, reader: Ask
) -> None:
    schema = json.loads((ROOT / "docs/command/trace.schema.json").read_text())

    journal.add([COMPARED, RUNG])
    for identifier in ("evt_7", PARTNER, "sub_1", "nothing"):
        document = story_document(reader().read(identifier))
        Draft202012Validator(schema).validate(json.loads(json.dumps(document)))
    assert schema["additionalProperties"] is False


COMPARED = JournalEntry(
    record="OpenIssues#case_1",
    at=NOW + 60,
    function="reconciler",
    outcome=JournalOutcome.COMPARED,
    event_id="",
    event_type="",
    rows={"OpenIssues#case_1": "drifted:requested"},
)
RUNG = replace(
    COMPARED,
    record=f"PortalChanges#{PARTNER}",
    at=NOW + 2,
    function="portal_ringer",
    outcome=JournalOutcome.RUNG,
    partner=PARTNER,
    rows={f"PortalChanges#{PARTNER}": "issues=4"},
)


@pytest.mark.parametrize("identifier", ["evt_7", "case_1", "cases/case_1", "OpenIssues/case_1"])
def test_story_has_what_the_reconciler_found_and_whose_pages_were_rung(
    journal: DynamoDBJournal, reader: Ask, identifier: str
) -> None:
    earlier = replace(RUNG, at=NOW - 60)
    journal.add([COMPARED, RUNG, earlier])

    story = reader().read(identifier)

    assert COMPARED in story.entries
    assert RUNG in story.entries
    assert earlier not in story.entries
    assert [row.key for row in story.rows if row.key.collection == "PortalChanges"] == []


def test_rings_cost_no_call_of_wix(journal: DynamoDBJournal, reader: Ask) -> None:
    portal = FakePortal(ISSUE, STATUS)
    reader(portal).read(PARTNER)
    without = portal.calls
    journal.add([RUNG])

    story = reader(portal).read(PARTNER)

    assert RUNG in story.entries
    assert portal.calls == 2 * without


def test_ring_that_failed_is_no_attempt_that_keeps_a_row_waiting(
    journal: DynamoDBJournal, reader: Ask
) -> None:
    failed = replace(
        RUNG, record="PortalChanges#" + PARTNER, outcome=JournalOutcome.DEFERRED, rows={}
    )
    journal.add([failed])

    story = reader().read(PARTNER)

    assert failed in story.entries
    assert all(explain_row(row).startswith("The row is up to date") for row in story.rows)


def test_rejected_webhook_is_found_by_its_id_with_the_reason(
    journal: DynamoDBJournal, reader: Ask
) -> None:
    rejected = JournalEntry(
        record="webhooks/msg_1",
        at=NOW,
        function="trading_grid_webhook",
        outcome=JournalOutcome.REJECTED,
        event_id="msg_1",
        event_type="",
        via="webhook",
        reason="invalid-signature",
    )
    journal.add([rejected])

    story = reader().read("msg_1")

    assert story.entries == (rejected,)
    assert "rejected (invalid-signature)" in str(last_rejection(story.entries))


def test_webhook_that_was_rejected_first_and_accepted_then_is_no_rejected_one(
    journal: DynamoDBJournal, reader: Ask
) -> None:
    journal.add(
        [
            replace(
                ENTRY,
                record="webhooks/evt_7",
                at=NOW - 5,
                function="trading_grid_webhook",
                outcome=JournalOutcome.REJECTED,
                event_type="",
                reason="timestamp-too-old",
                rows={},
            )
        ]
    )

    story = reader().read("evt_7")

    assert [entry.outcome for entry in story.entries] == [
        JournalOutcome.REJECTED,
        JournalOutcome.DONE,
        JournalOutcome.DONE,
    ]
    assert last_rejection(story.entries) is None


class Publishing:
    """A publisher that fails with ``error``, or publishes nothing."""

    def __init__(self, error: GridwixError | None) -> None:
        self.error = error

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        if self.error:
            raise self.error
        return ChangeReport.for_changes(changes)


def attempt(
    journal: DynamoDBJournal, event: Change, error: GridwixError | None = None, receives: int = 1
) -> None:
    """One attempt of a publisher for an event, by the functions' own code."""
    record = sqs_record("m", {"detail": event.model_dump(mode="json", by_alias=True)}, receives)
    PublisherRunner(lambda: Publishing(error), Redelivery, clock=lambda: NOW + receives).process(
        {"Records": [record]}, lambda: journal
    )


def states(reader: Ask, identifier: str) -> list[tuple[EndState, str]]:
    """What became of an identifier, after a check of its JSON document."""
    story = reader().read(identifier)
    schema = json.loads((ROOT / "docs/command/trace.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(json.dumps(story_document(story))))
    return [(one.state, one.entry.reason) for one in story.endings]


def test_change_is_looked_up_by_event_and_record_while_it_waits_when_it_failed_and_once_it_is_done(
    journal: DynamoDBJournal, reader: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "status_publisher")
    event = change("evt_9", subject="compliance-checks/chk_9")
    down = Unavailable(system="wix")

    for receives, error, state in [
        (1, down, EndState.WAITING),
        (12, down, EndState.FAILED),
        # After a redrive, the message is a new one.
        (1, None, EndState.DONE),
    ]:
        attempt(journal, event, error, receives if error else 13)
        for identifier in ("evt_9", "chk_9", "compliance-checks/chk_9"):
            assert states(reader, identifier) == [(state, down.code if error else "")]


def test_event_that_was_delivered_twice_is_one_event_with_both_attempts(
    journal: DynamoDBJournal, reader: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "status_publisher")
    event = change("evt_9", subject="compliance-checks/chk_9")
    attempt(journal, event, receives=1)
    attempt(journal, event, receives=2)

    assert states(reader, "evt_9") == [(EndState.DONE, "")]
    assert len(reader().read("evt_9").entries) == 2


def run_intake(
    journal: DynamoDBJournal, report: IntakeReport, receives: int = 1, *, event: str = "wix_evt_1"
) -> None:
    """One run of the intake; "" for a run that the schedule began."""
    detail = {
        "eventId": event,
        "type": "form.submitted",
        "subject": "submissions/sub_2",
        "occurredAt": "2026-05-28T20:00:00Z",
    }
    intake: Any = SimpleNamespace(deliver_submissions=lambda *_, **__: report)
    body = {"detail": detail} if event else {"reason": "schedule"}
    IntakeQueue(lambda: intake, Redelivery, NO_DEADLINE).process(
        {"Records": [sqs_record("m", body, receives)]}, lambda: journal
    )


WAITS = IntakeReport(failures={"sub_2": Unavailable(system="trading_grid")})


@pytest.mark.parametrize(
    ("report", "receives", "expected"),
    [
        (WAITS, 1, (EndState.WAITING, "upstream_unavailable")),
        (WAITS, MAX_RECEIVES, (EndState.LEFT, "upstream_unavailable")),
        (IntakeReport(held={"sub_2": HoldReason.INVALID}), 1, (EndState.HELD, "invalid")),
        (
            IntakeReport(delivered={"sub_2": Outcome("collaboration-requests/req_1")}),
            1,
            (EndState.DONE, ""),
        ),
    ],
)
def test_wix_event_and_its_submission_are_looked_up_at_each_end(
    journal: DynamoDBJournal,
    reader: Ask,
    monkeypatch: pytest.MonkeyPatch,
    report: IntakeReport,
    receives: int,
    expected: tuple[EndState, str],
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "form_intake")
    run_intake(journal, report, receives)

    for identifier in ("wix_evt_1", "sub_2", "submissions/sub_2"):
        assert states(reader, identifier) == [expected]


def test_submission_that_the_schedule_delivered_after_its_message_gave_up_is_done(
    journal: DynamoDBJournal, reader: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "form_intake")
    run_intake(journal, WAITS, MAX_RECEIVES)
    delivered = IntakeReport(delivered={"sub_2": Outcome("collaboration-requests/req_1")})
    run_intake(journal, delivered, event="")

    assert states(reader, "sub_2") == [(EndState.DONE, "")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "waits for its delivery"),
        (
            {"stage": Stage.HELD, "held_for": HoldReason.ATTACHMENTS, "file_fault": "too_large"},
            "held for review (attachments: too_large)",
        ),
        (
            {"stage": Stage.DELIVERED, "outcome": Outcome("collaboration-requests/req_1")},
            "in Trading Grid as collaboration-requests/req_1",
        ),
        (
            {
                "stage": Stage.DELIVERED,
                "outcome": Outcome("cases/case_1", refusal="case_closed"),
            },
            "could not be done (case_closed): cases/case_1 is unchanged",
        ),
        ({"stage": Stage.REMOVED}, "removed by an operator"),
    ],
)
def test_submission_without_an_entry_is_looked_up_in_the_inbox_without_its_content(
    inbox: FakeInbox, reader: Ask, fields: Mapping[str, Any], said: str
) -> None:
    inbox.accept(submission("sub_7", **fields))

    for identifier in ("sub_7", "submissions/sub_7"):
        assert states(reader, identifier) == []
        story = reader().read(identifier)
        document = story_document(story)["submissions"][0]
        assert story.is_known
        assert story.records == ("submissions/sub_7",)
        assert said in document["why"]
        assert "Dana" not in json.dumps(document)


def test_messages_about_all_partners_are_found_by_the_hub_and_by_their_subjects(
    journal: DynamoDBJournal, reader: Ask
) -> None:
    resync = replace(ENTRY, record="hub/all", event_id="resync-1", partner="", rows={})
    refresh = replace(resync, record="hub/audiences", event_id="refresh-1", at=NOW + 1)
    journal.add([resync, refresh])

    assert reader().read("hub").entries == (resync, refresh)
    for identifier in ("audiences", "hub/audiences", "refresh-1"):
        assert reader().read(identifier).entries == (refresh,)


def test_file_of_the_media_library_is_found_by_its_id_and_by_the_event_of_wix(
    journal: DynamoDBJournal, reader: Ask
) -> None:
    ready = replace(ENTRY, record="files/f_1", event_id="wix_evt_2", partner="", rows={})
    journal.add([ready])

    for identifier in ("f_1", "files/f_1", "wix_evt_2"):
        assert reader().read(identifier).entries == (ready,)


def test_queues_that_hold_messages_are_read_only_if_nothing_is_known(
    reader: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader().read("case_1").queues == ()
    assert reader().read("evt_of_now").queues == (BusyQueue("notice_publisher", 3, 0),)

    counts = {"q1": 0, "d1": 0, "q2": 0, "d2": 2}

    def attributes(**asked: Any) -> dict[str, Any]:
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        rest = ("ApproximateNumberOfMessagesDelayed", "VisibilityTimeout")
        messages = dict.fromkeys([*names, *rest], "0") | {names[0]: str(counts[asked["QueueUrl"]])}
        return {"Attributes": messages}

    outputs = {
        "CaseOpenerQueueUrl": "q1",
        "CaseOpenerDeadLetterQueueUrl": "d1",
        "StatusPublisherQueueUrl": "q2",
        "StatusPublisherDeadLetterQueueUrl": "d2",
    }
    aws: Any = SimpleNamespace(sqs=SimpleNamespace(get_queue_attributes=attributes))
    assert read_busy_queues(Stack("s", outputs, aws)) == [BusyQueue("status_publisher", 0, 2)]


def test_command_says_what_waits_if_nothing_is_known_and_ends_with_1(
    reader: Ask, inbox: FakeInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stack, "read", lambda *_: Stack("gridwix", {}, cast("Any", None)))
    monkeypatch.setattr(trace, "read_story", lambda _, identifier, **__: reader().read(identifier))
    inbox.accept(submission("sub_7"))

    known = CliRunner().invoke(app, ["trace", "sub_7"])

    for identifier in ("evt_of_now", "cases/none", "OpenIssues/none"):
        unknown = CliRunner().invoke(app, ["trace", identifier])

        assert unknown.exit_code == 1
        assert "notice_publisher (3)" in " ".join(unknown.output.split())
        assert "never written" not in unknown.output
    assert known.exit_code == 0
    assert "Submission sub_7 was accepted" in known.output
