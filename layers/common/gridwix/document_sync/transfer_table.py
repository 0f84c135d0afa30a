"""What is known of documents' files, in DynamoDB: one item for each document under the key ``document``; the index ``waiting`` has those of which something is
still to be done."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.batches import read_items
from gridwix.clients.aws.boto import aws_errors
from gridwix.document_sync.transfers import Transfer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "waiting"
WAITING = "yes"
MOST_WAITING = 500


class DynamoDBTransfers:
    """The semantics are those of ``gridwix.document_sync.ports.TransferStore``. The index lags behind by moments, so a document may show in it again after it
    was done; doing it again changes nothing."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read(self, ids: Collection[str]) -> Mapping[str, Transfer]:
        return {item["document"]["S"]: Transfer.model_validate_json(item["transfer"]["S"]) for item in read_items(self._client, self._table, "document", ids)}

    def waiting(self) -> Sequence[str]:
        found: list[str] = []
        position: Any = {}
        while len(found) < MOST_WAITING:
            with aws_errors("Query"):
                answer = self._client.query(
                    TableName=self._table,
                    IndexName=INDEX,
                    KeyConditionExpression="waiting = :yes",
                    ExpressionAttributeValues={":yes": {"S": WAITING}},
                    Limit=MOST_WAITING - len(found),
                    **position,
                )
            found += [item["document"]["S"] for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                break
            position = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return found

    def save(self, transfer: Transfer) -> Transfer | None:
        saved = transfer.model_copy(update={"revision": transfer.revision + 1})
        item: Any = {"document": {"S": saved.document_id}, "revision": {"N": str(saved.revision)}, "transfer": {"S": saved.model_dump_json()}}
        if saved.waits:
            item["waiting"] = {"S": WAITING}
        is_new: Any = {"ConditionExpression": "attribute_not_exists(revision)"}
        is_newest: Any = {"ConditionExpression": "revision = :revision", "ExpressionAttributeValues": {":revision": {"N": str(transfer.revision)}}}
        with aws_errors("PutItem"):
            try:
                self._client.put_item(TableName=self._table, Item=item, **(is_newest if transfer.revision else is_new))
            except self._client.exceptions.ConditionalCheckFailedException:
                return None
        return saved
