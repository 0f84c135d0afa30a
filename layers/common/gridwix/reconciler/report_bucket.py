"""Stores the reconciler's documents in S3: checkpoints of its runs, and drift reports."""

from typing import TYPE_CHECKING, override

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.publication.reconciled import RunDocuments

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Documents(RunDocuments):
    """Documents in an S3 bucket: a document's name is its key.

    The function needs ``s3:ListBucket``: without it S3 answers 403 and not 404 for a key that does
    not exist. Both methods raise :class:`gridwix.errors.UpstreamError`.
    """

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @override
    def read_document(self, name: str) -> str | None:
        with translate_aws_errors("GetObject"):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=name)
            except self._client.exceptions.NoSuchKey:
                return None
            return answer["Body"].read().decode()

    @override
    def write(self, name: str, text: str) -> None:
        with translate_aws_errors("PutObject"):
            self._client.put_object(
                Bucket=self._bucket, Key=name, Body=text.encode(), ContentType="application/json"
            )
