"""Delivers items from partners to a folder of a bucket: one JSON file per item.

The name of a file is deterministic, and the file is written only if its name is free, so a repeated
attempt is idempotent. The bytes of a document are copied by S3 before the JSON file is written: a
reader that finds the JSON file finds the bytes, too.
"""

import json
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from gridwix_gateway.community.counterparts import Counterpart
from gridwix_gateway.content.ranges import content_disposition
from gridwix_gateway.documents import Document
from gridwix_gateway.targets.contents import content_refusal, is_checksum_of, name_suffix
from gridwix_gateway.targets.declarations import FilesTarget
from gridwix_gateway.targets.partner_items import ItemKind
from gridwix_gateway.targets.ports import (
    SEND_SECONDS,
    ContentFault,
    ContentReader,
    Delivered,
    DeliveryContext,
    DeliveryResult,
    DocumentContent,
    Postponed,
    Rejected,
    TargetChannel,
)

COPY_SECONDS = 60.0
"""Maximum seconds of copying a document."""

MAX_SHOWN_NAME = 120
"""Maximum characters of the download name of a copied document. S3 accepts 2 KB of metadata
(``Content-Disposition`` and others), and a character can take 12 bytes there.
"""

LARGEST_COPY = 5_000_000_000
"""Maximum bytes that S3 copies in one call. The profile limits documents to 1 GiB."""


class FilesChannel(TargetChannel):
    """Delivers items from partners, such as comments, to a target that is a folder of an S3 bucket.

    Args:
        target: Declaration of the target.
        client: botocore's client of ``s3``.
        bucket: Name of the target bucket.
        content_bucket: Name of the bucket with the bytes of documents.
        contents: Reads the bytes of documents.
    """

    def __init__(
        self,
        target: FilesTarget,
        client: BaseClient,
        bucket: str,
        *,
        content_bucket: str,
        contents: ContentReader,
    ) -> None:
        self._target = target
        self._client: Any = client
        self._bucket = bucket
        self._content_bucket = content_bucket
        self._contents = contents

    @property
    def is_repeatable(self) -> bool:
        return True

    def seconds_needed(self, kind: ItemKind) -> float:
        return SEND_SECONDS + (COPY_SECONDS if kind == "document" else 0.0)

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        name = file_name(self._target.prefix, context)
        facts = {name: value for name, value in context.variables.items() if value is not None}
        if context.content is not None:
            facts["attached"] = not content_refusal(context, LARGEST_COPY)
            if facts["attached"]:
                copy_name = content_name(self._target.prefix, context, context.content)
                facts["content"] = copy_name
                failure = self._copy(copy_name, context, context.content)
                if failure is not None:
                    return failure
        return self._write(name, facts)

    def _write(self, name: str, facts: Document) -> DeliveryResult:
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=json.dumps(facts, ensure_ascii=False, sort_keys=True).encode(),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if _code(error) != "PreconditionFailed":
                return _failure(error)
        except BotoCoreError:
            return Postponed("unreachable", is_general=True)
        return Delivered(Counterpart(name))

    def _copy(
        self, name: str, context: DeliveryContext, content: DocumentContent
    ) -> DeliveryResult | None:
        """Copy the bytes of a document to the target bucket, unless the copy exists.

        Returns None on success, else the result of the failed attempt.
        """
        try:
            # After it, what fails is the target's: S3 does not say which of the two it refuses.
            self._contents.check(content)
            response = self._client.copy_object(
                Bucket=self._bucket,
                Key=name,
                CopySource={"Bucket": self._content_bucket, "Key": content.blob},
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                MetadataDirective="REPLACE",
                Metadata={"sha256": content.sha256, "delivery": context.delivery_id},
                # A copy of tags needs permissions of its own.
                TaggingDirective="REPLACE",
                ContentType=content.media_type,
                ContentDisposition=content_disposition(shown_name(content.file_name)),
            )
        except ContentFault as fault:
            return fault.result
        except ClientError as error:
            return None if _code(error) == "PreconditionFailed" else _failure(error)
        except ReadTimeoutError:
            # The copy may go on: the next attempt finds it. Others are not slower for it.
            return Postponed("timed-out")
        except BotoCoreError:
            return Postponed("unreachable", is_general=True)
        is_right = is_checksum_of(response["CopyObjectResult"], content)
        return None if is_right else Rejected("content-damaged")


def file_name(prefix: str, context: DeliveryContext) -> str:
    """Return the key of an item's JSON file, the same in every attempt.

    >>> event = {"id": "evt_1", "time": "2026-03-12T14:02:11.480Z"}
    >>> file_name("erp/", DeliveryContext("evt_1-20260312140211480", "comment", {"event": event}))
    'erp/2026-03-12/evt_1-20260312140211480-comment.json'
    """
    return f"{_stem(prefix, context)}.json"


def content_name(prefix: str, context: DeliveryContext, content: DocumentContent) -> str:
    """Return the key of a document's copy, the same in every attempt.

    It is the key of the item's JSON file with another ending, and the document's suffix.

    >>> event = {"id": "evt_1", "time": "2026-03-12T14:02:11.480Z"}
    >>> context = DeliveryContext("evt_1-20260312140211480", "document", {"event": event})
    >>> content = DocumentContent("b", 1, "00", "application/pdf", "../W-9.PDF")
    >>> content_name("erp/", context, content)
    'erp/2026-03-12/evt_1-20260312140211480-document-content.pdf'
    """
    return f"{_stem(prefix, context)}-content{name_suffix(content.file_name)}"


def shown_name(name: str) -> str:
    """Return a file name, shortened so that S3 accepts it as metadata for downloads.

    >>> shown_name("W-9.pdf"), len(shown_name("a" * 251 + ".pdf"))
    ('W-9.pdf', 120)
    """
    suffix = name_suffix(name)
    return name if len(name) <= MAX_SHOWN_NAME else name[: MAX_SHOWN_NAME - len(suffix)] + suffix


def _stem(prefix: str, context: DeliveryContext) -> str:
    day = str(context.variables["event"]["time"])[:10]
    return f"{prefix}{day}/{context.delivery_id}-{context.kind}"


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _failure(error: ClientError) -> Postponed:
    """Return the result of a failed write to S3: a retry and, unless one file is at fault, a pause.

    ``is_general`` of the result is True, so that all deliveries to the target's bucket pause,
    except for three errors that concern one file only: two writers of one name at once
    (``ConditionalRequestConflict``; the retry finds the file), a request that S3 never accepts
    (400), and missing bytes of a document (``NoSuchKey``).
    """
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    of_one_file = status == 400 or _code(error) in {"ConditionalRequestConflict", "NoSuchKey"}
    return Postponed("refused", is_general=not of_one_file)
