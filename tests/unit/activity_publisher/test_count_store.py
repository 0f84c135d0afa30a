"""Counts and indexes in S3, and the message that requests the next run."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from gridwix.activity_publisher.count_store import S3CountStore, SqsRunContinuation
from gridwix.activity_publisher.counts import FailedDocument, LineKey, PartnerCounts
from gridwix.activity_publisher.index import ActivityIndex, ReadSlice
from gridwix.errors import Forbidden, NotFound, Unavailable
from gridwix.models.ids import PartnerId
from gridwix.models.transactions import Direction
from tests.factories import NOW

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from gridwix.activity_publisher.ports import CountStore, RunContinuation

REGION = "eu-west-1"
BUCKET = "gridwix-reports"
COUNTS = PartnerCounts(
    lines={
        LineKey("856", Direction.INBOUND): (1, 2, 3, 4, 5, 6, 7),
        LineKey("", Direction.OUTBOUND): (0, 0, 0, 0, 0, 0, 1),
    },
    failures=(FailedDocument(NOW, "c-1", "delivery_failed", "856", Direction.INBOUND, "Ł-1"),),
    latest=NOW,
)
INDEX = ActivityIndex(
    version=7,
    until=date(2026, 3, 12),
    slices={
        datetime(2026, 3, 12, 14, tzinfo=UTC): ReadSlice(NOW, "activity/slices/x.gz"),
        datetime(2026, 3, 12, 13, tzinfo=UTC): ReadSlice(NOW, ""),
    },
    days={date(2026, 3, 12): "activity/days/x.gz"},
    pending=frozenset({PartnerId("GC2"), PartnerId("GC1")}),
)


@pytest.fixture
def s3() -> "Iterator[S3Client]":
    with mock_aws():
        client = boto3.client("s3", region_name=REGION)
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        yield client


def test_counts_that_were_written_are_read_and_equal_ones_have_one_name(s3: "S3Client") -> None:
    store: CountStore = S3CountStore(s3, BUCKET)
    counts = [(PartnerId("GC1"), COUNTS), (PartnerId("GC2"), COUNTS)]

    name, again = store.write_counts("days/x", counts), store.write_counts("days/x", iter(counts))
    other = store.write_counts("days/x", counts[:1])

    assert list(store.read_counts(name)) == counts
    assert name == again != other
    assert name.startswith("activity/days/x/")


def test_index_that_was_written_is_read(s3: "S3Client") -> None:
    store: CountStore = S3CountStore(s3, BUCKET)

    name = store.write_index(INDEX)

    assert name.startswith("activity/index/")
    assert store.read_index(name) == INDEX


def test_index_that_does_not_exist_or_has_another_format_is_none(s3: "S3Client") -> None:
    store: CountStore = S3CountStore(s3, BUCKET)
    document = gzip.compress(json.dumps({**INDEX.to_document(), "format": 0}).encode())
    s3.put_object(Bucket=BUCKET, Key="activity/index/old.gz", Body=document)

    assert store.read_index("activity/index/none.gz") is None
    assert store.read_index("activity/index/old.gz") is None


def test_counts_that_do_not_exist_are_an_upstream_error(s3: "S3Client") -> None:
    with pytest.raises(NotFound):
        list(S3CountStore(s3, BUCKET).read_counts("activity/days/none.gz"))


def test_bucket_that_may_not_be_read_is_no_lost_index() -> None:
    client = boto3.client(
        "s3", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber, pytest.raises(Forbidden):
        stubber.add_client_error("get_object", "AccessDenied", http_status_code=403)
        S3CountStore(client, BUCKET).read_index("activity/index/x.gz")


def test_next_run_is_requested_by_a_message_to_the_queue() -> None:
    with mock_aws():
        client = boto3.client("sqs", region_name=REGION)
        url = client.create_queue(QueueName="activity")["QueueUrl"]
        continuation: RunContinuation = SqsRunContinuation(client, url)

        continuation.request_run()

        (message,) = client.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"reason": "continue"}


def test_request_that_is_not_answered_is_an_upstream_error() -> None:
    client = boto3.client(
        "sqs", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber, pytest.raises(Unavailable):
        stubber.add_client_error("send_message", "InternalError", http_status_code=500)
        SqsRunContinuation(client, "https://queue.example").request_run()
