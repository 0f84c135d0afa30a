"""Accesses the bucket of uploaded files and the bucket of document content, in S3."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from gridwix_gateway.content.ports import StoredContent
from gridwix_gateway.content.s3 import MISSING, PIECE, S3Content
from gridwix_gateway.sources.documents.ports import DocumentDrops
from gridwix_gateway.sources.files.ports import Drop, DropGone
from gridwix_gateway.sources.files.s3_drops import S3Drops


class S3DocumentDrops(DocumentDrops):
    """Reads uploaded files, copies them to the content bucket, and writes reports, in S3.

    Args:
        client: botocore's client of S3, with time-outs that suit the copy of a large object.
        bucket: Name of the bucket of uploaded files.
        content: The gateway's bucket of content.
    """

    def __init__(self, client: Any, bucket: str, content: S3Content) -> None:
        self._client = client
        self._bucket = bucket
        self._content = content
        self._drops = S3Drops(client, bucket)

    def describe_drop(self, name: str) -> Drop:
        return self._drops.describe_drop(name)

    def read_drop(self, drop: Drop) -> Iterator[bytes]:
        try:
            response = self._client.get_object(
                Bucket=self._bucket, Key=drop.name, IfMatch=f'"{drop.tag}"'
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                raise DropGone(drop.name) from None
            raise
        size = 0
        for chunk in response["Body"].iter_chunks(PIECE):
            size += len(chunk)
            yield chunk
        if size != drop.size:
            raise OSError("the download is incomplete")

    def copy_drop(self, drop: Drop, target: str) -> StoredContent:
        copied = self._content.copy_from(self._bucket, drop.name, drop.tag, target)
        if copied is None:
            raise DropGone(drop.name)
        return copied

    def delete_copy(self, target: str) -> None:
        self._content.delete(target)

    def put_report(self, drop: Drop, content: bytes) -> str:
        return self._drops.put_report(drop, content)
