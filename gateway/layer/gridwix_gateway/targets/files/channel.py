"""Delivers to a folder of a bucket: one JSON file for each item, under a name that never changes.

A file is written only if its name is free, so an attempt that comes twice leaves the first file.
"""

import json
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from gridwix_gateway.community.counterparts import Counterpart
from gridwix_gateway.targets.declarations import FilesTarget
from gridwix_gateway.targets.ports import (
    Delivered,
    DeliveryContext,
    DeliveryResult,
    Postponed,
    TargetChannel,
)


class FilesChannel(TargetChannel):
    """A channel to a folder.

    Args:
        target: The declaration.
        client: botocore's client of ``s3``.
        bucket: Name of the target bucket.
    """

    def __init__(self, target: FilesTarget, client: BaseClient, bucket: str) -> None:
        self._target = target
        self._client: Any = client
        self._bucket = bucket

    @property
    def is_repeatable(self) -> bool:
        return True

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        name = file_name(self._target.prefix, context)
        content = {name: value for name, value in context.variables.items() if value is not None}
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=json.dumps(content, ensure_ascii=False, sort_keys=True).encode(),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "PreconditionFailed":
                return Delivered(Counterpart(name))
            # Two writers of one name at once: the next attempt finds the file.
            return Postponed("refused", is_general=code != "ConditionalRequestConflict")
        except BotoCoreError:
            return Postponed("unreachable", is_general=True)
        return Delivered(Counterpart(name))


def file_name(prefix: str, context: DeliveryContext) -> str:
    """Return the name of an item's file: folder, day, delivery and kind.

    >>> event = {"id": "evt_1", "time": "2026-03-12T14:02:11.480Z"}
    >>> file_name("erp/", DeliveryContext("evt_1-20260312140211480", "comment", {"event": event}))
    'erp/2026-03-12/evt_1-20260312140211480-comment.json'
    """
    day = str(context.variables["event"]["time"])[:10]
    return f"{prefix}{day}/{context.delivery_id}-{context.kind}.json"
