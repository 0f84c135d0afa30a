"""Mapping of a portal row to a Wix data item, with an id and a content hash. Pure.

Id and hash depend only on the row and its key.
"""

import hashlib
import re
import uuid
from typing import TYPE_CHECKING, Any

import orjson

from gridwix.mapping.row_sizes import fit_row, wire_size
from gridwix.models.ids import WixItemId
from gridwix.models.portal.rows import RowModel
from gridwix.models.wix import DataItem

if TYPE_CHECKING:
    from pydantic import BaseModel

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,50}")
_NAMESPACE = uuid.UUID("6f0bd4a1-94b8-5c2e-9d0f-3f6c0d1f7a11")


def item_id(key: str) -> WixItemId:
    """Derive the ``_id`` of a data item from a natural key.

    It is the key itself if that is URL-safe and at most 50 characters long, else a UUIDv5 of it.

    >>> item_id("GC00700011NR"), item_id("a key/with a slash")
    ('GC00700011NR', '15c3e99a-b6ac-5592-b339-673108503552')
    """
    return WixItemId(key if _SAFE_ID.fullmatch(key) else str(uuid.uuid5(_NAMESPACE, key)))


def data_item(key: str, row: "BaseModel") -> DataItem:
    """Convert a row to a Wix data item, fitted to the maximum size.

    Date-times stay ``datetime`` (Wix's ``DATETIME``), dates become ``YYYY-MM-DD``. A member that is
    None is left out. A row that is too large is shortened (``gridwix.mapping.row_sizes``).

    >>> from gridwix.models.portal.partner_status import NextStep, NextStepKind
    >>> step = NextStep(kind=NextStepKind.CASE, text="Call us.", reference="cases/CA-1")
    >>> data_item("GC1", step).data["reference"]
    'cases/CA-1'
    """
    plain = row.model_dump(by_alias=True, exclude_none=True)
    if isinstance(row, RowModel) and wire_size(plain) > row.max_bytes:
        plain = fit_row(row).model_dump(by_alias=True, exclude_none=True)
    return DataItem(id=item_id(key), data=_with_json_dates(plain))


def content_hash(item: DataItem) -> str:
    """Return the content hash of an item: equal for equal content, in any order of its members.

    It is BLAKE2b of the JSON with sorted keys, as 32 hexadecimal digits.

    >>> one, other = ({"a": 1, "b": 2}, {"b": 2, "a": 1})
    >>> content_hash(DataItem("GC1", one)) == content_hash(DataItem("GC1", other))
    True
    """
    try:
        canonical = orjson.dumps(item.data, default=str, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        # Wix cannot store such a value either (a lone surrogate, say); the client refuses the item.
        canonical = repr(item.data).encode(errors="backslashreplace")
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()


def _with_json_dates(value: Any) -> Any:
    # Nearly all members are texts.
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {name: _with_json_dates(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_with_json_dates(member) for member in value]
    # A date has no hour; a datetime has one and stays as it is.
    return (
        value.isoformat() if hasattr(value, "isoformat") and not hasattr(value, "hour") else value
    )
