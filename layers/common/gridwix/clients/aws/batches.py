"""DynamoDB's calls for many items, until everything is read or written that DynamoDB leaves out of one call."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import batched
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.answers import SYSTEM
from gridwix.clients.aws.boto import aws_errors
from gridwix.errors import Throttled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

MAX_READ = 100
"""Most items in one BatchGetItem."""

MAX_WRITE = 25
"""Most requests in one BatchWriteItem."""

ROUNDS = 5
"""How often DynamoDB is asked for what it left out of one call."""


def read_items(client: "DynamoDBClient", table: str, key: str, values: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The items of a table whose key has one of these values, as of now (strongly consistent), in no order. Raises UpstreamError; Throttled if some stay
    unprocessed."""
    for chunk in batched(dict.fromkeys(values), MAX_READ, strict=False):
        pending: Any = {table: {"Keys": [{key: {"S": value}} for value in chunk], "ConsistentRead": True}}
        for _ in range(ROUNDS):
            with aws_errors("BatchGetItem"):
                answer = client.batch_get_item(RequestItems=pending)
            yield from answer["Responses"].get(table, [])
            pending = answer.get("UnprocessedKeys", {})
            if not pending:
                break
        else:
            raise Throttled("BatchGetItem: keys stayed unprocessed", system=SYSTEM)


def write_requests(client: "DynamoDBClient", table: str, requests: "Iterable[WriteRequestTypeDef]") -> None:
    """Put and delete items of a table. Raises UpstreamError; Throttled if some stay unprocessed. Some may be carried out then."""
    for chunk in batched(requests, MAX_WRITE, strict=False):
        pending: Any = {table: list(chunk)}
        for _ in range(ROUNDS):
            with aws_errors("BatchWriteItem"):
                pending = client.batch_write_item(RequestItems=pending).get("UnprocessedItems", {})
            if not pending:
                break
        else:
            raise Throttled("BatchWriteItem: items stayed unprocessed", system=SYSTEM)
