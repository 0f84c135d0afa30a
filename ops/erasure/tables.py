"""DynamoDB tables that may name a person: dispatches, refused items, journal.

The table of submissions is in ``ops.erasure.submissions``. All other tables hold only ids of rows,
records and partners, versions and times (``docs/personal-data.md``).
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, override

from gridwix.clients.aws.batches import delete_items
from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.items import Item, decode_item, encode_item
from ops.erasure.ports import BY_HAND, Findings, PersonalStore, TooLarge
from ops.erasure.subject import Subject

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_PAGES = 5_000
"""Maximum number of pages of a scan, of 1 MB each."""

MAX_ENTRIES = 10_000
"""Maximum number of journal entries of one record."""


class _TableStore(PersonalStore):
    """A store of personal data that is one DynamoDB table."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table


class DispatchStore(_TableStore):
    """The outbox: messages that were planned for, or sent to, a member.

    Messages to a partner as a whole name no person, so they stay.
    """

    name = "DispatchTable"

    @override
    def find(self, subject: Subject) -> Findings:
        return Findings(
            tuple(
                sorted(
                    item["id"]
                    for item in scan_table(self._client, self._table)
                    if (recipient := item.get("recipient"))
                    and (
                        item.get("partnerId") == subject.partner
                        if subject.partner
                        else recipient in subject.members
                    )
                )
            )
        )

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        return _delete(self._client, self._table, "id", ids)


class RefusedItemStore(_TableStore):
    """Stored refusals and record faults that name the person or partner to erase.

    Wix refused to write a row, with a description that may quote personal data; a record fault is a
    record in Trading Grid that gridwix could not read or map.
    """

    name = "RefusedItemTable"

    @override
    def find(self, subject: Subject) -> Findings:
        return Findings(
            tuple(
                sorted(
                    item["row"]
                    for item in scan_table(self._client, self._table)
                    if subject.is_named_in(*item_texts(item))
                )
            )
        )

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        return _delete(self._client, self._table, "row", ids)


class JournalStore(_TableStore):
    """Entries of the journal about the members and contacts in Wix of the person to erase.

    The journal is the log of what each function did with each record. Entries are read by their
    keys, without a scan. If a partner is erased instead of a person, there are none to remove.
    """

    name = "JournalTable"

    @override
    def find(self, subject: Subject) -> Findings:
        found = [
            f"{record} {step}"
            for record in _journal_records(subject)
            for step in self._steps(record)
        ]
        return Findings(tuple(sorted(found)))

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        removed = 0
        for identifier in ids:
            record, _, step = identifier.partition(" ")
            with translate_aws_errors("DeleteItem"):
                self._client.delete_item(
                    TableName=self._table, Key=encode_item({"record": record, "step": step})
                )
            removed += 1
        return removed

    def _steps(self, record: str) -> list[str]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="#record = :record",
            ExpressionAttributeNames={"#record": "record"},
            ExpressionAttributeValues=encode_item({":record": record}),
            # One more than the most, to see that there are more.
            PaginationConfig={"MaxItems": MAX_ENTRIES + 1},
        )
        with translate_aws_errors("Query"):
            steps = [str(decode_item(item)["step"]) for page in pages for item in page["Items"]]
        if len(steps) > MAX_ENTRIES:
            raise TooLarge(
                f"{self._table} has more than {MAX_ENTRIES} entries of one record", BY_HAND
            )
        return steps


def scan_table(client: "DynamoDBClient", table: str) -> Iterator[Item]:
    """Yield all items of a table, page by page.

    Raises UpstreamError, and TooLarge after ``MAX_PAGES``.
    """
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    with translate_aws_errors("Scan"):
        for number, page in enumerate(pages):
            if number >= MAX_PAGES:
                raise TooLarge(
                    f"{table} has more than {MAX_PAGES} MB, which is not looked through", BY_HAND
                )
            yield from map(decode_item, page["Items"])


def _journal_records(subject: Subject) -> list[str]:
    if subject.partner is not None:
        return []
    return [
        *(f"members/{one}" for one in sorted(subject.members)),
        *(f"contacts/{one}" for one in sorted(subject.contacts)),
    ]


def item_texts(item: Item) -> Iterator[str]:
    """Yield the texts of a table item.

    Its numbers are left out: they are times, versions and counts.
    """
    for value in item.values():
        if isinstance(value, frozenset):
            yield from sorted(value)
        elif isinstance(value, str):
            yield value


def _delete(client: "DynamoDBClient", table: str, key: str, ids: Iterable[str]) -> int:
    wanted = list(ids)
    delete_items(client, table, key, wanted)
    return len(wanted)
