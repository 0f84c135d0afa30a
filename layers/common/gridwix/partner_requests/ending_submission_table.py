"""Counts held submissions that DynamoDB's time to live is about to remove from the inbox's table.

A held submission waits for a person's review.
"""

from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.items import encode_item
from gridwix.partner_requests.ports import NOTICE, EndingSubmissions
from gridwix.partner_requests.submissions import HoldReason, Stage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_PAGES = 20
"""Maximum number of pages of 1 MB that one count reads, oldest submissions first: they end first as
a rule."""


class DynamoDBEndingSubmissions(EndingSubmissions):
    """Counts the held submissions that expire soon, by querying the index ``waiting``.

    A held submission waits for a person's review, and expires at the end of its time to live. To
    keep responses small, a query returns only the id of each item.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def count_ending(self, now: float) -> int:
        found = 0
        position: Any = {}
        for _ in range(MAX_PAGES):
            with translate_aws_errors("Query"):
                response = self._client.query(
                    TableName=self._table,
                    IndexName="waiting",
                    ProjectionExpression="id",
                    KeyConditionExpression="waiting = :held",
                    # An item of an earlier release may have no time to live: it does not end.
                    FilterExpression="expiration <= :until AND heldFor <> :spam",
                    ExpressionAttributeValues=encode_item(
                        {
                            ":held": Stage.HELD.value,
                            ":until": int(now + NOTICE.total_seconds()),
                            ":spam": HoldReason.HONEYPOT.value,
                        }
                    ),
                    **position,
                )
            found += len(response["Items"])
            following = response.get("LastEvaluatedKey")
            if following is None:
                break
            position = {"ExclusiveStartKey": following}
        return found
