"""AWS adapters for audience refreshes: DynamoDB store of their state, and the SQS queue.

An audience refresh resolves again which partners see which rows
(:mod:`gridwix.publication.audience_refreshes`). The state of a function's refreshes is an item of
the call budget's table, to which the function has access anyway. The item's key ``site`` is
``audience-refresh/`` and the function's name, which no Wix site has as its id.
"""

import json
from typing import TYPE_CHECKING, override

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_value
from gridwix.clients.aws.items import Value, decode_item, encode_item, seconds_number
from gridwix.models.events import TRADING_GRID_SOURCE, Change
from gridwix.publication.audience_refreshes import RefreshQueue, RefreshState, RefreshStates

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


class DynamoDBRefreshStates(RefreshStates):
    """Stores the state of one function's audience refreshes, with optimistic locking on a revision.

    An audience refresh resolves again which partners see which rows. If the response to a save is
    lost and botocore retries the save, ``save`` returns False although the state was stored. A
    caller that must know reads the state again.
    """

    def __init__(self, client: "DynamoDBClient", table: str, function: str) -> None:
        self._client = client
        self._table = table
        self._key = encode_item({"site": f"audience-refresh/{function}"})

    @override
    def read_state(self) -> RefreshState:
        with translate_aws_errors("GetItem"):
            response = self._client.get_item(
                TableName=self._table, Key=self._key, ConsistentRead=True
            )
        item = decode_item(response.get("Item", {}))
        if not item:
            return RefreshState()
        return RefreshState(
            pending=item["pending"],
            due_at=float(item["dueAt"]),
            began_at=float(item["beganAt"]),
            seconds=float(item["passSeconds"]),
            revision=int(item["revision"]),
        )

    @override
    def save(self, state: RefreshState) -> bool:
        values: dict[str, Value] = {
            ":pending": state.pending,
            ":due": seconds_number(state.due_at),
            ":began": seconds_number(state.began_at),
            ":seconds": seconds_number(state.seconds),
            ":next": state.revision + 1,
            **schema_value(ItemKind.AUDIENCE_REFRESH),
        }
        condition = "attribute_not_exists(revision)"
        if state.revision:
            condition, values[":revision"] = "revision = :revision", state.revision
        with translate_aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=self._key,
                    UpdateExpression=(
                        "SET pending = :pending, dueAt = :due, beganAt = :began,"
                        " passSeconds = :seconds, revision = :next, schemaVersion = :schema"
                    ),
                    ConditionExpression=condition,
                    ExpressionAttributeValues=encode_item(values),
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True


class SqsRefreshQueue(RefreshQueue):
    """Sends the delayed messages that start audience refreshes to a function's own SQS queue.

    An audience refresh resolves again which partners see which rows. A message has the shape of an
    event of the bus.
    """

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    @override
    def send(self, change: Change, *, delay: int) -> None:
        event = {
            "detail-type": change.type,
            "source": TRADING_GRID_SOURCE,
            "detail": change.model_dump(mode="json", by_alias=True, exclude_none=True),
        }
        with translate_aws_errors("SendMessage"):
            self._client.send_message(
                QueueUrl=self._queue_url, MessageBody=json.dumps(event), DelaySeconds=delay
            )
