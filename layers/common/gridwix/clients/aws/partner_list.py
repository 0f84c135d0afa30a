"""Stores the list of all partners of a hub in items of the call budget's DynamoDB table.

Adapter of the port :class:`gridwix.publication.hub_partners.PartnerListStore`. The functions that
use the list have access to that table anyway. One item describes the list, and further items hold
its parts. The keys of all these items begin with ``partner-list/``. The call budget's own items
have ids of Wix sites as keys, which never begin like that, so the keys do not collide.
"""

import secrets
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Any, override

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_value
from gridwix.clients.aws.items import Value, decode_item, encode_item, seconds_number
from gridwix.models.ids import CompanyId
from gridwix.publication.hub_partners import KeptPartners, PartnerListStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PART_BYTES = 140_000
"""Size of a part, in bytes. DynamoDB allows items of 400 KB, but emulators such as moto count bytes
in base64, and add those of the item that is replaced.
"""

MOST_PARTS = 200
"""Maximum number of parts. A longer list, of about three million partners, is not kept."""


class DynamoDBPartnerList(PartnerListStore):
    """Stores the partner list of one hub in several items, and detects torn reads.

    Each save writes a random mark, the same one, into all its items. If a reader finds items with
    different marks, the list is being replaced, or two workers have saved at the same time: the
    list then counts as missing.
    """

    def __init__(self, client: "DynamoDBClient", table: str, company_id: CompanyId) -> None:
        self._client = client
        self._table = table
        self._key = f"partner-list/{company_id}"

    @override
    def load(self) -> KeptPartners | None:
        head: Any = decode_item(self._read(self._key))
        if not head:
            return None
        pieces: list[bytes] = []
        for number in range(int(head["parts"])):
            part = self._read(f"{self._key}/{number}")
            if not part or part["mark"]["S"] != head["mark"]:
                return None
            pieces.append(part["content"]["B"])
        return KeptPartners(
            as_of=datetime.fromisoformat(head["asOf"]),
            listed_at=float(head["listedAt"]),
            newest=datetime.fromisoformat(head["newest"]),
            content=b"".join(pieces),
        )

    @override
    def save(self, kept: KeptPartners) -> None:
        parts = [bytes(part) for part in batched(kept.content, PART_BYTES, strict=False)]
        if len(parts) > MOST_PARTS:
            return
        mark = secrets.token_hex(16)
        for number, part in enumerate(parts):
            self._write(f"{self._key}/{number}", mark, {"content": {"B": part}})
        described: dict[str, Value] = {
            "parts": len(parts),
            "asOf": kept.as_of.isoformat(),
            "listedAt": seconds_number(kept.listed_at),
            "newest": kept.newest.isoformat(),
        }
        self._write(self._key, mark, encode_item(described))

    def _read(self, key: str) -> Any:
        with translate_aws_errors("GetItem"):
            response = self._client.get_item(
                TableName=self._table, Key=encode_item({"site": key}), ConsistentRead=True
            )
        return response.get("Item", {})

    def _write(self, key: str, mark: str, attributes: Any) -> None:
        given = {**attributes, **encode_item({"mark": mark})}
        with translate_aws_errors("UpdateItem"):
            self._client.update_item(
                TableName=self._table,
                Key=encode_item({"site": key}),
                UpdateExpression=(
                    f"SET {', '.join(f'{name} = :{name}' for name in given)},"
                    " schemaVersion = :schema"
                ),
                ExpressionAttributeValues={
                    **{f":{name}": value for name, value in given.items()},
                    **encode_item(schema_value(ItemKind.PARTNER_LIST)),
                },
            )
