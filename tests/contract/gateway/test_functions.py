"""The gateway's functions from their environment, on the stand-ins of AWS."""

import base64
import hashlib
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from gateway.functions.api import app as api
from gateway.functions.webhook_sender import app as webhook_sender
from gridwix_gateway.runtime import aws, wiring
from tests.fakes.gateway.tables import create_table
from tests.fakes.invocation import lambda_context, sqs_record
from tests.fakes.webhook_receiver import Receiver, open_receiver

CREDENTIALS = base64.b64encode(b"key:0123456789abcdef").decode()
SECRET = {
    "consumers": [{"consumerKey": "key", "consumerSecret": "0123456789abcdef"}],
    "tokenKey": "k" * 32,
}


class Cloud:
    """A table, a secret, a bucket and a queue."""

    def __init__(self, queue_url: str, sqs: Any) -> None:
        self.queue_url = queue_url
        self._sqs = sqs
        self._token = ""

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to the function ``api`` as a REST API does, and return its JSON."""
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        if not self._token:
            headers["authorization"] = f"Basic {CREDENTIALS}"
        content = base64.b64encode(json.dumps(body).encode()).decode()
        event = {
            "httpMethod": method,
            "path": path,
            "headers": headers,
            "multiValueQueryStringParameters": {"grant_type": ["client_credentials"]},
            "requestContext": {},
            "body": None if body is None else content,
            "isBase64Encoded": body is not None,
        }
        answer = api.handler(event, None)
        assert answer["statusCode"] < 300, answer
        return json.loads(answer["body"])

    def authenticate(self) -> None:
        """Get a token."""
        self._token = self.call("POST", "/v1/oauth2/tokens")["access_token"]

    def messages(self) -> list[Any]:
        """Take the messages of the queue."""
        found = self._sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for cached in (
        wiring.api_application,
        wiring.webhook_sender_parts,
        aws.aws_client,
        aws.s3_client,
        aws.waking_client,
    ):
        cached.cache_clear()
    environment = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "TABLE_NAME": "gateway",
        "COMPANY_ID": "GC1",
        "SECRET_ID": "consumers",
        "BUCKET_NAME": "content",
        "WEBHOOK_ADDRESSES": "any",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        session = botocore.session.get_session()
        clients: Any = {
            name: session.create_client(name)
            for name in ("dynamodb", "secretsmanager", "s3", "sqs")
        }
        create_table(clients["dynamodb"], "gateway")
        clients["secretsmanager"].create_secret(Name="consumers", SecretString=json.dumps(SECRET))
        clients["s3"].create_bucket(Bucket="content")
        queue_url = clients["sqs"].create_queue(QueueName="wakes")["QueueUrl"]
        monkeypatch.setenv("WEBHOOK_QUEUE_URL", queue_url)
        found = Cloud(queue_url, clients["sqs"])
        found.authenticate()
        yield found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An endpoint that records what it gets."""
    with open_receiver() as found:
        yield found


def test_document_goes_from_upload_to_webhook(cloud: Cloud, receiver: Receiver) -> None:
    content = b"%PDF certificate"
    base = "/community/v1"
    file = {"fileName": "c.pdf", "mediaType": "application/pdf", "purpose": "document_version"}
    facts = {"sizeBytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    document = {
        "type": "coi",
        "title": "Certificate",
        "category": "insurance",
        "classification": "partner",
    }
    cloud.call("POST", f"{base}/webhook-endpoints", {"url": receiver.url})
    assert cloud.messages() == []

    created = cloud.call("POST", f"{base}/documents", document)
    upload = cloud.call("POST", f"{base}/uploads", {**file, **facts})
    # moto answers the calls of this library, too.
    requests: Any = import_module("requests")
    requests.put(upload["putUrl"], data=content).raise_for_status()
    path = f"{base}/documents/{created['id']}/versions"
    version = cloud.call("POST", path, {"uploadId": upload["uploadId"]})

    assert (version["number"], version["status"]) == (1, "in_review")
    assert cloud.messages() == [{"endpoint": "all"}] * 2
    woken = {"Records": [sqs_record("m1", {"endpoint": "all"})]}
    assert webhook_sender.handler(woken, lambda_context()) == {"batchItemFailures": []}
    types = [json.loads(body)["type"].removeprefix("net.example.tg.") for _, body in receiver.got]
    assert types == ["document.status_changed", "document.version_added", "approval.requested"]
