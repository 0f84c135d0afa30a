"""moto's AWS, one call at a time.

On AWS each call is atomic. In moto it is not, so threads take turns between calls, not within one.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from moto import mock_aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-west-1"
_table_numbers = count(1)


class OneAtATime:
    """A boto3 client whose calls are mutually exclusive.

    ``calls`` counts the calls of each method; ``before_call`` is called with the method's name.
    """

    def __init__(self, client: Any) -> None:
        self.calls: Counter[str] = Counter()
        self.before_call: Callable[[str], None] = lambda name: None
        self._client = client
        self._lock = Lock()

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        if not callable(attribute) or name == "get_paginator":
            return attribute

        def call(**arguments: Any) -> Any:
            self.before_call(name)
            with self._lock:
                self.calls[name] += 1
                return attribute(**arguments)

        return call


@contextmanager
def dynamodb() -> Iterator[OneAtATime]:
    """An empty DynamoDB."""
    with mock_aws():
        yield OneAtATime(
            boto3.client(
                "dynamodb", region_name=REGION, config=Config(retries={"total_max_attempts": 1})
            )
        )


def as_client(dynamodb: OneAtATime) -> "DynamoDBClient":
    return cast("DynamoDBClient", dynamodb)


def create_table(
    dynamodb: OneAtATime, key: str, *, index: tuple[str, str, str] | None = None
) -> str:
    """Create a table with one string key, and an index with two. Return the table's name."""
    name = f"table-{next(_table_numbers)}"
    keys = dict.fromkeys([key, *(index[1:] if index else ())])
    schema = index and [
        {"AttributeName": index[1], "KeyType": "HASH"},
        {"AttributeName": index[2], "KeyType": "RANGE"},
    ]
    indexes: Any = (
        {
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": index[0],
                    "KeySchema": schema,
                    "Projection": {"ProjectionType": "ALL"},
                }
            ]
        }
        if index
        else {}
    )
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in keys],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        **indexes,
    )
    return name


def create_journal_table(dynamodb: OneAtATime) -> str:
    """Create a table with the keys and indexes of ``JournalTable``. Return the table's name."""
    name = f"journal-{next(_table_numbers)}"
    indexes: Any = [
        {
            "IndexName": index,
            "KeySchema": [
                {"AttributeName": key, "KeyType": "HASH"},
                {"AttributeName": "step", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
        for index, key in (("events", "eventId"), ("partners", "partner"))
    ]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"}
            for key in ("record", "step", "eventId", "partner")
        ],
        KeySchema=[
            {"AttributeName": "record", "KeyType": "HASH"},
            {"AttributeName": "step", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=indexes,
    )
    return name


def create_configuration_table(dynamodb: OneAtATime) -> str:
    """Create a table with the keys of ``ConfigurationTable``. Return the table's name."""
    name = f"configuration-{next(_table_numbers)}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in ("part", "entry")
        ],
        KeySchema=[
            {"AttributeName": "part", "KeyType": "HASH"},
            {"AttributeName": "entry", "KeyType": "RANGE"},
        ],
    )
    return name
