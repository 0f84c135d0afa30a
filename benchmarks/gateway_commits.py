"""Benchmark: how fast a snapshot's rows are committed, beside DynamoDB's BatchWriteItem.

A first drop creates a record for each row. Then the same records are written into another table of
the local cloud in batches, without events, order or idempotence. The ratio tells what the
guarantees of commits cost; the rows per second are the local cloud's, not DynamoDB's.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.ports import RecordLookup
from gridwix_gateway.sources.files.service import FileSource
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.table import Item, Key, Transaction
from ops.local_cloud import local_cloud
from tests.fakes.gateway.memory_drops import MemoryDrops
from tests.fakes.gateway.tables import create_table

ROWS = 1_000
BATCH = 25
"""Number of items in a BatchWriteItem: DynamoDB's limit."""

LARGEST_RATIO = 3.0

DECLARATION = FilesDeclaration.model_validate(
    {
        "source": "files",
        "kind": "snapshot",
        "format": {"type": "csv", "delimiter": ";"},
        "key": ["buid"],
        "columns": {
            "buid": {"heading": "BUID", "type": "text", "required": True},
            "name": {"heading": "Name", "type": "text"},
            "country": {"heading": "Country", "type": "text"},
        },
        "records": [
            {
                "collection": "partners",
                "id": "row.buid",
                "fields": {
                    "name": "row.name",
                    "role": "'supplier'",
                    "status": "'active'",
                    "country": "row.country",
                },
            }
        ],
    }
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of the parts of a drop of ``rows`` rows into the gateway.

    Attributes:
        rows: Number of rows; each becomes a record.
        drop: Seconds of the whole drop: its plan, reads and commits.
        reads: Seconds of the calls that read items.
        commits: Seconds of the calls that commit.
        transactions: Number of commits.
        batches: Seconds in which the same records are written by BatchWriteItem.
    """

    rows: int
    drop: float
    reads: float
    commits: float
    transactions: int
    batches: float

    @property
    def ratio(self) -> float:
        """Duration of the commits divided by that of the batches."""
        return self.commits / self.batches


class _TimedTable(DynamoTable):
    def __init__(self, client: Any, name: str) -> None:
        super().__init__(client, name)
        self.reads = self.commits = 0.0
        self.transactions = 0

    def get(self, key: Key) -> Item | None:
        begun = time.perf_counter()
        item = super().get(key)
        self.reads += time.perf_counter() - begun
        return item

    def get_many(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        begun = time.perf_counter()
        items = super().get_many(keys)
        self.reads += time.perf_counter() - begun
        return items

    def commit(self, transaction: Transaction) -> None:
        begun = time.perf_counter()
        super().commit(transaction)
        self.commits += time.perf_counter() - begun
        self.transactions += 1


class _EveryRecord(RecordLookup):
    def known_ids(self, collection: str, identifiers: Collection[str]) -> Collection[str]:
        del collection
        return identifiers


def main() -> None:
    """Print the measurements of a drop. Exits with 1 if the limit is passed."""
    found = measure()
    print(f"a first drop of {found.rows:,} rows, committed to the local cloud")
    print(
        f"  the drop         {found.rows / found.drop:7.0f} rows/s"
        f"  (reads take {found.reads / found.drop:.0%} of the time)"
    )
    print(
        f"  its commits      {found.rows / found.commits:7.0f} rows/s"
        f"  ({found.transactions} transactions)"
    )
    print(f"  BatchWriteItem   {found.rows / found.batches:7.0f} rows/s")
    print(f"  ratio            {found.ratio:7.2f}        goal: below {LARGEST_RATIO}")
    if found.ratio > LARGEST_RATIO:
        raise SystemExit(f"over the limit of {LARGEST_RATIO} times")


def measure(rows: int = ROWS) -> Figures:
    """Commit a drop of ``rows`` rows, write the same records in batches, and return the figures.

    Args:
        rows: Number of rows.
    """
    with TemporaryDirectory() as run, local_cloud(Path(run), enforce_iam=False) as cloud:
        client: Any = cloud.aws().dynamodb
        create_table(client, "gateway")
        create_table(client, "plain")
        table = _TimedTable(client, "gateway")
        seconds = _drop(table, rows)
        records = _stored_records(client)
        if len(records) != rows:
            raise SystemExit(f"the drop has stored {len(records)} of {rows} records")
        batches = _write_batches(client, records)
    return Figures(rows, seconds, table.reads, table.commits, table.transactions, batches)


def _drop(table: DynamoTable, rows: int) -> float:
    drops = MemoryDrops()
    source = FileSource(
        "tracker",
        DECLARATION,
        drops=drops,
        commits=Commits(table, "HUB", "t."),
        records=_EveryRecord(),
    )
    lines = (f"GC{number:07};Partner {number} Foods & Co.;US" for number in range(rows))
    content = "\n".join(["BUID;Name;Country", *lines, ""]).encode()
    drop = drops.add_drop("tracker/first.csv", content, datetime.now(UTC))
    begun = time.perf_counter()
    source.process_drop(drop)
    return time.perf_counter() - begun


def _stored_records(client: Any) -> Sequence[Any]:
    pages = client.get_paginator("scan").paginate(TableName="gateway")
    return [item for page in pages for item in page["Items"] if "listKey" in item]


def _write_batches(client: Any, records: Sequence[Any]) -> float:
    begun = time.perf_counter()
    for chunk in batched(records, BATCH, strict=False):
        puts = [{"PutRequest": {"Item": item}} for item in chunk]
        answer = client.batch_write_item(RequestItems={"plain": puts})
        if answer["UnprocessedItems"]:
            raise SystemExit("the local cloud has left items out")
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
