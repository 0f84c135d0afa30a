"""DynamoDB batch reads and writes.

Keys and items that DynamoDB returns as unprocessed are retried: up to ``ROUNDS`` calls per batch.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import batched
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.error_codes import SYSTEM
from gridwix.clients.aws.items import Item, Value, decode_item, encode_item
from gridwix.errors import Throttled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

MAX_READ = 100
"""Maximum number of keys in one BatchGetItem."""

MAX_WRITE = 25
"""Maximum number of requests in one BatchWriteItem."""

ROUNDS = 5
"""Maximum number of calls for one chunk, the first included."""


def read_items(
    client: "DynamoDBClient",
    table: str,
    key: str,
    values: Iterable[str],
    *,
    consistent: bool = True,
) -> Iterator[Item]:
    """Yield the items of a table that have the given keys, in no order. Missing items are skipped.

    Args:
        client: A boto3 client.
        table: Name of the table.
        key: Name of the table's partition key, a string. The table has no sort key.
        values: Values of the partition key. Duplicates are read once.
        consistent: Strongly consistent read. False costs half as much and may miss a recent write.

    Raises:
        UpstreamError: DynamoDB failed. The error is Throttled if keys stay unprocessed.
    """
    for chunk in batched(dict.fromkeys(values), MAX_READ, strict=False):
        pending: Any = {
            table: {
                "Keys": [encode_item({key: value}) for value in chunk],
                "ConsistentRead": consistent,
            }
        }
        for _ in range(ROUNDS):
            with translate_aws_errors("BatchGetItem"):
                response = client.batch_get_item(RequestItems=pending)
            yield from map(decode_item, response["Responses"].get(table, []))
            pending = response.get("UnprocessedKeys", {})
            if not pending:
                break
        else:
            raise Throttled("BatchGetItem: keys stayed unprocessed", system=SYSTEM)


def put_items(client: "DynamoDBClient", table: str, items: Iterable[Mapping[str, Value]]) -> None:
    """Insert or replace items in a table, in batches. No two of ``items`` may have the same key.

    Raises UpstreamError if DynamoDB fails, Throttled if items stay unprocessed after all retries.
    Some items may have been written then.
    """
    _write_requests(client, table, [{"PutRequest": {"Item": encode_item(item)}} for item in items])


def delete_items(client: "DynamoDBClient", table: str, key: str, values: Iterable[str]) -> None:
    """Delete the items of a table that have the given keys. A missing item is no error.

    ``key`` is the name of the partition key, ``values`` are its values. Raises UpstreamError if
    DynamoDB fails, Throttled if keys stay unprocessed after all retries. Some items may have been
    deleted then.
    """
    _write_requests(
        client,
        table,
        [{"DeleteRequest": {"Key": encode_item({key: value})}} for value in dict.fromkeys(values)],
    )


def _write_requests(
    client: "DynamoDBClient", table: str, requests: "Iterable[WriteRequestTypeDef]"
) -> None:
    for chunk in batched(requests, MAX_WRITE, strict=False):
        pending: Any = {table: list(chunk)}
        for _ in range(ROUNDS):
            with translate_aws_errors("BatchWriteItem"):
                pending = client.batch_write_item(RequestItems=pending).get("UnprocessedItems", {})
            if not pending:
                break
        else:
            raise Throttled("BatchWriteItem: items stayed unprocessed", system=SYSTEM)
