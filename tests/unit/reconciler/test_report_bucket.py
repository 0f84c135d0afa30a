"""Reports that the reconciler keeps in S3, and the next page that it hands itself."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from gridwix.errors import Forbidden, Throttled, Unavailable, UpstreamError
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.reconciliation import RUN_MESSAGE, FullPage, Phase
from gridwix.reconciler.continuation import SqsContinuation
from gridwix.reconciler.report_bucket import S3Documents
from tests.factories import NOW

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from gridwix.publication.reconciled import Continuation, RunDocuments

REGION = "eu-west-1"
BUCKET = "gridwix-reports"


@pytest.fixture
def s3() -> "Iterator[S3Client]":
    with mock_aws():
        client = boto3.client("s3", region_name=REGION)
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        yield client


def test_document_that_was_written_is_read_and_a_later_one_takes_its_place(s3: "S3Client") -> None:
    documents: RunDocuments = S3Documents(s3, BUCKET)

    documents.write("reports/2026-03-12/run.json", '{"drifted": "Łódź"}')
    first = documents.read_document("reports/2026-03-12/run.json")
    documents.write("reports/2026-03-12/run.json", "{}")

    assert first == '{"drifted": "Łódź"}'
    assert documents.read_document("reports/2026-03-12/run.json") == "{}"
    assert (
        s3.head_object(Bucket=BUCKET, Key="reports/2026-03-12/run.json")["ContentType"]
        == "application/json"
    )


def test_document_that_does_not_exist_reads_as_none(s3: "S3Client") -> None:
    assert S3Documents(s3, BUCKET).read_document("baselines/PartnerStatus.json") is None


def test_bucket_that_does_not_exist_is_an_upstream_error(s3: "S3Client") -> None:
    with pytest.raises(UpstreamError) as raised:
        S3Documents(s3, "elsewhere").read_document("x")

    assert raised.value.vendor_code == "NoSuchBucket"


@pytest.mark.parametrize(
    ("code", "status", "kind"), [("AccessDenied", 403, Forbidden), ("SlowDown", 503, Throttled)]
)
def test_refusal_of_s3_becomes_ours(code: str, status: int, kind: type[Exception]) -> None:
    client = boto3.client(
        "s3", region_name=REGION, aws_access_key_id="key", aws_secret_access_key="secret"
    )
    with Stubber(client) as stubber:
        stubber.add_client_error("get_object", code, http_status_code=status)
        with pytest.raises(kind):
            S3Documents(client, BUCKET).read_document("x")
        stubber.add_client_error("put_object", code, http_status_code=status)
        with pytest.raises(kind):
            S3Documents(client, BUCKET).write("x", "{}")


def test_page_arrives_in_the_queue_as_it_was_sent() -> None:
    page = FullPage(
        run="full-1",
        begun=datetime(2026, 3, 12, tzinfo=UTC),
        collection=PARTNER_STATUS,
        phase=Phase.COMPARE,
        page=7,
        cursor="GC1",
        parts=2,
    )
    with mock_aws():
        sqs = boto3.client("sqs", region_name=REGION)
        queue = sqs.create_queue(QueueName="reconciler")["QueueUrl"]
        continuation: Continuation = SqsContinuation(sqs, queue)

        continuation.send(page)

        (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert RUN_MESSAGE.validate_json(message["Body"]) == page
    assert json.loads(message["Body"])["dryRun"] is False


def test_send_that_fails_is_an_upstream_error() -> None:
    client = boto3.client(
        "sqs", region_name=REGION, aws_access_key_id="key", aws_secret_access_key="secret"
    )
    page = FullPage(run="full-1", begun=NOW, collection=PARTNER_STATUS)
    with Stubber(client) as stubber:
        stubber.add_client_error("send_message", "ServiceUnavailable", http_status_code=503)

        with pytest.raises(Unavailable):
            SqsContinuation(client, "https://sqs/queue").send(page)
