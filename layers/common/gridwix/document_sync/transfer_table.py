"""DynamoDB table of the documents' file transfers: one item per document, key ``document``.

The sparse index ``waiting`` holds the documents with an unfinished file transfer.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.batches import read_items
from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_attribute
from gridwix.clients.aws.items import Value, decode_item, encode_item
from gridwix.clients.aws.repeats import REPORT_STORED, new_mark, was_carried_out
from gridwix.document_sync.ports import TransferStore
from gridwix.document_sync.transfers import Transfer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "waiting"
WAITING = "yes"
MOST_WAITING = 500


class DynamoDBTransfers(TransferStore):
    """Store of documents' file transfers in DynamoDB, with optimistic locking on their revision.

    The index ``waiting`` is eventually consistent, so it may still list a document with a finished
    transfer. Working on such a document again is idempotent.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read_transfers(self, document_ids: Collection[str]) -> Mapping[str, Transfer]:
        return {
            item["document"]: Transfer.model_validate_json(item["transfer"])
            for item in read_items(self._client, self._table, "document", document_ids)
        }

    def unfinished_ids(self) -> Sequence[str]:
        found: list[str] = []
        position: Any = {}
        while len(found) < MOST_WAITING:
            with translate_aws_errors("Query"):
                response = self._client.query(
                    TableName=self._table,
                    IndexName=INDEX,
                    KeyConditionExpression="waiting = :yes",
                    ExpressionAttributeValues=encode_item({":yes": WAITING}),
                    Limit=MOST_WAITING - len(found),
                    **position,
                )
            found += [decode_item(item)["document"] for item in response["Items"]]
            if "LastEvaluatedKey" not in response:
                break
            position = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
        return found

    def save_transfer(self, transfer: Transfer) -> Transfer | None:
        saved = transfer.model_copy(update={"revision": transfer.revision + 1})
        mark = new_mark()
        item: dict[str, Value] = {
            "document": saved.document_id,
            "revision": saved.revision,
            "transfer": saved.model_dump_json(),
            **schema_attribute(ItemKind.TRANSFER),
            **mark,
        }
        # Without the attribute the item is not in the index.
        if saved.is_unfinished:
            item["waiting"] = WAITING
        is_new: Any = {"ConditionExpression": "attribute_not_exists(revision)"}
        is_newest: Any = {
            "ConditionExpression": "revision = :revision",
            "ExpressionAttributeValues": encode_item({":revision": transfer.revision}),
        }
        with translate_aws_errors("PutItem"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=encode_item(item),
                    **(is_newest if transfer.revision else is_new),
                    **REPORT_STORED,
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                return saved if was_carried_out(error, mark) else None
        return saved
