"""A model of AWS for the functions of one run, which counts the billed units of each request.

DynamoDB is moto's. The bus has the rules of the template; bus, queues, secrets and objects are in
memory. A caller is identified by its access key, which is its name.
"""

import json
import re
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import monotonic
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from benchmarks.cost.billing import (
    CallTime,
    Usage,
    chunks,
    entry_size,
    index_write_units,
    item_size,
    read_units,
    write_units,
)
from benchmarks.cost.idle import function_name
from benchmarks.cost.prices import Item

REGION = "us-east-1"
_CALLER = re.compile(r"Credential=([^/]+)/")

_RETURNED = "Returned"
_WRITES = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


@dataclass(slots=True)
class Account:
    """Billed units of one caller's requests since the account was last taken."""

    usage: Usage = field(default_factory=Counter)
    calls: list[CallTime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """An error response of AWS. ``members`` are those of the body."""

    members: Mapping[str, Any]


class Cloud:
    """AWS's services on one URL, for the measured functions. Thread-safe.

    Args:
        template: The template of the stack.
        secrets: Their values, by logical id.
    """

    def __init__(self, template: Mapping[str, Any], secrets: Mapping[str, Any]) -> None:
        self.url = ""
        self.queues: defaultdict[str, deque[str]] = defaultdict(deque)
        self.archived = 0
        self.events: Counter[str] = Counter()
        self._template = template
        self._secrets = secrets
        self._objects: dict[str, bytes] = {}
        self._accounts: defaultdict[str, Account] = defaultdict(Account)
        self._lock = Lock()
        self._dynamodb: Any = boto3.client(
            "dynamodb",
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self._tables = {
            name: resource["Properties"]
            for name, resource in template["Resources"].items()
            if resource["Type"] == "AWS::DynamoDB::Table"
        }
        for name, properties in self._tables.items():
            wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
            self._dynamodb.create_table(
                TableName=name, **{one: properties[one] for one in wanted if one in properties}
            )

    def environment(
        self, resource: Mapping[str, Any], parameters: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the environment variables of a function, by the template."""
        values = {
            **self._template["Globals"]["Function"]["Environment"]["Variables"],
            **resource["Properties"]["Environment"]["Variables"],
        }
        memory = resource["Properties"].get(
            "MemorySize", self._template["Globals"]["Function"]["MemorySize"]
        )
        return {
            **{name: self._resolved(value, parameters) for name, value in values.items()},
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": function_name(resource),
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        }

    def take_account(self, caller: str) -> Account:
        """Return the billed units of a caller since this was last called, and reset them."""
        with self._lock:
            return self._accounts.pop(caller, Account())

    def _resolved(self, value: Any, parameters: Mapping[str, str]) -> str:
        if not isinstance(value, dict):
            return str(value)
        name = value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0]
        if name in self._template["Parameters"]:
            return parameters.get(name) or str(self._template["Parameters"][name]["Default"])
        if self._template["Resources"][name]["Type"] == "AWS::SQS::Queue":
            return f"{self.url}/{name}"
        return str(name).lower() if name == "ReportBucket" else str(name)

    def answer(self, caller: str, target: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry out one request of AWS's JSON protocol.

        Raises:
            Refusal: AWS would respond with an error.
        """
        begun = monotonic()
        prefix, _, operation = target.partition(".")
        with self._lock:
            account = self._accounts[caller]
            match prefix:
                case "DynamoDB_20120810":
                    answer = self._query_table(account, operation, request)
                case "AWSEvents":
                    answer = self._put_events(account, request["Entries"])
                case "AmazonSQS":
                    answer = self._use_queue(account, operation, request)
                case "secretsmanager":
                    account.usage[Item.SECRET_CALL] += 1
                    answer = {"SecretString": json.dumps(self._secrets[request["SecretId"]])}
                case _:
                    raise ValueError(f"{target} is not known here")
            account.calls.append(CallTime(begun, monotonic()))
        return answer

    def write_object(self, caller: str, path: str, content: bytes) -> None:
        """Store an object of S3."""
        with self._lock:
            self._accounts[caller].usage[Item.OBJECT_WRITE] += 1
            self._objects[path] = content

    def read_object(self, caller: str, path: str) -> bytes | None:
        """Read an object of S3; None if there is none."""
        with self._lock:
            self._accounts[caller].usage[Item.OBJECT_READ] += 1
            return self._objects.get(path)

    # The bus and its queues

    def _put_events(
        self, account: Account, entries: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        for entry in entries:
            account.usage[Item.EVENT] += chunks(entry_size(entry))
            event = json.dumps(
                {
                    "version": "0",
                    "id": str(uuid.uuid4()),
                    "detail-type": entry["DetailType"],
                    "source": entry["Source"],
                    "account": "000000000000",
                    "time": "2026-11-28T16:00:00Z",
                    "region": REGION,
                    "resources": [],
                    "detail": json.loads(entry["Detail"]),
                },
                separators=(",", ":"),
            )
            account.usage[Item.ARCHIVED_BYTE] += len(event)
            self.events[entry["DetailType"]] += 1
            for queue in self._targets(entry["Source"], entry["DetailType"]):
                self.queues[queue].append(event)
        results = [{"EventId": str(uuid.uuid4())} for _ in entries]
        return {"FailedEntryCount": 0, "Entries": results}

    def _targets(self, source: str, detail_type: str) -> Iterator[str]:
        for resource in self._template["Resources"].values():
            if resource["Type"] == "AWS::Events::Rule":
                pattern = resource["Properties"]["EventPattern"]
                if pattern.keys() - {"source", "detail-type"}:
                    raise ValueError("a rule matches more than source and detail-type")
                if source in pattern["source"] and any(
                    detail_type.startswith(one["prefix"])
                    if isinstance(one, dict)
                    else one == detail_type
                    for one in pattern["detail-type"]
                ):
                    for target in resource["Properties"]["Targets"]:
                        yield target["Arn"]["Fn::GetAtt"][0]

    def _use_queue(
        self, account: Account, operation: str, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        match operation:
            case "SendMessage":
                # Billed with its receive and its delete, when the queue is read.
                self.queues[request["QueueUrl"].rpartition("/")[2]].append(request["MessageBody"])
                return {"MessageId": str(uuid.uuid4())}
            case "ChangeMessageVisibilityBatch":
                account.usage[Item.QUEUE_REQUEST] += 1
                return {"Successful": [{"Id": one["Id"]} for one in request["Entries"]]}
            case _:
                raise ValueError(f"SQS {operation} is not known here")

    # Tables

    def _query_table(
        self, account: Account, operation: str, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        written = list(self._written_items(operation, request))
        before = [self._item(table, key) for table, key in written]
        try:
            answer = self._dynamodb._make_api_call(operation, dict(request))
            answer = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
        except ClientError as error:
            members = {
                name: value
                for name, value in error.response.items()
                if name not in ("Error", "ResponseMetadata")
            }
            members["__type"] = error.response["Error"]["Code"]
            self._bill_writes(account, operation, written, before)
            raise Refusal(members) from error
        self._bill_writes(account, operation, written, before)
        account.usage[Item.READ_UNIT] += self._read_units(operation, request, answer)  # type: ignore[assignment]
        return answer

    def _written_items(
        self, operation: str, request: Mapping[str, Any]
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the table and key of each item that a DynamoDB request writes."""
        if operation in _WRITES:
            yield self._written_item({**request, "Key": request.get("Key")})
        elif operation == "TransactWriteItems":
            for wish in request["TransactItems"]:
                ((_, one),) = wish.items()
                yield self._written_item({**one, "Key": one.get("Key")})
        elif operation == "BatchWriteItem":
            for table, wishes in request["RequestItems"].items():
                for wish in wishes:
                    ((_, one),) = wish.items()
                    yield self._written_item({"TableName": table, "Key": None, **one})

    def _written_item(self, wish: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        table = wish["TableName"]
        return table, wish["Key"] or self._key(table, wish["Item"])

    def _key(self, table: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
        names = [one["AttributeName"] for one in self._tables[table]["KeySchema"]]
        return {name: item[name] for name in names}

    def _item(self, table: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
        # Not over the client: that takes a hundred times as long.
        item = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].get_item(table, dict(key))
        found: Mapping[str, Any] = item.to_json()["Attributes"] if item else {}
        return found

    def _bill_writes(
        self,
        account: Account,
        operation: str,
        written: Sequence[tuple[str, Mapping[str, Any]]],
        before: Sequence[Mapping[str, Any]],
    ) -> None:
        transactional = operation.startswith("Transact")
        for (table, key), old in zip(written, before, strict=True):
            new = self._item(table, key)
            account.usage[Item.WRITE_UNIT] += write_units(
                item_size(old), item_size(new), transactional=transactional
            )
            for index in self._tables[table].get("GlobalSecondaryIndexes", ()):
                keys = [one["AttributeName"] for one in index["KeySchema"]]
                account.usage[Item.WRITE_UNIT] += index_write_units(
                    _in_index(old, keys), _in_index(new, keys), changed=old != new
                )

    def _read_units(
        self, operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> float:
        match operation:
            case "GetItem":
                size = item_size(answer.get("Item", {}))
                return read_units(size, consistent=request.get("ConsistentRead", False))
            case "BatchGetItem":
                return sum(
                    self._batch_read_units(wish, answer["Responses"].get(table, []))
                    for table, wish in request["RequestItems"].items()
                )
            case "Query":
                size = sum(map(item_size, answer["Items"]))
                return read_units(size, consistent=request.get("ConsistentRead", False))
            case "Scan":
                # A scan is billed for what it looks at, not for what it returns.
                items = self._dynamodb.scan(TableName=request["TableName"])["Items"]
                size = sum(map(item_size, items))
                return read_units(size, consistent=request.get("ConsistentRead", False))
            case _:
                return 0

    def _batch_read_units(
        self, wish: Mapping[str, Any], found: Sequence[Mapping[str, Any]]
    ) -> float:
        consistent = wish.get("ConsistentRead", False)
        missing = len(wish["Keys"]) - len(found)
        return sum(read_units(item_size(item), consistent=consistent) for item in found) + (
            missing * read_units(0, consistent=consistent)
        )


def _in_index(item: Mapping[str, Any], keys: Sequence[str]) -> tuple[int, Any]:
    if not all(name in item for name in keys):
        return 0, None
    return item_size(item), [item[name] for name in keys]


@contextmanager
def run_cloud(template: Mapping[str, Any], secrets: Mapping[str, Any]) -> Iterator[Cloud]:
    """Run a new model of AWS for a ``with`` block."""
    with mock_aws():
        cloud = Cloud(template, secrets)
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Aws", (_Aws,), {"cloud": cloud}))
        server.daemon_threads = True
        cloud.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield cloud
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Aws(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud: Cloud

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        target = self.headers["x-amz-target"]
        try:
            members = self.cloud.answer(self._caller(), target, json.loads(body))
        except Refusal as refusal:
            self._send(400, json.dumps(refusal.members).encode())
        else:
            self._send(200, json.dumps(members).encode())

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.cloud.write_object(self._caller(), self._path(), content)
        self._send(200, b"")

    def do_GET(self) -> None:
        found = self.cloud.read_object(self._caller(), self._path())
        if found is None:
            self._send(404, b"<Error><Code>NoSuchKey</Code></Error>", kind="application/xml")
        else:
            self._send(200, found)

    def log_message(self, *args: object) -> None:
        """Log nothing: requests would clutter the output."""

    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _caller(self) -> str:
        found = _CALLER.search(self.headers["authorization"])
        return found[1] if found else ""

    def _send(self, status: int, body: bytes, kind: str = "application/x-amz-json-1.0") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
