"""Adapter of the content bucket for S3, with botocore."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from gridwix_gateway.content.ports import ContentStore, StoredContent

CONFIG = Config(
    signature_version="s3v4",
    # By default botocore signs a checksum of nothing into the URL of an upload.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
"""Configuration of botocore's client: signature version 4, the only one that makes a presigned URL
bind the length of the upload.
"""

PIECE = 1024 * 1024
"""Bytes held in memory at once while a digest is computed."""

MISSING = frozenset({"NoSuchKey", "404", "PreconditionFailed", "412"})
"""Error codes of S3 for an object that is missing, or has another entity tag than required."""


class S3Content(ContentStore):
    """The content bucket in S3, which holds uploads and documents.

    Args:
        connect: Returns botocore's client, made with :data:`CONFIG`. Called at the first use: most
            requests need no client, and it takes time to make.
        bucket: The bucket's name.
    """

    def __init__(self, connect: Callable[[], Any], bucket: str) -> None:
        self._connect = connect
        self._bucket = bucket

    def upload_url(self, key: str, size: int, seconds: int) -> str:
        # The length is a signed header. A digest cannot be: S3 ignores checksums in the query, and
        # clients of the profile send no headers of S3's own.
        parameters = {"Bucket": self._bucket, "Key": key, "ContentLength": size}
        return self._presign("put_object", parameters, seconds)

    def download_url(self, key: str, media_type: str, disposition: str, seconds: int) -> str:
        parameters = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentType": media_type,
            "ResponseContentDisposition": disposition,
        }
        return self._presign("get_object", parameters, seconds)

    def copy(self, source: str, target: str) -> StoredContent | None:
        return self._copy({"Bucket": self._bucket, "Key": source}, target)

    def copy_from(self, bucket: str, key: str, tag: str, target: str) -> StoredContent | None:
        """Copy an object of another bucket into this one, and return size and digest of the copy.

        Args:
            bucket: The other bucket.
            key: The object's key in the other bucket.
            tag: The object's entity tag.
            target: Key of the copy.

        Returns:
            Size and digest of the copy; None if the object is missing or has another entity tag.
        """
        # The copy takes no tags along, so the function needs no rights on tags.
        return self._copy(
            {"Bucket": bucket, "Key": key},
            target,
            CopySourceIfMatch=f'"{tag}"',
            TaggingDirective="REPLACE",
        )

    def _copy(self, source: Any, target: str, **options: str) -> StoredContent | None:
        try:
            response = self._connect().copy_object(
                Bucket=self._bucket,
                Key=target,
                CopySource=source,
                ChecksumAlgorithm="SHA256",
                MetadataDirective="REPLACE",
                ContentType="application/octet-stream",
                **options,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise
        size = int(self._connect().head_object(Bucket=self._bucket, Key=target)["ContentLength"])
        checksum = response["CopyObjectResult"].get("ChecksumSHA256")
        # S3 computes it. A stand-in of S3 may not.
        digest = self._digest(target) if checksum is None else base64.b64decode(checksum).hex()
        return StoredContent(size, digest)

    def put(self, key: str, content: bytes) -> None:
        self._connect().put_object(Bucket=self._bucket, Key=key, Body=content)

    def read(self, key: str, first: int, last: int) -> bytes:
        response = self._connect().get_object(
            Bucket=self._bucket, Key=key, Range=f"bytes={first}-{last}"
        )
        content: bytes = response["Body"].read()
        return content

    def delete(self, key: str) -> None:
        self._connect().delete_object(Bucket=self._bucket, Key=key)

    def _presign(self, operation: str, parameters: dict[str, Any], seconds: int) -> str:
        url: str = self._connect().generate_presigned_url(
            operation, Params=parameters, ExpiresIn=seconds
        )
        return url

    def _digest(self, key: str) -> str:
        digest = hashlib.sha256()
        body = self._connect().get_object(Bucket=self._bucket, Key=key)["Body"]
        for piece in body.iter_chunks(PIECE):
            digest.update(piece)
        return digest.hexdigest()
