"""Stores that are one table: bounds that are said, and never silent."""

import pytest

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.models.journal import JournalEntry, JournalOutcome
from ops.erasure import tables as stores
from ops.erasure.ports import TooLarge
from ops.erasure.subject import Subject
from tests.fakes.aws import OneAtATime, as_client, create_journal_table

NOW = 1_780_000_000.0
MEMBER = "6d0c1c86-9011-4f2b-b1de-0f3b1c9e8d77"


@pytest.mark.parametrize(("entries", "is_too_many"), [(3, False), (4, True)])
def test_journal_with_more_entries_than_are_looked_at_is_too_large(
    entries: int, is_too_many: bool, tables: OneAtATime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MAX_ENTRIES", 3)
    table = create_journal_table(tables)
    DynamoDBJournal(as_client(tables), table).add(
        JournalEntry(
            record=f"members/{MEMBER}",
            at=NOW + number,
            function="partner_messenger",
            outcome=JournalOutcome.DONE,
            event_id=f"evt_{number}",
            event_type="member.updated",
        )
        for number in range(entries)
    )
    store = stores.JournalStore(as_client(tables), table)
    subject = Subject(members=frozenset({MEMBER}))

    if is_too_many:
        with pytest.raises(TooLarge, match="more than 3 entries"):
            store.find(subject)
    else:
        assert len(store.find(subject).ids) == entries
