"""The journal in DynamoDB: entries by record, by event and by partner, in order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.clients.aws.items import encode_item
from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.journal_items import entry_item, step
from gridwix.models.journal import JournalEntry, JournalOutcome
from tests.fakes.aws import OneAtATime, as_client, create_journal_table

NOW = 1_780_000_000.5
DAY = 24 * 3600

ENTRY = JournalEntry(
    record="cases/case_1",
    at=NOW,
    function="notice_publisher",
    outcome=JournalOutcome.DEFERRED,
    event_id="evt_1",
    event_type="case.updated",
    via="webhook",
    trace="4bf92f3577b34da6a3ce929d0e0e4736",
    partner="GC070000000101",
    version=7,
    occurred_at=NOW - 3,
    queued_at=NOW - 1.25,
    attempt=2,
    reason="row_held",
    wait=4.5,
    rows={"OpenIssues#case_1": "deferred:row_held"},
    more_rows=3,
    request_id="4bf92f3577b34da6a3ce929d0e0e4736",
)


@pytest.fixture
def journal(tables: OneAtATime) -> DynamoDBJournal:
    return DynamoDBJournal(as_client(tables), create_journal_table(tables), 30 * DAY)


def test_entry_is_read_as_it_was_written(journal: DynamoDBJournal) -> None:
    bare = JournalEntry(
        record="submissions/lp-1",
        at=NOW,
        function="form_intake",
        outcome=JournalOutcome.DONE,
        event_id="",
        event_type="form.submitted",
    )

    journal.add([ENTRY, bare])

    assert journal.of_record("cases/case_1", limit=9) == [ENTRY]
    assert journal.of_record("submissions/lp-1", limit=9) == [bare]


def test_entry_of_a_later_release_is_left_out(tables: OneAtATime) -> None:
    client, table = as_client(tables), create_journal_table(tables)
    DynamoDBJournal(client, table).add([ENTRY])
    later = entry_item(replace(ENTRY, at=NOW + 1), DAY) | {"outcome": "forwarded"}
    client.put_item(TableName=table, Item=encode_item(later))

    assert DynamoDBJournal(client, table).of_event("evt_1", limit=9) == [ENTRY]


def test_entries_are_found_by_record_event_and_partner_oldest_first(
    journal: DynamoDBJournal,
) -> None:
    later = replace(ENTRY, at=NOW + 5, outcome=JournalOutcome.DONE, reason="", wait=None)
    other = replace(ENTRY, record="cases/case_2", event_id="evt_2", at=NOW + 1)

    journal.add([later, other, ENTRY])

    assert journal.of_record("cases/case_1", limit=9) == [ENTRY, later]
    assert journal.of_event("evt_1", limit=9) == [ENTRY, later]
    assert journal.of_partner("GC070000000101", limit=9) == [ENTRY, other, later]
    assert journal.of_partner("GC070000000101", limit=2) == [other, later]
    assert journal.of_record("cases/case_3", limit=9) == []


def test_attempts_of_several_functions_at_the_same_time_are_all_kept(
    journal: DynamoDBJournal,
) -> None:
    entries = [replace(ENTRY, function=name) for name in ("a", "b")]
    entries += [replace(ENTRY, event_id="evt_2")]

    journal.add([*entries, entries[0]])

    assert len(journal.of_record("cases/case_1", limit=9)) == 3


def test_entry_expires_after_the_days_that_are_kept(
    tables: OneAtATime, journal: DynamoDBJournal
) -> None:
    journal.add([ENTRY])

    (item,) = tables.scan(TableName=journal.table)["Items"]
    assert item["expiration"] == {"N": str(int(NOW) + 30 * DAY)}


@given(times=st.lists(st.integers(0, 4_000_000_000_000), min_size=2, unique=True))
def test_sort_keys_are_in_the_order_of_time(times: list[int]) -> None:
    steps = {moment: step(replace(ENTRY, at=moment / 1000)) for moment in times}

    assert sorted(times) == sorted(times, key=lambda moment: steps[moment])
