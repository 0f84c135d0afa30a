"""Files that an open or held submission names are awaited, whatever else is true of the item."""

import json

import pytest

from gridwix.clients.aws.items import Value, encode_item
from gridwix.errors import UpstreamError
from gridwix.partner_requests.awaited_file_table import DynamoDBAwaitedFiles
from tests.fakes.aws import OneAtATime, as_client, create_table


@pytest.fixture
def table(tables: OneAtATime) -> str:
    return create_table(tables, "id", index=("waiting", "waiting", "receivedAt"))


def store(tables: OneAtATime, table: str, identifier: str, **fields: Value) -> None:
    item: dict[str, Value] = {"id": identifier, "receivedAt": f"2026.{identifier}", **fields}
    tables.put_item(TableName=table, Item=encode_item(item))


def attached(*files: str) -> str:
    """Return a submission's values as the inbox stores them."""
    return json.dumps({"attachments": [{"fileId": one, "displayName": "a.pdf"} for one in files]})


def test_files_of_each_submission_that_waits_are_awaited_and_no_others(
    tables: OneAtATime, table: str
) -> None:
    store(tables, table, "1", waiting="open", values=attached("open.pdf", "a~mv2.png"))
    # A page of DynamoDB ends at 1 MB.
    for number in range(3):
        store(tables, table, f"2{number}", waiting="held", values="x" * 390_000)
    store(tables, table, "3", waiting="held", values=attached("held.pdf"))
    store(tables, table, "4", waiting="row", stage="held", values=attached("due.pdf"))
    # Nothing of it can be read by this release.
    newer = {"M": {"new": {"L": [{"S": attached("newer.pdf")}]}}}
    tables.put_item(
        TableName=table,
        Item={**encode_item({"id": "5", "receivedAt": "5", "waiting": "held"}), "values": newer},
    )
    store(tables, table, "6", waiting="open", order=json.dumps({"fileId": "ordered.pdf"}))
    store(tables, table, "7", waiting="held", values=attached("wix:document://v1/in/url.pdf"))
    store(tables, table, "8", waiting="held", values=attached("odd id.pdf"))
    store(tables, table, "9", stage="delivered", values=attached("delivered.pdf"))

    known = DynamoDBAwaitedFiles(as_client(tables), table).awaited(
        [
            *("open.pdf", "a~mv2.png", "held.pdf", "due.pdf", "newer.pdf", "ordered.pdf"),
            *("url.pdf", "odd id.pdf", "delivered.pdf", "pen.pdf", "never.pdf"),
        ]
    )

    assert known == {
        *("open.pdf", "a~mv2.png", "held.pdf", "due.pdf", "newer.pdf", "ordered.pdf"),
        *("url.pdf", "odd id.pdf"),
    }


@pytest.mark.parametrize("at", range(1, 4))
@pytest.mark.parametrize("moved", [("open", "held"), ("held", "open"), ("row", "open")])
def test_submission_that_changes_its_stage_meanwhile_keeps_its_file(
    tables: OneAtATime, table: str, moved: tuple[str, str], at: int
) -> None:
    before, after = moved
    store(tables, table, "1", waiting=before, values=attached("mine.pdf"))
    queries = 0

    def move(call: str) -> None:
        nonlocal queries
        queries += call == "query"
        if queries == at:
            tables.before_call = lambda _: None
            store(tables, table, "1", waiting=after, values=attached("mine.pdf"))

    tables.before_call = move

    assert DynamoDBAwaitedFiles(as_client(tables), table).awaited(["mine.pdf"]) == {"mine.pdf"}


def test_table_that_cannot_be_read_is_an_upstream_error(tables: OneAtATime) -> None:
    with pytest.raises(UpstreamError):
        DynamoDBAwaitedFiles(as_client(tables), "gone").awaited(["a.pdf"])
