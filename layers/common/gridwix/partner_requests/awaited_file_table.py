"""Finds the uploaded files that open and held submissions still need, in the inbox's table.

The inbox is the store of submissions that wait for delivery or review.
"""

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, override

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.items import encode_item
from gridwix.partner_requests.ports import AwaitedFiles
from gridwix.partner_requests.submission_items import ROW_DUE
from gridwix.partner_requests.submissions import Stage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROUNDS = 2
"""Number of times that all stages are read: a submission that moves from one stage to another
meanwhile, as when an operator releases it, may be missed once, and the index lags a moment."""

_WORD = re.compile(r"[A-Za-z0-9._:~-]+")
"""Pattern of a file's id, as the portal's backend accepts it."""


class DynamoDBAwaitedFiles(AwaitedFiles):
    """Finds the file ids that occur in the stored submissions, so that these files are kept.

    It reads the items of the table's index ``waiting``, and searches every text in them. Items are
    not parsed, so the files of an item that this release cannot read are found as well.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    @override
    def awaited(self, file_ids: Collection[str]) -> frozenset[str]:
        plain = {one for one in file_ids if _WORD.fullmatch(one)}
        others = set(file_ids) - plain
        found: set[str] = set()
        for _ in range(ROUNDS):
            for waiting in (Stage.OPEN.value, Stage.HELD.value, ROW_DUE):
                for text in self._read_texts(waiting):
                    found |= plain.intersection(_WORD.findall(text))
                    found |= {one for one in others if one in text}
        return frozenset(found)

    def _read_texts(self, waiting: str) -> Iterator[str]:
        position: Any = {}
        while True:
            with translate_aws_errors("Query"):
                response = self._client.query(
                    TableName=self._table,
                    IndexName="waiting",
                    KeyConditionExpression="waiting = :waiting",
                    ExpressionAttributeValues=encode_item({":waiting": waiting}),
                    **position,
                )
            yield from _texts(response["Items"])
            following = response.get("LastEvaluatedKey")
            if following is None:
                return
            position = {"ExclusiveStartKey": following}


def _texts(value: object) -> Iterator[str]:
    """Yield all texts in an item of DynamoDB, including those in nested attributes."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
