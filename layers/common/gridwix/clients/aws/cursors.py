"""Cursors that survive the function, in DynamoDB: one item per cursor under the key ``name``."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from gridwix.clients.aws.boto import aws_errors
from gridwix.models.cursors import FeedCursor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


class DynamoDBCursorStore:
    """The semantics are those of ``gridwix.ports.CursorStore``. ``updatedAt`` (Unix seconds) says when a cursor was last moved or confirmed.

    An advance that AWS carried out but whose answer was lost may be reported as None: the reader reads the cursor again and goes on from there.
    """

    def __init__(self, client: "DynamoDBClient", table: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def read(self, name: str) -> FeedCursor:
        """As the port says. Raises :class:`gridwix.errors.UpstreamError`."""
        with aws_errors("GetItem"):
            answer = self._client.get_item(TableName=self._table, Key={"name": {"S": name}}, ConsistentRead=True)
        item = answer.get("Item")
        if item is None:
            return FeedCursor()
        return FeedCursor(
            cursor=item["cursor"]["S"] if "cursor" in item else None,
            resyncing=item["resyncing"]["BOOL"],
            listing=item["listing"]["S"] if "listing" in item else None,
            revision=int(item["revision"]["N"]),
        )

    def advance(self, name: str, cursor: FeedCursor) -> FeedCursor | None:
        """As the port says. Raises :class:`gridwix.errors.UpstreamError`."""
        advanced = replace(cursor, revision=cursor.revision + 1)
        return advanced if self._put(name, advanced, over=cursor.revision) else None

    def confirm(self, name: str, cursor: FeedCursor) -> None:
        """As the port says. Raises :class:`gridwix.errors.UpstreamError`."""
        # The revision stays, so that a reader that has found something meanwhile can still advance.
        self._put(name, cursor, over=cursor.revision)

    def read_at(self, name: str) -> float | None:
        """When a cursor was last moved or confirmed (Unix seconds); None if it is not stored. Raises :class:`gridwix.errors.UpstreamError`."""
        with aws_errors("GetItem"):
            item = self._client.get_item(TableName=self._table, Key={"name": {"S": name}}, ConsistentRead=True).get("Item", {})
        return float(item["updatedAt"]["N"]) if "updatedAt" in item else None

    def _put(self, name: str, cursor: FeedCursor, *, over: int) -> bool:
        """Store a cursor if the stored revision is ``over`` (0: nothing is stored); whether it was."""
        item: dict[str, AttributeValueTypeDef] = {
            "name": {"S": name},
            "resyncing": {"BOOL": cursor.resyncing},
            "revision": {"N": str(cursor.revision)},
            "updatedAt": {"N": repr(self._clock())},
        }
        if cursor.cursor is not None:
            item["cursor"] = {"S": cursor.cursor}
        if cursor.listing is not None:
            item["listing"] = {"S": cursor.listing}
        with aws_errors("PutItem"):
            try:
                if over == 0:
                    self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(revision)")
                else:
                    self._client.put_item(
                        TableName=self._table,
                        Item=item,
                        ConditionExpression="revision = :revision",
                        ExpressionAttributeValues={":revision": {"N": str(over)}},
                    )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True
