"""The gateway's bucket: S3's stand-in and the one in memory hold the same contract."""

import hashlib
from collections.abc import Iterator
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
import pytest
from moto import mock_aws

from gridwix_gateway.content.ports import ContentStore, StoredContent
from gridwix_gateway.content.s3 import CONFIG, S3Content
from tests.fakes.gateway.memory_content import MemoryContent


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Content]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with mock_aws():
        client: Any = botocore.session.get_session().create_client("s3", config=CONFIG)
        client.create_bucket(Bucket="bytes")
        yield S3Content(lambda: client, "bytes")


@pytest.fixture(params=["s3", "memory"])
def store(request: pytest.FixtureRequest) -> ContentStore:
    if request.param == "memory":
        return MemoryContent()
    found: ContentStore = request.getfixturevalue("s3")
    return found


def test_copy_says_what_was_copied(store: ContentStore) -> None:
    store.put("uploads/1", b"some bytes")

    copied = store.copy("uploads/1", "content/1")
    store.put("uploads/1", b"others")

    assert copied == StoredContent(10, hashlib.sha256(b"some bytes").hexdigest())
    assert store.read("content/1", 0, 9) == b"some bytes"


def test_copy_of_nothing_is_none(store: ContentStore) -> None:
    assert store.copy("uploads/1", "content/1") is None


def test_read_returns_a_part_and_delete_leaves_nothing(store: ContentStore) -> None:
    store.put("content/1", b"some bytes")

    assert store.read("content/1", 5, 6) == b"by"

    store.delete("content/1")
    store.delete("content/1")
    assert store.copy("content/1", "content/2") is None


def test_copy_without_a_checksum_is_read(s3: S3Content, monkeypatch: pytest.MonkeyPatch) -> None:
    original = s3._connect().copy_object

    def copy_without_checksum(**arguments: str) -> object:
        response = original(**arguments)
        assert response["CopyObjectResult"].pop("ChecksumSHA256")
        return response

    monkeypatch.setattr(s3._connect(), "copy_object", copy_without_checksum)
    s3.put("uploads/1", b"some bytes")

    copied = s3.copy("uploads/1", "content/1")

    assert copied == StoredContent(10, hashlib.sha256(b"some bytes").hexdigest())


def test_upload_url_binds_the_length_and_no_header_that_a_client_would_have_to_know(
    s3: S3Content,
) -> None:
    query = parse_qs(urlsplit(s3.upload_url("uploads/1", 10, 3600)).query)

    assert query["X-Amz-SignedHeaders"] == ["content-length;host"]
    assert query["X-Amz-Expires"] == ["3600"]
    assert not [name for name in query if "checksum" in name.lower()]


def test_presigned_urls_take_and_give_the_bytes(s3: S3Content) -> None:
    # moto answers the calls of this library, too.
    requests: Any = import_module("requests")
    requests.put(s3.upload_url("uploads/1", 10, 60), data=b"some bytes").raise_for_status()

    url = s3.download_url("uploads/1", "application/pdf", "attachment; filename*=UTF-8''a", 60)
    got = requests.get(url, headers={"Range": "bytes=5-6"})

    assert (got.status_code, got.content) == (206, b"by")
    query = parse_qs(urlsplit(url).query)
    assert query["response-content-type"] == ["application/pdf"]
    assert query["response-content-disposition"] == ["attachment; filename*=UTF-8''a"]
