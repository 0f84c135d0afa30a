"""DynamoDB store of configuration versions, and of the pointer to the version in effect.

The partition key is ``part``, the sort key ``entry``:

============  ==================  ===========================================================
``part``      ``entry``           further attributes
============  ==================  ===========================================================
``pointer``   ``pointer``         ``version``, ``revision``, ``movedAt`` (Unix seconds)
``change``    revision, 8 digits  ``version``, ``at`` (Unix seconds), ``action``, ``note``
``version``   digest              ``content``: the compiled text, compressed
============  ==================  ===========================================================

Each item has its schema number as well. A version never changes and is never deleted. The pointer
and the ``change`` item of its move are written in one transaction, and only if the pointer still
has the revision that the writer has read (optimistic locking).
"""

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.boto import failed_conditions, translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_attribute
from gridwix.clients.aws.items import decode_item, encode_item, seconds_number
from gridwix.configuration.in_effect import ConfigurationSource
from gridwix.errors import ConfigurationError
from gridwix.models.configuration_versions import (
    BUNDLED,
    Action,
    ConfigurationChange,
    ConfigurationPointer,
    configuration_digest,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_COMPRESSED = 380_000
"""Maximum size of a compressed configuration version, in bytes. An item of DynamoDB holds 400 KB.
"""

MAX_CONTENT = 8_000_000
"""Maximum size of an uncompressed configuration version, in bytes, so that no stored item can fill
a function's memory.
"""

_POINTER = {"part": "pointer", "entry": "pointer"}


class DynamoDBConfigurationVersions(ConfigurationSource):
    """Reads and stores configuration versions, and puts one into effect.

    Methods raise :class:`gridwix.errors.UpstreamError` if DynamoDB fails.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read_pointer(self) -> ConfigurationPointer:
        item = decode_item(self._get_item(_POINTER))
        if not item:
            return ConfigurationPointer()
        try:
            return ConfigurationPointer(
                str(item["version"]), int(item["revision"]), float(item.get("movedAt", 0))
            )
        except (KeyError, TypeError, ValueError):
            # Written by somebody else. It must fail no batch.
            raise ConfigurationError(
                "is damaged",
                setting=f"configuration in effect (the item pointer of {self._table})",
                remedy=("give it the text version and the number revision of the newest change"),
            ) from None

    def read_content(self, version: str) -> bytes | None:
        content = self._get_item({"part": "version", "entry": version}).get("content", {}).get("B")
        return None if content is None else _decompress(content)

    def add_version(self, content: bytes) -> str:
        """Store a configuration version; return its name, the digest of ``content``. Idempotent.

        Raises:
            ConfigurationError: The version is too large for the store.
        """
        compressed = zlib.compress(content, level=9)
        if len(compressed) > MAX_COMPRESSED or len(content) > MAX_CONTENT:
            raise ConfigurationError(
                f"has {len(content):,} bytes, {len(compressed):,} compressed; a version has"
                f" at most {MAX_CONTENT:,}, {MAX_COMPRESSED:,} compressed",
                setting="configuration (the folder config/)",
                remedy="remove texts or forms that nobody uses, or deploy it",
            )
        version = configuration_digest(content)
        item = encode_item(
            {
                "part": "version",
                "entry": version,
                **schema_attribute(ItemKind.CONFIGURATION_VERSION),
            }
        )
        # The codec has no bytes: nothing else in the tables is of them.
        item["content"] = {"B": compressed}
        with translate_aws_errors("PutItem"):
            self._client.put_item(TableName=self._table, Item=item)
        return version

    def move_pointer(
        self,
        expected: ConfigurationPointer,
        version: str,
        action: Action,
        at: datetime,
        note: str = "",
    ) -> ConfigurationPointer | None:
        """Put a stored version, or the bundled configuration (``BUNDLED``), into effect.

        Args:
            expected: The pointer as the caller has read it.
            version: The version to put into effect.
            action: Name of the command that moves the pointer, for the list of changes.
            at: The current time.
            note: What the author wrote about the change; no personal data.

        Returns:
            The new pointer; None if another writer has moved it since ``expected`` was read.

        Raises:
            UpstreamError: AWS failed. The error is Throttled if another transaction was in flight
                on the pointer: the pointer was not moved then.
        """
        moved = ConfigurationPointer(version, expected.revision + 1, at.timestamp())
        schema = schema_attribute(ItemKind.CONFIGURATION_CHANGE)
        pointer: dict[str, Any] = {
            "TableName": self._table,
            "Item": encode_item(
                {
                    **_POINTER,
                    "version": version,
                    "revision": moved.revision,
                    "movedAt": seconds_number(moved.moved_at),
                    **schema,
                }
            ),
            "ConditionExpression": "attribute_not_exists(revision)",
        }
        if expected.revision:
            pointer["ConditionExpression"] = "revision = :revision"
            pointer["ExpressionAttributeValues"] = encode_item({":revision": expected.revision})
        change = encode_item(
            {
                "part": "change",
                "entry": f"{moved.revision:08}",
                "version": version,
                "at": seconds_number(at.timestamp()),
                "action": action,
                "note": note,
                **schema,
            }
        )
        with translate_aws_errors("TransactWriteItems"):
            try:
                self._client.transact_write_items(
                    TransactItems=[
                        {"Put": pointer},  # type: ignore[typeddict-item]  # Built in two steps.
                        {"Put": {"TableName": self._table, "Item": change}},
                    ]
                )
            except self._client.exceptions.TransactionCanceledException as error:
                failed_conditions("TransactWriteItems", error)
                return None
        return moved

    def list_changes(self, limit: int) -> Sequence[ConfigurationChange]:
        """Return the history of which configuration version was put into effect, newest first.

        At most ``limit`` entries. Each records one move of the pointer to a version.
        """
        with translate_aws_errors("Query"):
            response = self._client.query(
                TableName=self._table,
                KeyConditionExpression="part = :part",
                ExpressionAttributeValues=encode_item({":part": "change"}),
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=limit,
            )
        return [_change(decode_item(item)) for item in response["Items"]]

    def _get_item(self, key: Mapping[str, str]) -> Mapping[str, Any]:
        with translate_aws_errors("GetItem"):
            response = self._client.get_item(
                TableName=self._table, Key=encode_item(key), ConsistentRead=True
            )
        return response.get("Item", {})


def _change(item: Mapping[str, Any]) -> ConfigurationChange:
    return ConfigurationChange(
        revision=int(item["entry"]),
        version=str(item.get("version", BUNDLED)),
        at=datetime.fromtimestamp(float(item.get("at", 0)), UTC),
        action=item.get("action", "apply"),
        note=str(item.get("note", "")),
    )


def _decompress(content: bytes) -> bytes | None:
    """Decompress the text of a stored version; None if it is damaged or too large.

    Too large is a text that :meth:`~DynamoDBConfigurationVersions.add_version` does not store.
    """
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(content, MAX_CONTENT)
    except zlib.error:
        return None
    return text if stream.eof else None
