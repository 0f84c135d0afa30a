"""What partners send over the API arrives at a folder, once; and the function around it."""

import importlib.util
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from gridwix_gateway.documents import Document
from gridwix_gateway.runtime import targets as wiring
from gridwix_gateway.runtime import wiring as runtime_wiring
from gridwix_gateway.runtime.aws import aws_client, copying_client
from gridwix_gateway.runtime.settings import ApiSettings, TargetSettings
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.targets.invocation import TargetEntry, serve_targets
from gridwix_gateway.targets.rest.authenticators import MissingSecret
from gridwix_gateway.targets.secrets import SecretsManagerReader
from ops.paths import ROOT
from tests.fakes.gateway.hubs import GatewayHub, ProfileClient, serve_gateway
from tests.fakes.gateway.library_client import GUIDE, LibraryClient
from tests.fakes.gateway.server import DESK, TYPE_PREFIX
from tests.fakes.gateway.tables import create_table
from tests.fakes.gateway.targets import KeptLetters, declared_target

FILES: Document = {
    "target": "files",
    "prefix": "erp/",
    "delivers": ["request", "case", "comment", "resolution", "submission", "document"],
}
REQUEST: Document = {
    "type": "support",
    "partnerId": "GC070000000101",
    "submitter": {"name": "Ann"},
    "formKey": "partner-question",
    "formVersion": 1,
    "answers": {"question": "Where is it?"},
    "sourceSubmissionId": "sub-1",
}
PARTNERS_COMMENT = {"body": "Hello", "authorKind": "partner", "authorName": "Ann"}


CACHES = (aws_client, copying_client, wiring.target_sender, wiring.sending_targets)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[TargetSettings]:
    """A function's environment in moto, with its table, bucket and queue."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for cached in CACHES:
        cached.cache_clear()
    with mock_aws():
        session = botocore.session.get_session()
        create_table(session.create_client("dynamodb"), "records")
        s3: Any = session.create_client("s3")
        for bucket in ("targets", "content"):
            s3.create_bucket(Bucket=bucket)
        sqs: Any = session.create_client("sqs")
        environment = {
            "TABLE_NAME": "records",
            "COMPANY_ID": "GC1",
            "POWERTOOLS_METRICS_NAMESPACE": "gridwix-gateway",
            "POWERTOOLS_SERVICE_NAME": "target_sender",
            "BUCKET_NAME": "content",
            "TARGET_BUCKET_NAME": "targets",
            "TARGET_SECRET_PREFIX": "gateway/targets/",
            "TARGET_DEAD_LETTER_QUEUE_URL": sqs.create_queue(QueueName="dead")["QueueUrl"],
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield TargetSettings.read(environment)
    for cached in CACHES:
        cached.cache_clear()


def delivered_files() -> dict[str, Document]:
    """Return the files of the bucket, by the kind of what they deliver."""
    client = aws_client("s3")
    found: dict[str, Document] = {}
    for one in client.list_objects_v2(Bucket="targets").get("Contents", []):
        if not one["Key"].endswith(".json"):
            continue
        document = json.loads(client.get_object(Bucket="targets", Key=one["Key"])["Body"].read())
        assert document["delivery"]["kind"] not in found
        found[document["delivery"]["kind"]] = document
    return found


def act_as_partner(grid: ProfileClient) -> None:
    """Send one of each kind over the API, as gridwix does."""
    created = grid.client.post("/collaboration-requests", json=REQUEST)
    assert created.status_code == 201
    commented = grid.client.post(
        f"/collaboration-requests/{created.json()['id']}/comments", json=PARTNERS_COMMENT
    )
    assert commented.status_code == 201
    new_case = {"partnerId": "GC070000000101", "subject": "Rejected", "category": "asn_rejection"}
    case = grid.client.post("/cases", json=new_case).json()
    for to in ("open", "resolved", "open"):
        answer = grid.transition(f"/cases/{case['id']}", to, reason="Still wrong")
        assert answer.status_code == 200
    for to in ("in_progress", "submitted"):
        answer = grid.transition("/enrollments/enr_01J9QK/steps/tax_form", to)
        assert answer.status_code == 200


def upload_version(hub: GatewayHub, content: bytes, document: str = GUIDE) -> None:
    """Upload a version of a document as the portal does, and put its bytes into the S3 bucket."""
    answer = LibraryClient(hub).submit(document, content, source="portal")
    assert answer.status_code == 201
    for key, stored in hub.parts.content.objects.items():
        aws_client("s3").put_object(Bucket="content", Key=key, Body=stored)


def test_each_kind_that_a_partner_sends_is_a_file(settings: TargetSettings) -> None:
    with serve_gateway() as hub:
        grid = ProfileClient(hub)
        run = target_run(hub, settings)
        run()
        act_as_partner(grid)
        upload_version(hub, b"%PDF third")

        report = run()
        again = run()

    files = delivered_files()
    assert sorted(files) == ["case", "comment", "document", "request", "resolution", "submission"]
    assert files["request"]["record"]["answers"] == {"question": "Where is it?"}
    assert files["request"]["partner"]["id"] == "GC070000000101"
    assert files["comment"]["comment"]["body"] == "Hello"
    assert files["resolution"]["accepted"] is False
    assert files["resolution"]["event"]["data"]["after"]["statusReason"] == "Still wrong"
    assert files["submission"]["step"]["key"] == "tax_form"
    assert files["document"]["version"]["number"] == 2
    assert read_target_file(files["document"]["content"]) == b"%PDF third"
    assert (report["delivered"], report["dead"], again["delivered"]) == (6, 0, 0)


def read_target_file(name: str) -> bytes:
    found: bytes = aws_client("s3").get_object(Bucket="targets", Key=name)["Body"].read()
    return found


def test_versions_of_one_second_are_delivered_each_and_their_approval_is_not(
    settings: TargetSettings,
) -> None:
    with serve_gateway() as hub:
        hub.parts.clock.freeze(hub.parts.clock.now())
        run = target_run(hub, settings)
        run()
        for content in (b"%PDF first", b"%PDF other"):
            upload_version(hub, content)
        client = LibraryClient(hub)
        for approval in client.get("approvals", status="pending")["items"]:
            decision = {"decision": "approved"}
            client.post(f"approvals/{approval['id']}/decision", decision).raise_for_status()

        report = run()

    client = aws_client("s3")
    names = [one["Key"] for one in client.list_objects_v2(Bucket="targets")["Contents"]]
    contents = [read_target_file(name) for name in names if name.endswith("-content.pdf")]
    assert sorted(contents) == [b"%PDF first", b"%PDF other"]
    assert (report["delivered"], report["skipped"], report["dead"]) == (2, 0, 0)


def test_what_the_desk_does_is_not_delivered(settings: TargetSettings) -> None:
    with serve_gateway() as hub:
        run = target_run(hub, settings)
        run()
        hub.credentials = (DESK.key, DESK.secret)
        act_as_partner(ProfileClient(hub))

        report = run()

    assert report["planned"] == 0
    assert not delivered_files()


def target_run(hub: GatewayHub, settings: TargetSettings) -> Callable[[], TargetEntry]:
    """Return a function that runs the sender once over the hub's table."""
    chosen = settings.model_copy(update={"event_type_prefix": TYPE_PREFIX})
    letters = KeptLetters()
    sender = wiring.new_target_sender(hub.parts.table, chosen, letters)
    targets = wiring.new_sending_targets({"erp": declared_target(FILES)}, chosen)

    def run() -> TargetEntry:
        entries: list[TargetEntry] = []
        serve_targets(
            {},
            sender,
            targets,
            seconds_left=lambda: 300.0,
            log=lambda _, entry: entries.append(entry),
            count=lambda *_: None,
        )
        return entries[0]

    return run


def load_handler() -> Callable[[Document, Any], Document]:
    path = ROOT / "gateway" / "functions" / "target_sender" / "app.py"
    spec = importlib.util.spec_from_file_location("target_sender_app", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[Document, Any], Document] = module.handler
    return found


class Context:
    """The context of an invocation with time left."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 120_000


def queue_event(*bodies: str) -> Document:
    records = [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]
    return {"Records": records}


def create_request(settings: TargetSettings) -> None:
    table = DynamoTable(aws_client("dynamodb"), settings.table_name)
    commits = Commits(table, settings.company_id, settings.event_type_prefix)

    def work(draft: Draft) -> None:
        draft.origin = "client"
        fields = {"id": "req_1", "number": "CR-1", "status": "received"}
        draft.create("collaboration-requests", fields, "request.received")

    commits.run(work)


def test_function_delivers_and_brings_dead_letters_back(
    settings: TargetSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = tmp_path / "declared.json"
    target = {**FILES, "when": "record.number == 'CR-1' && record.missing"}
    declared.write_text(json.dumps({"erp": target}), encoding="utf-8")
    monkeypatch.setattr("gridwix_gateway.targets.declared.read_targets.__defaults__", (declared,))
    handler = load_handler()
    handler({}, Context())
    create_request(settings)

    assert handler(queue_event("{}", "?"), Context()) == {"batchItemFailures": []}
    sqs, url = aws_client("sqs"), settings.target_dead_letter_queue_url
    (letter,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(letter["Body"])["reason"] == "template"
    # The declaration is mended, and the dead letter is redriven.
    declared.write_text(json.dumps({"erp": FILES}), encoding="utf-8")
    wiring.sending_targets.cache_clear()
    unknown = json.dumps({"target": "gone", "number": 1})
    response = handler(queue_event(letter["Body"], unknown), Context())

    assert response == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert sorted(delivered_files()) == ["request"]


def serve_once(
    event: Document, table: DynamoTable, settings: TargetSettings
) -> tuple[Document, str, Mapping[str, int]]:
    """Return the response, the level of the log entry, and the metrics of an invocation."""
    sender = wiring.new_target_sender(table, settings, KeptLetters())
    targets = wiring.new_sending_targets({"erp": declared_target(FILES)}, settings)
    levels: list[str] = []
    counts: dict[str, Mapping[str, int]] = {}
    response = serve_targets(
        event,
        sender,
        targets,
        seconds_left=lambda: 300.0,
        log=lambda level, _: levels.append(level),
        count=counts.__setitem__,
    )
    assert counts.keys() == {"erp"}
    return response, levels[0], counts["erp"]


def test_dead_letter_of_a_busy_target_comes_again(settings: TargetSettings) -> None:
    table = DynamoTable(aws_client("dynamodb"), settings.table_name)
    wiring.new_target_sender(table, settings, KeptLetters())._log.take_lease("erp", 60)
    event = queue_event(json.dumps({"target": "erp", "number": 1}), "{}")

    response, level, counts = serve_once(event, table, settings)

    assert response == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert (level, counts["TargetsFailed"]) == ("info", 0)


def test_target_that_cannot_be_served_is_an_error_and_counted(settings: TargetSettings) -> None:
    table = DynamoTable(aws_client("dynamodb"), "no-such-table")
    event = queue_event("{}", json.dumps({"target": "erp", "number": 1}))

    response, level, counts = serve_once(event, table, settings)

    assert response == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert (level, counts) == ("error", {"TargetsFailed": 1, "DeliveriesDead": 0})


def test_paused_target_is_counted_until_something_gets_through(settings: TargetSettings) -> None:
    table = DynamoTable(aws_client("dynamodb"), settings.table_name)
    serve_once(queue_event("{}"), table, settings)
    create_request(settings)
    aws_client("s3").delete_bucket(Bucket="targets")

    failed = serve_once(queue_event("{}"), table, settings)
    paused = serve_once(queue_event("{}"), table, settings)

    assert (failed[2]["TargetsFailed"], paused[2]["TargetsFailed"]) == (0, 1)


def test_secret_is_read_again_after_a_minute(settings: TargetSettings) -> None:
    client, now = aws_client("secretsmanager"), [0.0]
    reader = SecretsManagerReader(client, settings.target_secret_prefix, lambda: now[0])
    with pytest.raises(MissingSecret):
        reader.read_secret("tickets")
    client.create_secret(Name="gateway/targets/tickets", SecretString='{"token": "a"}')
    assert reader.read_secret("tickets") == {"token": "a"}

    client.put_secret_value(SecretId="gateway/targets/tickets", SecretString='{"token": "b"}')
    now[0] = 60
    assert reader.read_secret("tickets") == {"token": "a"}
    now[0] = 61
    assert reader.read_secret("tickets") == {"token": "b"}
    for text in ("no JSON", "[]"):
        client.put_secret_value(SecretId="gateway/targets/tickets", SecretString=text)
        now[0] += 61
        with pytest.raises(MissingSecret):
            reader.read_secret("tickets")


def test_api_wakes_the_sender_after_a_commit(
    settings: TargetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = aws_client("sqs")
    url = sqs.create_queue(QueueName="wake")["QueueUrl"]
    monkeypatch.setenv("SECRET_ID", "consumers")
    monkeypatch.setenv("TARGET_QUEUE_URL", url)
    monkeypatch.setenv("BUCKET_NAME", "content")
    monkeypatch.setenv("WEBHOOK_QUEUE_URL", sqs.create_queue(QueueName="webhooks")["QueueUrl"])
    runtime_wiring.api_application.cache_clear()
    application = runtime_wiring.api_application()
    runtime_wiring.api_application.cache_clear()

    application._services.announce_commit()

    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "{}"
    assert ApiSettings.read().target_queue_url == url
