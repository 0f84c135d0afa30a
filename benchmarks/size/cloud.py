"""A model of AWS that accepts everything: it counts requests, and keeps the documents of a run on
disk.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from benchmarks.cost.billing import item_size
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.models.events import Change


class Ledger:
    """DynamoDB client with an empty table. ``largest`` is the size of the largest written item, in
    bytes.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.largest = 0

    def update_item(self, **request: Any) -> dict[str, Any]:
        self.calls["UpdateItem"] += 1
        self.largest = max(self.largest, item_size(request["ExpressionAttributeValues"]))
        return {}

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        self.calls["BatchGetItem"] += 1
        return {"Responses": dict.fromkeys(request["RequestItems"], ())}

    def adapter(self) -> DynamoDBLedger:
        """Return the functions' own ledger adapter over this table."""
        client: Any = self
        return DynamoDBLedger(client, "ledger")


class Bus:
    """EventBridge client that only counts events."""

    def __init__(self) -> None:
        self.events = 0

    def put(self, changes: Sequence[Change]) -> None:
        self.events += len(changes)


class Queue:
    """SQS queue that holds the messages of a run in their wire format. ``depth`` is its greatest
    length.
    """

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.depth = 0

    def send(self, page: BaseModel) -> None:
        self.messages.append(page.model_dump_json(by_alias=True, exclude_none=True))
        self.depth = max(self.depth, len(self.messages))


class Documents:
    """The S3 bucket of reports: one file on disk for each object."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.calls: Counter[str] = Counter()
        self.most_reads = 0
        self._reads = 0
        self.largest = 0

    def begin_message(self) -> None:
        """Reset the count of reads, at the beginning of a message."""
        self._reads = 0

    def read_document(self, name: str) -> str | None:
        self.calls["GetObject"] += 1
        self._reads += 1
        self.most_reads = max(self.most_reads, self._reads)
        path = self._folder / name.replace("/", "~")
        return path.read_text() if path.exists() else None

    def write(self, name: str, text: str) -> None:
        self.calls["PutObject"] += 1
        self.largest = max(self.largest, len(text))
        (self._folder / name.replace("/", "~")).write_text(text)
