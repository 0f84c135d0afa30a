"""The functions of the sources: from the invocation to the table, over HTTP and AWS's stand-in."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from gridwix_gateway.documents import Document
from gridwix_gateway.runtime import aws, sources
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.records import Records
from ops.paths import ROOT
from tests.fakes.gateway.hostile_server import HostileServer, Peer, serve_answers
from tests.fakes.gateway.source_runs import PARTNERS, simple_source
from tests.fakes.gateway.tables import create_table

PREFIX = "gateway/sources/"


class Invocation:
    """The context of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoTable]:
    environment = {
        "TABLE_NAME": "gateway",
        "COMPANY_ID": "GC00700011NR",
        "SOURCE_SECRETS": PREFIX,
        "WEBHOOK_QUEUE_URL": "https://sqs.example/webhooks",
        "POWERTOOLS_METRICS_NAMESPACE": "gridwix-gateway",
        "POWERTOOLS_SERVICE_NAME": "rest_source",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        aws.aws_client.cache_clear()
        client = botocore.session.get_session().create_client("dynamodb")
        create_table(client, "gateway")
        found = DynamoTable(client, "gateway")
        partner = {"id": PARTNERS[0], "name": "Prairie", "role": "supplier", "status": "active"}
        Commits(found, "GC00700011NR", "net.example.tg.").run(
            lambda draft: draft.create("partners", partner, "partner.created")
        )
        yield found
    aws.aws_client.cache_clear()


def store_secret(name: str, text: str) -> None:
    client: Any = botocore.session.get_session().create_client("secretsmanager")
    client.create_secret(Name=PREFIX + name, SecretString=text)


def load_function(name: str) -> ModuleType:
    path = Path(ROOT / f"gateway/functions/{name}/app.py")
    spec = importlib.util.spec_from_file_location(f"gateway_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer_document(peer: Peer, document: Any) -> None:
    body = json.dumps(document).encode()
    peer.send(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        + f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def declare(monkeypatch: pytest.MonkeyPatch, **declarations: Document) -> None:
    monkeypatch.setattr(sources, "read_declarations", lambda: declarations)


def emitted(text: str, name: str) -> list[Any]:
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line[name] for line in lines if name in line]


@pytest.fixture
def api() -> Iterator[HostileServer]:
    row = {"id": "1", "updated": "2026-03-12T07:00:00Z", "subject": "856 rejected"}
    with serve_answers(lambda peer: answer_document(peer, {"rows": [row]})) as server:
        yield server


def declared_cases(url: str) -> Document:
    document: Document = simple_source(
        url=url + "/cases", paging={"type": "single"}
    ).declaration.model_dump(mode="json", exclude_defaults=True)
    return document


def test_rest_source_when_invoked_then_records_are_written_and_counts_are_emitted(
    table: DynamoTable,
    api: HostileServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    store_secret("api", '{"token": "t0ken"}')
    declare(monkeypatch, cases=declared_cases(api.url), other={"source": "directory"})

    answer = load_function("rest_source").handler({"Records": []}, Invocation())

    assert answer == {"batchItemFailures": []}
    case = Records(table).get("cases", "c_1")
    assert case is not None
    assert case["subject"] == "856 rejected"
    assert "Authorization: Bearer t0ken" in api.requests[0]
    text = capsys.readouterr().out + str([vars(record) for record in caplog.records])
    assert emitted(text, "RowsChanged") == [[1.0]]
    assert emitted(text, "FailedRunsInARow") == [[0.0]]
    assert "856 rejected" not in text
    assert "t0ken" not in text


def test_rest_source_when_its_secret_is_missing_then_the_fault_is_logged_and_nothing_is_asked(
    table: DynamoTable,
    api: HostileServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    declare(monkeypatch, cases=declared_cases(api.url))

    load_function("rest_source").handler({}, Invocation())

    text = capsys.readouterr().out
    assert [vars(record)["fault"] for record in caplog.records] == ["secret"]
    assert emitted(text, "FailedRunsInARow") == [[1.0]]
    assert api.requests == []


def test_directory_source_when_invoked_then_partners_are_written(
    table: DynamoTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_secret("trading-grid", '{"client_id": "key", "client_secret": "secret"}')
    document = {"access_token": "t", "partners": [{"id": "GC1", "name": "Amber Foods"}]}
    with serve_answers(lambda peer: answer_document(peer, document)) as server:
        declared = {"source": "directory", "url": server.url, "company": "GC00700011NR"}
        declare(monkeypatch, directory=declared)

        load_function("directory_source").handler({}, Invocation())

    partner = Records(table).get("partners", "GC1")
    assert partner is not None
    assert partner["name"] == "Amber Foods"
    assert "POST /v1/oauth2/tokens?grant_type=client_credentials" in server.requests[0]


@pytest.mark.parametrize("text", ["not json", "[]", '"text"'])
def test_secret_when_it_is_no_object_then_the_fault_names_it_and_no_value(
    table: DynamoTable, text: str
) -> None:
    store_secret("api", text)

    with pytest.raises(SourceFault) as raised:
        sources.secret_reader(aws.aws_client("secretsmanager"), PREFIX)("api")

    assert raised.value.code == "secret"
    assert text not in raised.value.detail


def test_declarations_when_the_layer_has_none_then_no_source_runs() -> None:
    assert sources.load_sources("rest", lambda name, _: simple_source(), {}) == []
