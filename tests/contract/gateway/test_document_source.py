"""The source of documents from S3's message to the library, on the stand-ins of AWS."""

import importlib.util
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import botocore.session
import pytest
from moto import mock_aws

from gridwix_gateway.community.documents import version_partition
from gridwix_gateway.content.s3 import CONFIG, S3Content
from gridwix_gateway.documents import Document
from gridwix_gateway.runtime import aws, file_source
from gridwix_gateway.sources.documents.mapping import compile_document_mapping
from gridwix_gateway.sources.documents.ports import DocumentDrops
from gridwix_gateway.sources.documents.s3_documents import S3DocumentDrops
from gridwix_gateway.sources.files.ports import Drop, DropGone
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.items import item_document
from gridwix_gateway.store.records import Filters, Records
from ops.paths import ROOT
from tests.fakes.gateway.memory_document_drops import MemoryDocumentDrops
from tests.fakes.gateway.tables import create_table
from tests.unit.gateway.sources.documents.samples import declare, pdf

FILES, CONTENT = "files", "content"
NOW = datetime(2026, 3, 12, tzinfo=UTC)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client: Any = botocore.session.get_session().create_client("s3", config=CONFIG)
        for bucket in (FILES, CONTENT):
            client.create_bucket(Bucket=bucket)
        yield client


class Gateway:
    """The function ``file_source`` with a table, two buckets and a queue."""

    def __init__(self, s3: Any, table: DynamoTable) -> None:
        self.s3 = s3
        self.table = table
        path = ROOT / "gateway/functions/file_source/app.py"
        spec = importlib.util.spec_from_file_location("gateway_file_source", Path(path))
        assert spec is not None
        assert spec.loader is not None
        self._function = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self._function)

    def get_remaining_time_in_millis(self) -> int:
        return 300_000

    def put(self, path: str, content: bytes) -> str:
        """Put a file, and return the key as S3's message has it."""
        key = f"drops/share/{path}"
        self.s3.put_object(Bucket=FILES, Key=key, Body=content)
        return quote_plus(key, safe="/")

    def announce(self, *keys: str) -> None:
        body = json.dumps({"Records": [{"s3": {"object": {"key": key}}} for key in keys]})
        event = {"Records": [{"messageId": "m1", "body": body}]}
        assert self._function.handler(event, self) == {"batchItemFailures": []}

    def documents(self) -> tuple[Document, ...]:
        return Records(self.table).list_page("documents", Filters(), "", 99).documents

    def versions(self, identifier: str) -> list[tuple[Document, bytes]]:
        """The versions of a document, with their bytes."""
        items = self.table.query(version_partition(identifier), limit=99)
        return [(item_document(item), self.read(CONTENT, str(item["blob"]))) for item in items]

    def read(self, bucket: str, key: str) -> bytes:
        content: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def names(self, bucket: str, prefix: str = "") -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in listed]


@pytest.fixture
def gateway(s3: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    sqs: Any = botocore.session.get_session().create_client("sqs")
    queue = sqs.create_queue(QueueName="q")
    environment = {
        "TABLE_NAME": "gateway",
        "COMPANY_ID": "HUB",
        "FILE_BUCKET": FILES,
        "CONTENT_BUCKET": CONTENT,
        "QUEUE_URL": queue["QueueUrl"],
        "WEBHOOK_QUEUE_URL": queue["QueueUrl"],
        "POWERTOOLS_METRICS_NAMESPACE": "gridwix-gateway",
        "POWERTOOLS_SERVICE_NAME": "file_source",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    mapping = compile_document_mapping("share", declare())
    monkeypatch.setattr(file_source, "_documents", lambda: {"share": mapping})
    for cached in (aws.aws_client, aws.s3_client, aws.waking_client):
        cached.cache_clear()
    client = botocore.session.get_session().create_client("dynamodb")
    create_table(client, "gateway")
    table = DynamoTable(client, "gateway")
    partner = {"id": "GC1", "name": "Prairie", "role": "supplier", "status": "active"}
    Commits(table, "HUB", "t.").run(lambda draft: draft.create("partners", partner, None))
    yield Gateway(s3, table)
    for cached in (aws.aws_client, aws.s3_client, aws.waking_client):
        cached.cache_clear()


def emitted(text: str, name: str) -> list[Any]:
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line[name] for line in lines if name in line]


@pytest.mark.parametrize(
    ("title", "announced"),
    [
        ("Liability", "Liability"),
        ("Policy 1 of 2", "Policy+1+of+2"),
        ("Größe + Gewicht", "Gr%C3%B6%C3%9Fe+%2B+Gewicht"),
        ("100% & more (a=b)", "100%25+%26+more+%28a%3Db%29"),
        ("株式会社", "%E6%A0%AA%E5%BC%8F%E4%BC%9A%E7%A4%BE"),
    ],
)
def test_announced_file_becomes_a_published_version(
    gateway: Gateway, title: str, announced: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key = gateway.put(f"GC1/Insurance/{title}.pdf", pdf("first"))
    assert key == f"drops/share/GC1/Insurance/{announced}.pdf"

    gateway.announce(key)
    gateway.announce(key)

    (document,) = gateway.documents()
    ((version, content),) = gateway.versions(document["id"])
    assert (document["title"], document["status"]) == (title, "published")
    assert (version["fileName"], content) == (f"{title}.pdf", pdf("first"))
    assert gateway.names(FILES, "refused/") == []
    text = capsys.readouterr().out
    assert emitted(text, "DropsRefused") == [[0.0], [0.0]]
    assert title not in text


def test_changed_file_becomes_another_version(gateway: Gateway) -> None:
    for text in ("first", "second", "second"):
        gateway.announce(gateway.put("GC1/Tax/W-9.pdf", pdf(text)))

    (document,) = gateway.documents()
    contents = [content for _, content in gateway.versions(document["id"])]
    assert contents == [pdf("first"), pdf("second")]
    assert len(gateway.names(CONTENT)) == 2
    assert document["currentVersion"] == 2


def test_refused_file_is_reported_beside_the_drops_and_rings_the_alarm(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = gateway.put("GC9/Tax/Anna's W-9.pdf", pdf())
    good = gateway.put("GC1/Tax/W-9.pdf", pdf())

    gateway.announce(bad, good)

    assert [document["partnerId"] for document in gateway.documents()] == ["GC1"]
    report = "refused/share/GC9/Tax/Anna's W-9.pdf.csv"
    assert gateway.names(FILES, "refused/") == [report]
    assert gateway.read(FILES, report).decode("utf-8-sig").splitlines() == [
        "Path,Part,Value,Reason,Code",
        "GC9/Tax/Anna's W-9.pdf,partnerId,GC9,there is no such partner yet,unknown-partner",
    ]
    text = capsys.readouterr().out
    assert sum(emitted(text, "DropsRefused")[0]) == 1
    assert "Anna" not in text


def test_report_of_the_longest_key_has_a_key_that_s3_takes(gateway: Gateway) -> None:
    path = "ä" * ((1024 - len("drops/share/.pdf")) // 2)
    gateway.announce(gateway.put(f"{path}.pdf", pdf()))

    (report,) = gateway.names(FILES, "refused/")
    assert len(report.encode()) <= 1_024
    assert report.endswith(".csv")


class _Buckets:
    """A pair of buckets behind the port, and how a file is put into it."""

    def __init__(self, drops: DocumentDrops, put: Any) -> None:
        self.drops, self.put = drops, put


@pytest.fixture(params=["s3", "memory"])
def buckets(request: pytest.FixtureRequest) -> _Buckets:
    if request.param == "memory":
        memory = MemoryDocumentDrops()
        return _Buckets(memory, lambda name, content: memory.put(name, content, NOW))
    client = request.getfixturevalue("s3")
    drops = S3DocumentDrops(client, FILES, S3Content(lambda: client, CONTENT))

    def put(name: str, content: bytes) -> Drop:
        client.put_object(Bucket=FILES, Key=name, Body=content)
        return drops.describe_drop(name)

    return _Buckets(drops, put)


NAME = "drops/share/Größe 1+.pdf"


def test_drop_is_read_and_copied(buckets: _Buckets) -> None:
    drop = buckets.put(NAME, pdf("x"))

    copied = buckets.drops.copy_drop(drop, "content/1")

    assert b"".join(buckets.drops.read_drop(drop)) == pdf("x")
    assert copied.size == len(pdf("x")) == drop.size
    assert buckets.drops.describe_drop(NAME) == drop
    buckets.drops.delete_copy("content/1")


def test_drop_that_was_replaced_is_neither_read_nor_described(buckets: _Buckets) -> None:
    drop = buckets.put(NAME, pdf("x"))
    newer = buckets.put(NAME, pdf("y"))

    with pytest.raises(DropGone):
        b"".join(buckets.drops.read_drop(drop))
    assert buckets.drops.describe_drop(NAME).tag == newer.tag != drop.tag


def test_drop_that_is_deleted_is_gone(buckets: _Buckets, request: pytest.FixtureRequest) -> None:
    drop = Drop("drops/share/gone.pdf", "t", NOW, 1)

    with pytest.raises(DropGone):
        buckets.drops.describe_drop(drop.name)
    with pytest.raises(DropGone):
        b"".join(buckets.drops.read_drop(drop))
    with pytest.raises(DropGone):
        buckets.drops.copy_drop(drop, "content/1")


def test_copy_asks_for_the_object_that_was_read_and_takes_no_tags(s3: Any) -> None:
    """S3's stand-in ignores the condition, so the request is looked at."""
    asked: list[dict[str, Any]] = []
    s3.meta.events.register(
        "provide-client-params.s3.CopyObject", lambda params, **_: asked.append(dict(params))
    )
    s3.put_object(Bucket=FILES, Key=NAME, Body=b"x", Tagging="a=b")
    drops = S3DocumentDrops(s3, FILES, S3Content(lambda: s3, CONTENT))

    drops.copy_drop(drops.describe_drop(NAME), "content/1")

    (request,) = asked
    assert request["CopySourceIfMatch"] == '"9dd4e461268c8034f5c8564e155c67a6"'
    assert request["ChecksumAlgorithm"] == "SHA256"
    assert s3.get_object_tagging(Bucket=CONTENT, Key="content/1")["TagSet"] == []


def test_download_that_ends_too_early_is_an_error(s3: Any) -> None:
    s3.put_object(Bucket=FILES, Key=NAME, Body=b"xy")
    drops = S3DocumentDrops(s3, FILES, S3Content(lambda: s3, CONTENT))
    drop = drops.describe_drop(NAME)

    with pytest.raises(OSError, match="incomplete"):
        b"".join(drops.read_drop(Drop(drop.name, drop.tag, drop.dropped_at, drop.size + 1)))
