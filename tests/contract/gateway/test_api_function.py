"""The function ``api`` as it is deployed: its environment, its secret, its table."""

import base64
import json
import runpy
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from gridwix_gateway.documents import Document
from gridwix_gateway.runtime import aws, wiring
from ops.paths import ROOT
from tests.fakes.gateway.tables import create_table

type Handler = Callable[[Document, object], Document]

SECRET = {
    "consumers": [{"consumerKey": "portal", "consumerSecret": "portal-secret-0123"}],
    "tokenKey": "k" * 32,
}


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Handler]:
    """The function's handler, in an account with its table and its secret."""
    environment = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "TABLE_NAME": "records",
        "COMPANY_ID": "GC1",
        "SECRET_ID": "gateway",
        "BUCKET_NAME": "gateway-content",
        "WEBHOOK_QUEUE_URL": "https://sqs.example/webhooks",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        session = botocore.session.get_session()
        create_table(session.create_client("dynamodb"), "records")
        secrets: Any = session.create_client("secretsmanager")
        secrets.create_secret(Name="gateway", SecretString=json.dumps(SECRET))
        aws.aws_client.cache_clear()
        wiring.api_application.cache_clear()
        found: Handler = runpy.run_path(str(ROOT / "gateway/functions/api/app.py"))["handler"]
        yield found
        aws.aws_client.cache_clear()
        wiring.api_application.cache_clear()


def call(handler: Handler, method: str, path: str, authorization: str, **more: Any) -> Document:
    event = {
        "httpMethod": method,
        "path": path,
        "headers": {"Authorization": authorization, "X-Request-ID": "req-1"},
        "requestContext": {"stage": "live"},
        "multiValueQueryStringParameters": None,
        "body": None,
        "isBase64Encoded": False,
        **more,
    }
    return handler(event, object())


def test_consumer_of_the_secret_gets_a_token_and_reads_the_table(handler: Handler) -> None:
    basic = base64.b64encode(b"portal:portal-secret-0123").decode()
    query = {"grant_type": ["client_credentials"]}

    granted = call(
        handler,
        "POST",
        "/v1/oauth2/tokens",
        f"Basic {basic}",
        multiValueQueryStringParameters=query,
    )
    token = json.loads(granted["body"])["access_token"]
    listed = call(handler, "GET", "/community/v1/cases", f"Bearer {token}")
    refused = call(handler, "GET", "/community/v1/cases", "Bearer nothing")

    assert (granted["statusCode"], listed["statusCode"], refused["statusCode"]) == (200, 200, 401)
    assert json.loads(listed["body"])["items"] == []
    assert refused["headers"]["content-type"] == "application/problem+json"
    assert {answer["headers"]["x-request-id"] for answer in (granted, listed, refused)} == {"req-1"}
