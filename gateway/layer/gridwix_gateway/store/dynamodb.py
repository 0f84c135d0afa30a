"""Implements the gateway's table on DynamoDB, with botocore."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import batched
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from gridwix_gateway.store.table import (
    Index,
    Item,
    Key,
    Outrun,
    Table,
    Throttled,
    Transaction,
    Value,
)

COUNTER = Key("counter", "-")

MAX_KEYS = 100
"""Maximum number of keys in one BatchGetItem (DynamoDB's limit)."""

ROUNDS = 5
"""Maximum calls for one chunk of keys: DynamoDB returns at most 16 MB per call, and the rest is
requested again.
"""

THROTTLES = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
    }
)
"""Error codes of DynamoDB for throttled requests, which may be retried."""

RACES = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
"""Cancellation reasons of a transaction that lost against another commit."""

CAPACITY = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})
"""Cancellation reasons of a transaction that was throttled, which may be retried."""


class DynamoTable(Table):
    """The gateway's table as a DynamoDB table.

    Args:
        client: botocore's client, which retries requests that are safe to repeat. The transaction's
            token makes a commit safe to repeat.
        name: The table's name.
    """

    def __init__(self, client: BaseClient, name: str) -> None:
        self._client: Any = client
        self._name = name

    def get(self, key: Key) -> Item | None:
        return self.get_with_time(key)[0]

    def get_with_time(self, key: Key) -> tuple[Item | None, datetime]:
        response = self._call("get_item", Key=_marshal_key(key), ConsistentRead=True)
        item = response.get("Item")
        return (None if item is None else unmarshal_item(item)), _server_time(response)

    def get_many(self, keys: Collection[Key]) -> Mapping[Key, Item]:
        found: dict[Key, Item] = {}
        for chunk in batched(dict.fromkeys(keys), MAX_KEYS, strict=False):
            pending: Any = {"Keys": [_marshal_key(key) for key in chunk], "ConsistentRead": True}
            for _ in range(ROUNDS):
                response = self._client_call("batch_get_item", RequestItems={self._name: pending})
                for item in map(unmarshal_item, response["Responses"].get(self._name, [])):
                    found[Key(str(item["pk"]), str(item["sk"]))] = item
                pending = response.get("UnprocessedKeys", {}).get(self._name)
                if not pending:
                    break
            else:
                raise Throttled
        return found

    def query(
        self, pk: str, *, after: str = "", limit: int, backwards: bool = False
    ) -> Sequence[Item]:
        condition, values = "pk = :pk", {":pk": {"S": pk}}
        if after:
            condition += f" AND sk {'<' if backwards else '>'} :after"
            values[":after"] = {"S": after}
        response = self._call(
            "query",
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
            ScanIndexForward=not backwards,
            Limit=limit,
        )
        return [unmarshal_item(item) for item in response["Items"]]

    def query_index(
        self, index: Index, partition: str, *, since: str = "", after: str = "", limit: int
    ) -> Sequence[Item]:
        name, comparison = f"{index}Key", ">" if after else ">="
        response = self._call(
            "query",
            IndexName=index,
            KeyConditionExpression=f"{name} = :partition AND sortKey {comparison} :sort",
            ExpressionAttributeValues={
                ":partition": {"S": partition},
                ":sort": {"S": after or since or " "},
            },
            Limit=limit,
        )
        return [unmarshal_item(item) for item in response["Items"]]

    def put(self, item: Item, *, if_absent: bool = False) -> bool:
        condition = {"ConditionExpression": "attribute_not_exists(pk)"} if if_absent else {}
        return self._put_if(item, condition)

    def replace(self, item: Item, attribute: str, expected: Value) -> bool:
        condition = {
            "ConditionExpression": "#attribute = :expected",
            "ExpressionAttributeNames": {"#attribute": attribute},
            "ExpressionAttributeValues": {":expected": _marshal_value(expected)},
        }
        return self._put_if(item, condition)

    def delete(self, key: Key) -> None:
        self._call("delete_item", Key=_marshal_key(key))

    def commit(self, transaction: Transaction) -> None:
        writes = [
            _counter_write(self._name, transaction),
            *(
                {"Put": {"TableName": self._name, "Item": marshal_item(i)}}
                for i in transaction.puts
            ),
            *(
                {"Delete": {"TableName": self._name, "Key": _marshal_key(key)}}
                for key in transaction.deletes
            ),
        ]
        try:
            self._client.transact_write_items(
                TransactItems=writes, ClientRequestToken=transaction.token
            )
        except ClientError as error:
            raise _commit_error(error) from error

    def _put_if(self, item: Item, condition: Mapping[str, Any]) -> bool:
        try:
            self._call(
                "put_item",
                Item=marshal_item(item),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **condition,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return _was_carried_out(error, item)
        return True

    def _call(self, operation: str, **arguments: Any) -> Any:
        return self._client_call(operation, TableName=self._name, **arguments)

    def _client_call(self, operation: str, **arguments: Any) -> Any:
        try:
            return getattr(self._client, operation)(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] in THROTTLES:
                raise Throttled from error
            raise


def marshal_item(item: Item) -> Mapping[str, Mapping[str, str | bytes]]:
    """Return an item in DynamoDB's JSON format.

    >>> marshal_item({"pk": "counter", "sequence": 7})
    {'pk': {'S': 'counter'}, 'sequence': {'N': '7'}}
    """
    return {name: _marshal_value(value) for name, value in item.items()}


def unmarshal_item(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """Return an item of texts, integers and bytes from an item in DynamoDB's JSON format."""
    return {name: _unmarshal_value(value) for name, value in item.items()}


def _marshal_value(value: Value) -> Mapping[str, str | bytes]:
    if isinstance(value, str):
        return {"S": value}
    return {"B": value} if isinstance(value, bytes) else {"N": str(value)}


def _unmarshal_value(value: Mapping[str, Any]) -> Value:
    ((kind, content),) = value.items()
    found: Value = int(content) if kind == "N" else content
    return found


def _marshal_key(key: Key) -> Mapping[str, Mapping[str, str | bytes]]:
    return marshal_item({"pk": key.pk, "sk": key.sk})


def _counter_write(table: str, transaction: Transaction) -> Mapping[str, Any]:
    step = transaction.step
    if step.expected:
        condition: dict[str, Any] = {
            "ConditionExpression": "commits = :expected",
            "ExpressionAttributeValues": {":expected": {"N": str(step.expected)}},
        }
    else:
        condition = {"ConditionExpression": "attribute_not_exists(pk)"}
    return {"Put": {"TableName": table, "Item": marshal_item(step.item), **condition}}


def _commit_error(error: ClientError) -> Exception:
    """Return the exception to raise for a transaction that DynamoDB has not carried out.

    Outrun if another commit came first, Throttled if DynamoDB has no capacity now, or else the
    error itself.
    """
    code = error.response["Error"]["Code"]
    if code in {"TransactionConflictException", "TransactionInProgressException"}:
        return Outrun()
    if code in THROTTLES:
        return Throttled()
    if code != "TransactionCanceledException":
        return error
    cancelled = error.response.get("CancellationReasons", [])
    reasons = {reason.get("Code") for reason in cancelled} - {"None", None}
    if reasons & RACES:
        return Outrun()
    return Throttled() if reasons and reasons <= CAPACITY else error


def _was_carried_out(error: ClientError, item: Item) -> bool:
    """Return whether a conditional write had in fact succeeded, although its condition failed.

    botocore retries a request after a lost response. The retry then fails, because the first
    request was carried out.
    """
    response: Mapping[str, Any] = error.response
    if not response["ResponseMetadata"].get("RetryAttempts"):
        return False
    return unmarshal_item(response.get("Item", {})) == item


def _server_time(response: Mapping[str, Any]) -> datetime:
    """Return the time of DynamoDB's server, from the response's header ``Date``, in whole seconds.

    An emulator of DynamoDB may send no ``Date``: then this machine's time is returned.
    """
    date = response["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    return datetime.now(UTC) if date is None else parsedate_to_datetime(date)
