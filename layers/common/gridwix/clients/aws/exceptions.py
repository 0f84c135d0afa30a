"""Which transactions are known to have gone wrong, in DynamoDB: one item per process under the key ``process``, with what is wrong as ``kind``."""

from collections.abc import Collection, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.answers import SYSTEM
from gridwix.clients.aws.boto import aws_errors
from gridwix.errors import Throttled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_READ = 100
"""Most items in one BatchGetItem."""

MAX_WRITE = 25
"""Most requests in one BatchWriteItem."""

ROUNDS = 5
"""How often DynamoDB is asked for what it left out of one call."""

KEPT_SECONDS = 90 * 24 * 3600
"""How long an exception is known after it was last recorded."""


class DynamoDBKnownExceptions:
    """The semantics are those of ``gridwix.services.ports.KnownExceptions``. Methods raise UpstreamError; some may be recorded then."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read(self, processes: Collection[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for chunk in batched(dict.fromkeys(processes), MAX_READ, strict=False):
            found.update((item["process"]["S"], item["kind"]["S"]) for item in self._items(chunk))
        return found

    def record(self, exceptions: Mapping[str, str], *, at: float) -> None:
        expires = str(int(at) + KEPT_SECONDS)
        requests = [
            {"PutRequest": {"Item": {"process": {"S": process}, "kind": {"S": kind}, "at": {"N": repr(at)}, "expiresAt": {"N": expires}}}}
            for process, kind in exceptions.items()
        ]
        for chunk in batched(requests, MAX_WRITE, strict=False):
            self._write({self._table: list(chunk)})

    def _items(self, processes: Sequence[str]) -> list[Any]:
        pending: Any = {self._table: {"Keys": [{"process": {"S": process}} for process in processes], "ConsistentRead": True}}
        items: list[Any] = []
        for _ in range(ROUNDS):
            with aws_errors("BatchGetItem"):
                answer = self._client.batch_get_item(RequestItems=pending)
            items += answer["Responses"].get(self._table, [])
            pending = answer.get("UnprocessedKeys", {})
            if not pending:
                return items
        raise Throttled("BatchGetItem: keys stayed unprocessed", system=SYSTEM)

    def _write(self, pending: Any) -> None:
        for _ in range(ROUNDS):
            with aws_errors("BatchWriteItem"):
                pending = self._client.batch_write_item(RequestItems=pending).get("UnprocessedItems", {})
            if not pending:
                return
        raise Throttled("BatchWriteItem: items stayed unprocessed", system=SYSTEM)
