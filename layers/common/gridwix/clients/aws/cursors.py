"""DynamoDB adapter of the port :class:`gridwix.ports.CursorStore`: one item per cursor.

A cursor is the position of a reader in a feed or search. The key is ``name``. ``updatedAt`` (Unix
seconds) is the time at which the cursor was last advanced or confirmed.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_attribute
from gridwix.clients.aws.items import Item, Value, decode_item, encode_item, seconds_number
from gridwix.clients.aws.repeats import REPORT_STORED, was_carried_out
from gridwix.models.cursors import FeedCursor
from gridwix.ports import CursorStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDBCursorStore(CursorStore):
    """Stores cursors (positions of readers) with optimistic locking on each cursor's revision.

    An advance that botocore has retried after a lost response succeeds if the stored item equals
    the written one, including its time in microseconds. If another reader wrote the same cursor in
    the same microsecond, both readers continue from it, which repeats work and loses none. Methods
    raise :class:`gridwix.errors.UpstreamError` if DynamoDB fails.
    """

    def __init__(self, client: "DynamoDBClient", table: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def read_cursor(self, name: str) -> FeedCursor:
        item = self._get_item(name)
        if not item:
            return FeedCursor()
        return FeedCursor(
            cursor=item.get("cursor"),
            resyncing=item["resyncing"],
            listing=item.get("listing"),
            revision=int(item["revision"]),
        )

    def advance(self, name: str, cursor: FeedCursor) -> FeedCursor | None:
        advanced = replace(cursor, revision=cursor.revision + 1)
        return (
            advanced
            if self._put_cursor(name, advanced, expected_revision=cursor.revision)
            else None
        )

    def confirm(self, name: str, cursor: FeedCursor) -> None:
        # The revision stays, so that a reader that has found something meanwhile can still advance.
        self._put_cursor(name, cursor, expected_revision=cursor.revision)

    def update_time(self, name: str) -> float | None:
        """Return when a cursor was last advanced or confirmed, in Unix seconds.

        Returns None if no cursor with this name is stored.
        """
        updated_at = self._get_item(name).get("updatedAt")
        return None if updated_at is None else float(updated_at)

    def _get_item(self, name: str) -> Item:
        with translate_aws_errors("GetItem"):
            response = self._client.get_item(
                TableName=self._table, Key=encode_item({"name": name}), ConsistentRead=True
            )
        return decode_item(response.get("Item", {}))

    def _put_cursor(self, name: str, cursor: FeedCursor, *, expected_revision: int) -> bool:
        """Store a cursor if the stored cursor has the expected revision (0: no cursor is stored).

        Returns True if the cursor was stored, also by an earlier copy of the same request that
        botocore has retried; False if the stored cursor has another revision.
        """
        item: dict[str, Value] = {
            "name": name,
            "resyncing": cursor.resyncing,
            "revision": cursor.revision,
            "updatedAt": seconds_number(self._clock()),
            **schema_attribute(ItemKind.CURSOR),
        }
        if cursor.cursor is not None:
            item["cursor"] = cursor.cursor
        if cursor.listing is not None:
            item["listing"] = cursor.listing
        is_new: Any = {"ConditionExpression": "attribute_not_exists(revision)"}
        is_current: Any = {
            "ConditionExpression": "revision = :revision",
            "ExpressionAttributeValues": encode_item({":revision": expected_revision}),
        }
        with translate_aws_errors("PutItem"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=encode_item(item),
                    **(is_current if expected_revision else is_new),
                    **REPORT_STORED,
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                return was_carried_out(error, {"cursor": None, "listing": None, **item})
        return True
