"""Creates the gateway's table in a stand-in of DynamoDB."""

from typing import Any

from botocore.client import BaseClient


def create_table(client: BaseClient, name: str) -> None:
    """Create the table with the keys and indexes of ``gateway/template.yaml``."""
    any_client: Any = client
    attributes = ("pk", "sk", "listKey", "partnerKey", "sortKey")
    any_client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes
        ],
        KeySchema=_key_schema("pk", "sk"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": _key_schema(f"{index}Key", "sortKey"),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in ("list", "partner")
        ],
    )


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
