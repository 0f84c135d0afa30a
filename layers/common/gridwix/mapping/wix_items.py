"""From a portal row to a Wix data item, with an id and a content hash that depend on nothing but the row."""

import hashlib
import re
import uuid
from typing import Any

import orjson
from pydantic import BaseModel

from gridwix.models.ids import WixItemId
from gridwix.models.wix import DataItem

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,50}")
_NAMESPACE = uuid.UUID("6f0bd4a1-94b8-5c2e-9d0f-3f6c0d1f7a11")


def item_id(key: str) -> WixItemId:
    """The data item's ``_id`` for a natural key: the key itself where it is URL-safe and short enough, else a UUIDv5 of it."""
    return WixItemId(key if _SAFE_ID.fullmatch(key) else str(uuid.uuid5(_NAMESPACE, key)))


def data_item(key: str, row: BaseModel) -> DataItem:
    """The row as a data item. Date-times stay ``datetime`` (Wix's ``DATETIME``), dates are ``YYYY-MM-DD``; a member that is None is left out."""
    plain = row.model_dump(by_alias=True, exclude_none=True)
    return DataItem(id=item_id(key), data=_with_json_dates(plain))


def content_hash(item: DataItem) -> str:
    """Equal for equal content, whatever the order of its members: BLAKE2b of the JSON with sorted keys, 32 hexadecimal digits."""
    try:
        canonical = orjson.dumps(item.data, default=str, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        # What Wix cannot hold either, such as a lone surrogate: it is the client that refuses the item.
        canonical = repr(item.data).encode(errors="backslashreplace")
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()


def _with_json_dates(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_json_dates(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_with_json_dates(member) for member in value]
    return value.isoformat() if hasattr(value, "isoformat") and not hasattr(value, "hour") else value
