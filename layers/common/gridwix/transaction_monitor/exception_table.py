"""The last reported state of each process, in DynamoDB: one item per process under the key ``process``, with its ``kind``."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from gridwix.clients.aws.batches import read_items, write_requests

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

KEPT_SECONDS = 90 * 24 * 3600
"""Seconds for which a state is kept after it was last recorded."""


class DynamoDBKnownExceptions:
    """The semantics are those of ``gridwix.transaction_monitor.ports.KnownExceptions``. Methods raise UpstreamError; some may be recorded then."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read(self, processes: Collection[str]) -> Mapping[str, str]:
        return {item["process"]["S"]: item["kind"]["S"] for item in read_items(self._client, self._table, "process", processes)}

    def record(self, exceptions: Mapping[str, str], *, at: float) -> None:
        expires = str(int(at) + KEPT_SECONDS)
        requests: list[WriteRequestTypeDef] = [
            {"PutRequest": {"Item": {"process": {"S": process}, "kind": {"S": kind}, "at": {"N": repr(at)}, "expiresAt": {"N": expires}}}}
            for process, kind in exceptions.items()
        ]
        write_requests(self._client, self._table, requests)
