"""Bulk calls: how items become request bodies, and how Wix's verdicts find their items again. Source: Bulk Save Data Items of Wix Data Items v2."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from gridwix.clients.http import members, vendor_code
from gridwix.clients.wix.codec import encode
from gridwix.clients.wix.faults import TOO_LARGE, unusable
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import MAX_BULK_ITEMS, MAX_ITEM_BYTES, DataItem, Refusal

MAX_BODY_BYTES = 4_000_000
"""Largest request body. A bulk call whose items are larger together is sent as several calls."""

GROUP = 32
"""How many items are encoded at a time. Most cost of encoding a small item alone is that of beginning to encode."""

NOT_JSON = "not_json"
"""Code of a refusal for an item that cannot be written as JSON. Ours, not Wix's."""

UNKNOWN = "unknown"
"""Code of a refusal for which Wix gives no reason."""

_MOST_DESCRIPTION = 300


@dataclass(slots=True)
class SaveChunk:
    """The items of one call, encoded."""

    ids: list[WixItemId] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, ids: Iterable[WixItemId], part: bytes) -> None:
        self.ids += ids
        self.parts.append(part)
        self.size += len(part) + 1

    def body(self, collection: CollectionId) -> bytes:
        return b'{"dataCollectionId":' + encode(collection) + b',"dataItems":[' + b",".join(self.parts) + b"]}"


def check_ids(ids: Sequence[WixItemId]) -> None:
    """Raises ValueError for more than 1000 ids, or one that comes twice: a verdict could not be told from the other's."""
    if len(ids) > MAX_BULK_ITEMS:
        raise ValueError(f"a bulk call has at most {MAX_BULK_ITEMS} items, got {len(ids)}")
    if len(set(ids)) != len(ids):
        raise ValueError("a bulk call names each item once")


def on_wire(item: DataItem) -> dict[str, Any]:
    """The item as an element of a request. The id stands in both places, as in the requests of Wix's SDK."""
    return {"id": item.id, "data": {**item.data, "_id": item.id}}


def save_chunks(collection: CollectionId, items: Iterable[DataItem], refused: list[Refusal]) -> Iterator[SaveChunk]:
    """The calls that save the items, each encoded only when its turn comes. Items that Wix could not take go to ``refused`` instead."""
    chunk = SaveChunk()
    for group in batched(items, GROUP, strict=False):
        for ids, part in _encoded(collection, group, refused):
            if chunk.parts and chunk.size + len(part) > MAX_BODY_BYTES:
                yield chunk
                chunk = SaveChunk()
            chunk.add(ids, part)
    if chunk.parts:
        yield chunk


def _encoded(collection: CollectionId, group: Sequence[DataItem], refused: list[Refusal]) -> Iterator[tuple[Sequence[WixItemId], bytes]]:
    """The items of a group as elements of a JSON array, all together if that shows that each is well and small enough; else one by one."""
    try:
        together = encode([on_wire(item) for item in group])[1:-1]
    except ValueError:
        together = b""
    if 0 < len(together) <= MAX_ITEM_BYTES:
        yield [item.id for item in group], together
        return
    for item in group:
        try:
            data = encode({**item.data, "_id": item.id})
        except ValueError as error:
            refused.append(Refusal(collection, item.id, NOT_JSON, str(error)))
            continue
        if len(data) > MAX_ITEM_BYTES:
            refused.append(Refusal(collection, item.id, TOO_LARGE, f"the item has {len(data)} bytes, more than {MAX_ITEM_BYTES}"))
            continue
        yield [item.id], b'{"id":' + encode(item.id) + b',"data":' + data + b"}"


def refusals(operation: str, collection: CollectionId, ids: Sequence[WixItemId], results: object) -> list[Refusal]:
    """Those of the items that were refused; every other one was carried out.

    A result belongs to the item at its ``originalIndex``, or to its ``id`` where there is no index. Raises an ambiguous Unavailable unless each item has
    a verdict, no two of which disagree, and every result belongs to an item.
    """
    if not isinstance(results, list):
        raise unusable(operation, "the answer has no results")
    found: list[Refusal | bool | None] = [None] * len(ids)
    by_id: dict[str, int] = {}
    for result in results:
        metadata = members(members(result).get("itemMetadata"))
        index, named = metadata.get("originalIndex"), metadata.get("id")
        if index is None and isinstance(named, str):
            by_id = by_id or {identifier: position for position, identifier in enumerate(ids)}
            index = by_id.get(named)
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(ids) or named not in (None, "", ids[index]):
            raise unusable(operation, "a result belongs to no item")
        verdict = _verdict(metadata, collection, ids[index])
        if verdict is None or (found[index] is not None and found[index] != verdict):
            raise unusable(operation, "a result contradicts itself or another")
        found[index] = verdict
    missing = found.count(None)
    if missing:
        raise unusable(operation, f"{missing} of {len(ids)} items have no verdict")
    return [verdict for verdict in found if isinstance(verdict, Refusal)]


def _verdict(metadata: Mapping[str, Any], collection: CollectionId, item_id: WixItemId) -> Refusal | bool | None:
    """A refusal, True for an item that was carried out, or None for neither or both."""
    error = metadata.get("error")
    if metadata.get("success") is True:
        return None if error else True
    if metadata.get("success") is not False and not error:
        return None
    described = members(error)
    description = described.get("description")
    text = description[:_MOST_DESCRIPTION] if isinstance(description, str) else ""
    return Refusal(collection, item_id, vendor_code(described.get("code")) or UNKNOWN, text)
