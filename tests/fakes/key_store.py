"""DynamoDB with keys alone, in SQLite: an index lookup costs the same in a table of any size.

moto and the local cloud read a whole table to answer a query of an index, so neither can hold a
million rows and show what a lookup among them costs. Here requests of a real boto3 client are
answered from a B-tree, before they are sent. Only ``Query`` by one key and ``BatchGetItem`` have an
answer: a scan fails.
"""

import io
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config

from gridwix.clients.aws.items import Value, encode_item
from tests.fakes.aws import REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAGE_BYTES = 1_000_000
"""Most bytes of items that one query reads, as on AWS."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a table or of an index of it. ``sort`` is "" if there is no sort key."""

    partition: str
    sort: str = ""


class _Body(io.BytesIO):
    """A response body, as botocore reads one."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class KeyStore:
    """Tables that are read by key.

    ``requests`` counts the requests by operation; ``items_read`` the items that they have read,
    which is what AWS bills.

    Args:
        path: File of the database; None keeps it in memory.
        seconds: Time that each request takes.
    """

    def __init__(self, path: Path | None = None, seconds: float = 0.0) -> None:
        self.requests: Counter[str] = Counter()
        self.items_read = 0
        self.seconds = seconds
        self._lock = Lock()
        self._added = 1
        self._keys: dict[str, Mapping[str, Keys]] = {}
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._database.execute("PRAGMA synchronous = OFF")

    def create_table(self, name: str, keys: Keys, indexes: Mapping[str, Keys]) -> None:
        """Create a table and its indexes."""
        self._keys[name] = {"": keys, **indexes}
        self._database.execute(f'CREATE TABLE "{name}" (item TEXT)')
        for index in self._keys[name]:
            self._database.execute(
                f'CREATE TABLE "{name}/{index}"'
                " (partition TEXT, sort TEXT, place INTEGER, PRIMARY KEY (partition, sort, place))"
                " WITHOUT ROWID"
            )

    def add(self, name: str, items: Iterable[Mapping[str, Value]]) -> None:
        """Add items, whose keys must be new. An item without an index's key is not in the index."""
        for some in batched(items, 10_000, strict=False):
            numbered = list(enumerate(some, self._added))
            self._added += len(numbered)
            self._database.executemany(
                f'INSERT INTO "{name}" (rowid, item) VALUES (?, ?)',
                (
                    (place, json.dumps(encode_item(item), separators=(",", ":")))
                    for place, item in numbered
                ),
            )
            for index, keys in self._keys[name].items():
                self._database.executemany(
                    f'INSERT INTO "{name}/{index}" VALUES (?, ?, ?)',
                    (
                        (item[keys.partition], item.get(keys.sort, ""), place)
                        for place, item in numbered
                        if keys.partition in item
                    ),
                )
        self._database.commit()

    def client(self) -> "DynamoDBClient":
        """Return a boto3 client whose requests are answered here."""
        client: DynamoDBClient = boto3.client(
            "dynamodb",
            region_name=REGION,
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )
        # botocore sends nothing if a handler returns a response; its types do not say so.
        respond: Any = self._respond
        client.meta.events.register("before-send.dynamodb", respond)
        return client

    def _respond(self, request: AWSRequest, **_: Any) -> AWSResponse:
        target: Any = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        body = json.loads(request.body)
        time.sleep(self.seconds)
        with self._lock:
            self.requests[operation] += 1
            answers = {"Query": self._query, "BatchGetItem": self._batch_get}
            answer = json.dumps(answers[operation](body)).encode()
        headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url or "", 200, headers, _Body(answer))

    def _query(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        assert body["KeyConditionExpression"] == "#key = :value", body
        name, index = body["TableName"], body.get("IndexName", "")
        keys = self._keys[name][index]
        assert body["ExpressionAttributeNames"] == {"#key": keys.partition}, body
        order, beyond = ("ASC", ">") if body.get("ScanIndexForward", True) else ("DESC", "<")
        start = body.get("ExclusiveStartKey")
        place = "" if start is None else f" AND (k.sort, k.place) {beyond} (?, ?)"
        rows = self._database.execute(
            f'SELECT t.item, k.sort, k.place FROM "{name}/{index}" k'
            f' JOIN "{name}" t ON t.rowid = k.place WHERE k.partition = ?{place}'
            f" ORDER BY k.sort {order}, k.place {order} LIMIT ?",
            [
                body["ExpressionAttributeValues"][":value"]["S"],
                *([] if start is None else [start["sort"]["S"], int(start["place"]["N"])]),
                body.get("Limit", -1),
            ],
        )
        items, size, last = [], 0, None
        for text, sort, number in rows:
            items.append(json.loads(text))
            last, size = (sort, number), size + len(text)
            if size > PAGE_BYTES:
                break
        else:
            last = last if len(items) == body.get("Limit") else None
        self.items_read += len(items)
        following = {} if last is None else {"sort": {"S": last[0]}, "place": {"N": str(last[1])}}
        return {
            "Items": items,
            "Count": len(items),
            "ScannedCount": len(items),
            **({"LastEvaluatedKey": following} if following else {}),
        }

    def _batch_get(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        found: dict[str, list[Any]] = {}
        for name, wanted in body["RequestItems"].items():
            keys = self._keys[name][""]
            for key in wanted["Keys"]:
                rows = self._database.execute(
                    f'SELECT t.item FROM "{name}/" k'
                    f' JOIN "{name}" t ON t.rowid = k.place WHERE k.partition = ?',
                    (key[keys.partition]["S"],),
                )
                found.setdefault(name, []).extend(json.loads(text) for (text,) in rows)
        self.items_read += sum(map(len, found.values()))
        return {"Responses": found, "UnprocessedKeys": {}}
