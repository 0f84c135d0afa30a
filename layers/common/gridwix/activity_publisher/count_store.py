"""Stores document counts by hour (time slice) and by day, and their index, as gzip objects in S3.

An object's name ends with the hash of its content. An object with counts has one line per partner,
a JSON array ``[partner, lines, failures, latest]``. ``lines`` has, for each document type and
direction, ``[type, direction, numbers]`` with one number of documents per state. ``failures`` has
the newest failed documents, each as ``[at, process, kind, type, direction, number]``. ``latest`` is
the time of the last change of any of the documents.
"""

import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, override

import orjson

from gridwix.activity_publisher.counts import FailedDocument, LineKey, PartnerCounts
from gridwix.activity_publisher.index import ActivityIndex
from gridwix.activity_publisher.ports import Counts, CountStore, RunContinuation
from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.errors import NotFound
from gridwix.models.ids import PartnerId
from gridwix.models.transactions import Direction

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

FOLDER = "activity"
"""Folder of the report bucket with the counts. Its objects expire after 40 days; no index names an
older one.
"""

COMPRESSION = 6


class S3CountStore(CountStore):
    """Store of document counts in S3. Counts are named by the key of their object in the bucket.

    The function needs ``s3:ListBucket``: without it S3 answers 403 and not 404 for a key that does
    not exist.
    """

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @override
    def write_counts(self, folder: str, counts: Iterable[Counts]) -> str:
        packed = io.BytesIO()
        # Without a time, equal counts are equal bytes.
        with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, compresslevel=COMPRESSION) as file:
            for partner_id, own in counts:
                file.write(orjson.dumps(_encode(partner_id, own), option=orjson.OPT_APPEND_NEWLINE))
        return self._put(folder, packed.getvalue())

    @override
    def read_counts(self, name: str) -> Iterator[Counts]:
        with gzip.GzipFile(fileobj=io.BytesIO(self._get(name))) as lines:
            for line in lines:
                yield _decode(orjson.loads(line))

    @override
    def write_index(self, index: ActivityIndex) -> str:
        document = orjson.dumps(index.to_document(), option=orjson.OPT_SORT_KEYS)
        return self._put("index", gzip.compress(document, COMPRESSION, mtime=0))

    @override
    def read_index(self, name: str) -> ActivityIndex | None:
        try:
            packed = self._get(name)
        except NotFound:
            return None
        return ActivityIndex.from_document(orjson.loads(gzip.decompress(packed)))

    def _put(self, folder: str, content: bytes) -> str:
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        name = f"{FOLDER}/{folder}/{digest}.gz"
        with translate_aws_errors("PutObject"):
            self._client.put_object(
                Bucket=self._bucket, Key=name, Body=content, ContentType="application/gzip"
            )
        return name

    def _get(self, name: str) -> bytes:
        with translate_aws_errors("GetObject"):
            return self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()


class SqsRunContinuation(RunContinuation):
    """Requests another run of the activity publisher by a message to the function's own queue."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    @override
    def request_run(self) -> None:
        with translate_aws_errors("SendMessage"):
            self._client.send_message(
                QueueUrl=self._queue_url, MessageBody='{"reason": "continue"}'
            )


def _encode(partner_id: PartnerId, counts: PartnerCounts) -> list[Any]:
    lines = [[*key, list(numbers)] for key, numbers in sorted(counts.lines.items())]
    failures = [[one.at.isoformat(), *one[1:]] for one in counts.failures]
    return [partner_id, lines, failures, counts.latest.isoformat()]


def _decode(found: list[Any]) -> Counts:
    partner_id, lines, failures, latest = found
    return PartnerId(partner_id), PartnerCounts(
        lines={
            LineKey(document_type, Direction(direction)): tuple(numbers)
            for document_type, direction, numbers in lines
        },
        failures=tuple(
            FailedDocument(
                datetime.fromisoformat(at),
                process,
                kind,
                document_type,
                Direction(direction),
                number,
            )
            for at, process, kind, document_type, direction, number in failures
        ),
        latest=datetime.fromisoformat(latest),
    )
