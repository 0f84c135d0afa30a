"""Stories are found by each identifier that people have, with a bounded number of requests."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.errors import BudgetExhausted, RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.models.wix import DataItem
from gridwix.publication.models import Claim, Publication, RowKey, Versions
from ops.commands.trace import story_document
from ops.paths import ROOT
from ops.story.reading import StoryReader
from ops.story.rows import Presence, explain_row, last_rejection
from tests.factories import case
from tests.fakes.aws import OneAtATime, as_client, create_journal_table, create_table
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
def reader(tables: OneAtATime, journal: DynamoDBJournal, ledger: DynamoDBLedger) -> Iterator[Ask]:
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
    grid = FakeTradingGrid()
    grid.put(case("case_1", 7))

    def ask(portal: FakePortal | None = None) -> StoryReader:
        return StoryReader(
            journal=journal,
            ledger=ledger,
            refused_items=refused,
            trading_grid=grid,
            wix=portal or FakePortal(ISSUE, STATUS),
            max_receives=lambda _: 12,
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
